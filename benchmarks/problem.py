"""What every problem has: numbers that are the same for everybody, and a judge."""

from dataclasses import dataclass
from typing import Protocol

from benchmarks.contenders import Contender
from benchmarks.timing import Arm
from parity_tests.harness.comparison import Comparison

SEED = 0


@dataclass(frozen=True)
class Judged:
    """One tensor, judged; `where` says whose it is."""

    where: str
    tensor: str
    comparison: Comparison

    def __str__(self) -> str:
        found = self.comparison
        how = found.reason or f"is off by {found.worst:.3g} x what rounding allows"
        at = "" if found.at is None else f", at {list(found.at)}: {found.got:.9g}, should be {found.want:.9g}"
        return f"{self.tensor} of {self.where} {how}{at}"


class DoesNotServeError(Exception):
    """An algorithm that was asked for by name does not serve a problem; it says why."""


class Trial(Protocol):
    """A problem with its numbers, the same for everybody."""

    def arm(self, contender: Contender) -> Arm | None:
        """Build what is timed; None if the contender has no such thing.

        Raises
        ------
        DoesNotServeError
            if it has, by the name of an algorithm, but not for numbers of this size
        """

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Compare it with the oracle."""


class Problem(Protocol):
    """What is timed, in words and in numbers. Equal problems have equal numbers."""

    @property
    def directions(self) -> tuple[str, ...]:
        """What is timed of it: the keys of every arm's `calls`."""

    @property
    def dtype(self) -> str:
        """What it is computed in."""

    @property
    def bytes_to_judge(self) -> int:
        """About how much memory it takes to judge it; 0 where that is nothing to speak of."""

    def draw(self) -> Trial:
        """Draw the numbers."""
