"""The support table as a page: Markdown, and readable on a terminal of 80 columns."""

import textwrap
import tomllib
from pathlib import Path

from tabulate import tabulate

import parity_tests
from parity_tests.harness.coverage import SCHEDULERS
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.support.table import OF_ALL, WIDE, formats_of, rows, supported

FOLDER = Path(parity_tests.__file__).parent
PAGE = FOLDER.parent / "docs" / "support.md"

HEAD = """# What is supported

Every argument of torch's layers, losses, optimisers, schedules and clipping, and ours besides. It is generated from the
cases of the suite, and a test makes sure that it is in step with them:

    python3 run.py support Conv2d     # shows one table; without a name all
    python3 run.py support --write    # writes this page anew

- like torch: cases try the argument in this dtype, in {names}, and agree. In float16 that means torch's result in
float64, computed in float32 and rounded once: torch's own float16 is rounded several times on its way.
- refused: a TypeError or ValueError in each of them, before anything is computed.
- differs: a number under the table leads to [what differs and why](#differences), which the suite runs, too.

All implementations have the same cells, unless a cell names them. `gpu` runs its cases where a GPU answers; elsewhere
its array code does as gpu.on_numpy, and its kernels as gpu.emulated. Dtypes with the same words share a column."""

NUMBERS = list(dict.fromkeys([*WIDE, *OF_ALL]))
"""The known differences that the page refers to, in the order of their numbers."""


def page() -> str:
    """The whole page."""
    names = list(IMPLEMENTATIONS)
    head = HEAD.format(names=", ".join(names[:-1]) + " and " + names[-1])
    paragraphs = [folded(each) for each in head.split("\n\n")]
    return "\n\n".join([*paragraphs, *map(section, supported()), differences()]) + "\n"


def folded(paragraph: str) -> str:
    """A paragraph or a list in 80 columns; a heading and what is indented as they are."""
    if paragraph.startswith(("#", "    ")):
        return paragraph
    first, *items = f"\n{paragraph}".split("\n- ")
    filled = [textwrap.fill(item, 80, initial_indent="- ", subsequent_indent="  ") for item in items]
    return "\n".join([textwrap.fill(first.strip(), 80), *filled]).strip()


def section(op: str) -> str:
    """The table of one operation, and what is to be said below it."""
    formats, table = formats_of(op), rows(op)
    shown = [[row.argument, *(cell(row.cells, dtype) for dtype in formats)] for row in table]
    columns: dict[tuple[str, ...], list[str]] = {}
    for n, dtype in enumerate(formats, 1):
        columns.setdefault(tuple(line[n] for line in shown), []).append(dtype)
    if op in SCHEDULERS:
        headers = ["argument", "Python floats"]
    else:
        headers = ["argument", *(", ".join(dtypes) for dtypes in columns.values())]
    body = [[line[0], *(column[n] for column in columns)] for n, line in enumerate(shown)]
    parts = [f"## {op}"]
    if body:
        parts.append(tabulate(body, headers, tablefmt="github", disable_numparse=True))
    else:
        parts.append("It has no argument.")
    parts += [f"Differs: [{NUMBERS.index(key) + 1}](#differences)." for key, ops in WIDE.items() if op in ops]
    return "\n\n".join(parts)


def cell(cells: dict[str, dict[str, str]], dtype: str) -> str:
    """One word, if all implementations have the same; a word for each of them if not."""
    found = {name: by_dtype[dtype] for name, by_dtype in cells.items()}
    if len(words := dict.fromkeys(found.values())) == 1:
        (word,) = words
        return word
    return "; ".join(f"{name}: {word}" for name, word in found.items())


def differences() -> str:
    """The known differences that the page refers to, by their numbers."""
    known = tomllib.loads((FOLDER / "known_differences.toml").read_text(encoding="utf-8"))
    where = "From [known_differences.toml](../parity_tests/known_differences.toml), where all of them are"
    source = folded(f"{where}; the last {len(OF_ALL)} are of all layers:")
    listed = [
        textwrap.fill(f"{n}. {known[key]['what']} {known[key]['why']}", 80, subsequent_indent="   ")
        for n, key in enumerate(NUMBERS, 1)
    ]
    return "\n\n".join(["## Differences", source, "\n".join(listed)])
