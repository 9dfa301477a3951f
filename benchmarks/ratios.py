"""From times to ratios: to torch's columns, each to its own round, and who loses where."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.contenders import LOOPS, OTHERS, rivals
from benchmarks.measure import Timing

NOISY = 0.1
"""A ratio is noisy if 8 of 10 rounds are not within this part of it, up and down, on average."""


@dataclass(frozen=True)
class Ratio:
    """The median over the rounds, and between which two values 8 of 10 are."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Ratio":
        """Sum up the rounds."""
        return cls(*(float(value) for value in np.percentile(values, [10, 50, 90])))

    @property
    def spread(self) -> float:
        """Half of what is between the two values, as a part of the median."""
        return (self.high - self.low) / 2 / self.median

    @property
    def noisy(self) -> bool:
        """Whether it is worth a mark."""
        return self.spread > NOISY


@dataclass(frozen=True)
class Standing:
    """How one contender does in one line of a suite.

    Attributes
    ----------
    timing : its own
    nchw : the ratio to torch in its default memory format
    best : the ratio to whichever of torch's columns is the fastest there
    column : which one that is
    """

    timing: Timing
    nchw: Ratio
    best: Ratio
    column: str

    @property
    def loses(self) -> bool:
        """Whether it takes longer, beyond what the rounds leave open."""
        return self.best.low > 1


class Grid:
    """The timings of one suite with one allocator, to be looked up."""

    def __init__(self, timings: Iterable[Timing], suite: str, allocator: str) -> None:
        self.timings = [each for each in timings if (each.suite, each.allocator) == (suite, allocator)]
        self.found = {(each.implementation, each.row, each.direction): each for each in self.timings}
        self.names = list(dict.fromkeys(each.implementation for each in self.timings))

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Row and direction, in order."""
        return list(dict.fromkeys((each.row, each.direction) for each in self.timings))

    def at(self, name: str, line: tuple[str, str]) -> Timing | None:
        """A timing, if that one took part."""
        return self.found.get((name, *line))

    def standing(self, name: str, line: tuple[str, str]) -> Standing | None:
        """Compare one contender with torch in one line."""
        mine = self.at(name, line)
        its = [found for column in rivals(name, self.names) if (found := self.at(column, line)) is not None]
        if mine is None or not its:
            return None
        best = min(its, key=lambda each: each.second)
        return Standing(mine, Ratio.of(mine.ratios(its[0])), Ratio.of(mine.ratios(best)), best.implementation)

    def standings(self, name: str) -> list[Standing]:
        """Compare it in all its lines."""
        return [found for line in self.lines if (found := self.standing(name, line)) is not None]

    @property
    def ours(self) -> list[str]:
        """Our contenders but the loops."""
        columns = {column for name in self.names for column in rivals(name, self.names)}
        torch = {name for name in self.names if name.startswith("torch")}
        return [name for name in self.names if name not in {*columns, *torch, *OTHERS, LOOPS}]

    def only_repeats(self, name: str) -> bool:
        """Whether it computes in every line what another one does, so that there is nothing to tell."""
        return all(each.same_as for each in self.timings if each.implementation == name)


def grids(timings: Sequence[Timing], suite: str) -> dict[str, Grid]:
    """One grid for each allocator that a suite was timed with."""
    allocators = dict.fromkeys(each.allocator for each in timings if each.suite == suite)
    return {allocator: Grid(timings, suite, allocator) for allocator in allocators}


def suites(timings: Iterable[Timing]) -> list[str]:
    """The suites that were timed."""
    return list(dict.fromkeys(each.suite for each in timings))


def geometric_mean(values: Iterable[float]) -> float:
    """The mean of ratios: that of a number and of its inverse is 1.

    >>> geometric_mean([4.0, 0.25])
    1.0
    """
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))
