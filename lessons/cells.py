"""The cells of a marimo notebook as one reads them, without running them."""

import ast
import inspect
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes
    ----------
    code : without what marimo puts around it
    hidden : whether marimo shows only its result
    """

    code: str
    hidden: bool

    @property
    def words(self) -> str:
        r"""The Markdown of a cell that shows nothing else and computes nothing, "" of any other.

        >>> Cell('mo.md(\"\"\"\n# One\n\"\"\")', hidden=True).words, Cell('mo.md(f"{x}")', hidden=True).words
        ('# One', '')
        """
        match ast.parse(self.code).body:
            case [ast.Expr(ast.Call(ast.Attribute(ast.Name("mo"), "md"), [ast.Constant(str(text))], []))]:
                return inspect.cleandoc(text)
        return ""

    @property
    def chooses(self) -> bool:
        """Whether it makes an element in which the reader chooses something: `mo.ui...`."""
        return any(
            isinstance(node, ast.Attribute) and ast.unparse(node) == "mo.ui" for node in ast.walk(ast.parse(self.code))
        )


def cells(source: str) -> list[Cell]:
    r"""Take a marimo notebook apart.

    >>> first = "@app.cell\ndef _():  # fmt: skip\n    # one\n    x = 1\n    return (x,)\n"
    >>> cells(first + "\n\n@app.cell(hide_code=True)\ndef _(x):\n    x\n    return\n")
    [Cell(code='# one\nx = 1', hidden=False), Cell(code='x', hidden=True)]
    """
    lines = source.splitlines()
    found = []
    for function in ast.parse(source).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        (decorator,) = function.decorator_list
        hidden = isinstance(decorator, ast.Call) and any(word.arg == "hide_code" for word in decorator.keywords)
        # A comment may stand first, so the code begins below the line that ends the signature.
        start = max([function.lineno, *(name.lineno for name in function.args.args)])
        while not re.search(r"\):\s*(#.*)?$", lines[start - 1]):
            start += 1
        code = "\n".join(line.removeprefix("    ") for line in lines[start : function.body[-1].lineno - 1])
        found.append(Cell(code.strip(), hidden))
    return found
