"""How numbers and tables are written: ASCII only, in 80 columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from tabulate import SEPARATING_LINE, tabulate

from parity_tests.report.layout import fold

SHORT = {"forward": "fwd", "forward+backward": "f+b", "step": "step", "epoch": "epoch"}
"""Direction -> in a table."""


@dataclass(frozen=True)
class Table:
    """A table, its title, and how many of its columns begin at the left."""

    title: str
    headings: Sequence[str]
    lines: Sequence[Sequence[str]]
    left: int = 2

    def __str__(self) -> str:
        return "\n\n".join(filter(None, [fold(self.title), narrow(self.headings, self.lines, self.left)]))


def narrow(headings: Sequence[str], lines: Sequence[Sequence[str]], left: int = 1) -> str:
    """A table whose headings are lines of it: as headings, tabulate would make their columns two wider.

    Parameters
    ----------
    headings : of two lines each, or of one
    lines : the words below
    left : that many columns begin at the left, the others end at the right
    """
    above, below = zip(*(heading.rpartition("\n")[::2] for heading in headings), strict=True)
    return tabulate(
        [above, below, SEPARATING_LINE, *lines],
        tablefmt="simple",
        disable_numparse=True,
        colalign=["left"] * left + ["right"] * (len(headings) - left),
    )


def mark(scaled: bool) -> str:
    """The mark of a number that was scaled up."""
    return "~" if scaled else ""


def digits(value: float, count: int = 3) -> str:
    """Write a positive number with at least that many digits, and never with an exponent.

    >>> digits(0.01234), digits(1.234), digits(99.96), digits(12345.6), digits(1.26, 2)
    ('0.0123', '1.23', '100', '12346', '1.3')
    """
    places = count - 1 - int(f"{value:.{count - 1}e}".partition("e")[2])
    return f"{value:.{max(places, 0)}f}"


def times(value: float) -> str:
    """Write a ratio in about four characters.

    >>> times(0.01634), times(0.8512), times(12.34), times(1234.5)
    ('0.016', '0.85', '12', '1234')
    """
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}" if value >= 0.001 else f"{value:.4f}"
