"""An extension of griffe, which reads the docstrings: it makes Markdown of them.

Our docstrings are plain text that is read as it stands in the source: formulas and pictures, sections of NumPy's style
with `name : what it is`, and doctests. Markdown would run the lines of a picture together.
"""

import re
from collections.abc import Iterator
from typing import Any

import griffe

SECTION = re.compile(r"([A-Z]\w+)\n-{3,}(?:\n|$)")
LISTED = ("Parameters", "Attributes", "Raises", "Returns", "Yields")
COLUMNS = re.compile(r"\S {3,}\S")
"""What Markdown would not keep: lines that are drawn or written in columns."""


class AsMarkdown(griffe.Extension):
    """Rewrites every docstring before it is shown."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of a module, a class or a function."""
        if obj.docstring:
            obj.docstring.value = "\n\n".join(paragraphs(obj.docstring.value))


def paragraphs(docstring: str) -> Iterator[str]:
    r"""The paragraphs of a docstring, as Markdown.

    >>> list(paragraphs("Twice.\n\n>>> double([1])[0]\n2\n\nParameters\n----------\nx : array\n    of (N, C)"))
    ['Twice.', '```pycon\n>>> double([1])[0]\n2\n```', '**Parameters**', '- `x`: array of (N, C)']
    """
    section = ""
    for text in re.split(r"\n\s*\n", docstring):
        heading = SECTION.match(text)
        if heading:
            section = heading[1]
            yield f"**{section}**"
        paragraph = text[heading.end() :] if heading else text
        if not paragraph.strip():
            continue
        if ">>> " in paragraph.partition("\n")[0]:
            yield fenced("pycon", paragraph)
        elif COLUMNS.search(paragraph) and not paragraph.startswith(" "):
            yield fenced("text", paragraph)
        elif section in LISTED and not paragraph.startswith(" "):
            yield "\n".join(items(paragraph))
        else:
            yield paragraph


def fenced(language: str, code: str) -> str:
    """Some code."""
    return f"```{language}\n{code}\n```"


def items(paragraph: str) -> Iterator[str]:
    r"""What a section lists: a line each, if it lists anything.

    >>> list(items("ValueError\n    if x is empty"))
    ['- `ValueError`: if x is empty']
    >>> list(items("(kH,) and (kW,) arrays,\nor None"))
    ['(kH,) and (kW,) arrays,', 'or None']
    """
    for item in re.split(r"\n(?! )", paragraph):
        first, _, more = item.partition("\n")
        name, colon, text = first.partition(" : ")
        yield f"- `{name}`: {' '.join(f'{text} {more}'.split())}" if colon or more else item
