"""How verdicts and paragraphs look on a terminal: tables and lines of 80 columns, nothing cut off, no colour."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tabulate import tabulate

from parity_tests.harness.comparison import INDEX_LIMIT, NORMWISE, Comparison, Verdict

WIDTH = 80
ENORMOUS = 1e6  # how much more is of no interest: where the law allows almost nothing, a fraction of it has no meaning

THRESHOLDS: Mapping[str, Mapping[str, object]] = {
    "law": {
        "means": "the largest |got - want| / hard bound: no rounding, in any order of summation, errs by more",
        "at most": 1.0,
    },
    "index": {
        "means": "rms(got - want) / rms(scale), the size that errors have in practice; it decides where the referee is "
        "finer than what it judges, which is in float32",
        "at most": INDEX_LIMIT,
    },
    "norm": {
        "means": "beyond the law: the largest |got - want| / (epsilon of the format x the largest |want|); up to that "
        "it is imprecise, above it wrong",
        "at most": NORMWISE,
    },
}
"""Agreement is exact, or within law and index. Imprecise is above the index, or beyond the law and within the norm."""


@dataclass(frozen=True)
class Table:
    """Headers, in which a line may break, and rows of cells."""

    headers: Sequence[str]
    rows: Sequence[Sequence[object]]

    def __str__(self) -> str:
        return table(self.headers, self.rows)


@dataclass(frozen=True)
class Section:
    """A table with its title; what is to be said above it, and below it in paragraphs."""

    title: str
    table: Table
    notes: Sequence[str] = field(default_factory=list)
    lead: str = ""

    def __str__(self) -> str:
        head = fold(f"{self.title}. {self.lead}" if self.lead else self.title)
        return "\n\n".join(filter(None, [head, str(self.table), "\n".join(map(fold, self.notes))]))


def cell(comparisons: list[tuple[str, Comparison]]) -> str:
    """The worst verdict of all dtypes, and the worst fraction of the law where not all was exact.

    Of agreement the fraction shown is float32's: in float64 the oracle is the referee itself, so its own error is 0
    there and part of everybody else's.
    """
    worst = max((found.verdict for _, found in comparisons), key=list(Verdict).index)
    if worst is Verdict.EXACT:
        return str(worst)
    of_dtype = min(dtype for dtype, _ in comparisons)
    shown = [found.worst for dtype, found in comparisons if dtype == of_dtype or not worst.agrees]
    word = {Verdict.ACCURATE: "", Verdict.IMPRECISE: "imprecise ", Verdict.WRONG: "WRONG "}[worst]
    return word + fraction(max(shown))


def fraction(value: float) -> str:
    """A fraction of a law, in about five characters."""
    if value > ENORMOUS:
        return ">1e6"
    return f"{value:.3f}" if 0.001 <= value < 1 else f"{value:.2g}"


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table of text; the columns are as wide as they must be."""
    return tabulate(rows, headers, tablefmt="simple", disable_numparse=True)


def fold(text: str, indent: str = "") -> str:
    """Break a paragraph into lines of at most 80 columns; no word is cut, nor a path with a hyphen."""
    further = indent + "  " * bool(indent)
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )


def unfolded(paragraphs: Iterable[str]) -> list[str]:
    """Each paragraph in one line again."""
    return [" ".join(paragraph.split()) for paragraph in paragraphs]


def explained(words: Mapping[str, str]) -> str:
    """What each word means, in two columns."""
    first = max(map(len, words)) + 2
    return "\n".join(
        textwrap.fill(meaning, WIDTH, initial_indent=f"{word:<{first}}", subsequent_indent=" " * first)
        for word, meaning in words.items()
    )
