"""What the pages of the documentation hold: links, headings, commands, and blocks of code."""

import re
from pathlib import Path
from typing import NamedTuple

import run

ROOT = Path(run.__file__).parent
PAGES = {
    page.relative_to(ROOT).as_posix(): page
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")))
}

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block of code, and the line of the page on which its code begins, counted from 0."""

    line: int
    code: str


def blocks(text: str, language: str) -> list[Block]:
    r"""All fenced blocks of one language.

    >>> blocks("Like this:\n\n```python\nx = 1\n```\n", "python")
    [Block(line=3, code='x = 1\n')]
    """
    matches = (match for match in FENCED.finditer(text) if match[1] == language)
    return [Block(text.count("\n", 0, match.start(2)), match[2]) for match in matches]


def prose(text: str) -> str:
    """The text without code, be it fenced, indented or within a line.

    >>> prose("[`conv.py`](conv.py) has `layers[0](x)`")
    '[](conv.py) has '
    """
    return re.sub(r"^ {4}.*$|`[^`\n]*`", "", FENCED.sub("", text), flags=re.MULTILINE)


def links(text: str) -> list[str]:
    """Where a page leads to, each place once."""
    return sorted(set(re.findall(r"\]\(([^)]+)\)", prose(text))))


def headings(text: str) -> list[str]:
    r"""The headings of all levels.

    >>> headings("# A page\n\n## One\n")
    ['A page', 'One']
    """
    return re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)


def anchors(text: str) -> list[str]:
    r"""What a link can lead to within a page: its headings in small letters, hyphens for spaces, no punctuation.

    >>> anchors("## A1. Parameters, counted\n")
    ['a1-parameters-counted']
    """
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(text)]


def commands(text: str) -> list[str]:
    """What stands behind `run.py`, each command line once."""
    return sorted(set(re.findall(r"run\.py ([^\n`#]+)", text)))
