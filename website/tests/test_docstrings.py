"""Docstrings become Markdown, and nothing in them is run together or lost."""

import pytest

from website.docstrings import paragraphs


@pytest.mark.parametrize(
    ("docstring", "markdown"),
    [
        ("One line.", ["One line."]),
        ("Sum.\n\n    y = a + b\n\nMore\nwords.", ["Sum.", "    y = a + b", "More\nwords."]),
        ("In memory.\n\na    b   c\n1    2   3", ["In memory.", "```text\na    b   c\n1    2   3\n```"]),
        (
            "Do.\n\nParameters\n----------\nx, y : arrays\n    of (N, C)\ndim : axis: an int\n\nMore of dim.",
            ["Do.", "**Parameters**", "- `x, y`: arrays of (N, C)\n- `dim`: axis: an int", "More of dim."],
        ),
        (
            "Do.\n\nRaises\n------\nValueError\n    if it is\n    wrong\nTypeError\n    never",
            ["Do.", "**Raises**", "- `ValueError`: if it is wrong\n- `TypeError`: never"],
        ),
        ("Do.\n\nReturns\n-------\n(kH,) arrays,\nor None", ["Do.", "**Returns**", "(kH,) arrays,\nor None"]),
        (
            "Do.\n\nExamples\n--------\n>>> f(1)[0]\narray([1,    2])",
            ["Do.", "**Examples**", "```pycon\n>>> f(1)[0]\narray([1,    2])\n```"],
        ),
    ],
)
def test_a_docstring(docstring, markdown):
    assert list(paragraphs(docstring)) == markdown
