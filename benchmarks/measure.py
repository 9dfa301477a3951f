"""Check everybody, then time everybody."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from benchmarks.contenders import LOOPS, SLOW, Contender
from benchmarks.problem import Judged, Problem
from benchmarks.rows import Row
from benchmarks.timing import Arm, Budget, interleave
from parity_tests.harness.comparison import Verdict

Progress: TypeAlias = Callable[[Sequence[Any], str], Iterable[Any]]
"""Shows how far a loop over a sequence is: its arguments are the sequence, and what is being done."""


@dataclass(frozen=True)
class Wrong:
    """Why a contender is refused."""

    suite: str
    row: str
    implementation: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """A contender that was checked, and may be timed in one row.

    Attributes
    ----------
    arm : what it does
    problem : what that is: the row's, or a part of it
    judged : its tensors
    """

    arm: Arm
    problem: Problem
    judged: list[Judged]

    def index(self, direction: str) -> float | None:
        """The worst precision index of a direction, of the outputs or of everything.

        None if nothing was judged, and for float64, where the oracle is no finer and an index says nothing.
        """
        if self.problem.dtype == "float64":
            return None
        return max(
            (each.comparison.index for each in self.judged if direction != "forward" or each.tensor == "y"),
            default=None,
        )

    @property
    def verdict(self) -> Verdict | None:
        """The worst verdict on any tensor; None if nothing was judged."""
        return max((each.comparison.verdict for each in self.judged), key=list(Verdict).index, default=None)


@dataclass(frozen=True)
class Timing:
    """One contender in one direction of one row.

    Attributes
    ----------
    suite, row, direction : what was timed
    implementation : who it was
    rival : who it is compared with
    problem : what was done, in words
    scaled_by : how much larger the row is than that; 1 unless only a part was done
    seconds : of one call, for each round; scaled up
    ratios : for each round, to the rival in the same round
    verdict, index : of what was computed before; None for torch in a training step, where it is the reference, and the
        index in float64, where the oracle is no finer
    """

    suite: str
    row: str
    direction: str
    implementation: str
    rival: str
    problem: str
    scaled_by: float
    seconds: list[float]
    ratios: list[float]
    verdict: Verdict | None
    index: float | None

    @property
    def second(self) -> float:
        """The median of the seconds."""
        return float(np.median(self.seconds))

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return float(np.median(self.ratios))


@dataclass(frozen=True)
class Results:
    """Everything there is to tell; `timings` is empty if anybody is `wrong`.

    Attributes
    ----------
    not_timed : who cannot run here -> why
    others : the part of all CPUs that other programs took while the clock ran; None if nobody knows
    """

    timings: list[Timing]
    wrong: list[Wrong]
    environment: dict[str, str]
    not_timed: dict[str, str]
    quick: bool
    others: float | None


Entries: TypeAlias = dict[str, dict[str, Entry]]
"""row -> contender -> Entry."""


def check(rows: Sequence[Row], everybody: Mapping[str, Contender], progress: Progress) -> tuple[Entries, list[Wrong]]:
    """Build everything, and judge it.

    Returns
    -------
    entries : what may be timed; who has no such thing as a row asks for is not in it
    wrong : one Wrong for every tensor beyond its law, or error; with any of them nothing should be timed
    """
    entries: Entries = {}
    wrong = []
    for row in progress(rows, "checking"):
        entries[row.name] = {}
        problems = {name: row.part or row.problem if name == LOOPS else row.problem for name in everybody}
        for problem in dict.fromkeys(problems.values()):
            trial = problem.draw()
            for name in [name for name in everybody if problems[name] == problem]:
                try:
                    arm = trial.arm(everybody[name])
                    if arm is None:
                        continue
                    judged = trial.judge(everybody[name], arm)
                except Exception as error:  # noqa: BLE001 (whatever it is, it is no right answer)
                    reason = f"{problem} raised {type(error).__name__}: {error}"
                    wrong.append(Wrong(row.suite, row.name, name, reason))
                    continue
                entries[row.name][name] = Entry(arm, problem, judged)
                beyond = [each for each in judged if each.comparison.verdict is Verdict.WRONG]
                wrong += [Wrong(row.suite, row.name, name, str(each)) for each in beyond]
    return entries, wrong


def time_all(
    rows: Sequence[Row], rivals: Mapping[str, str], entries: Entries, budget: Budget, progress: Progress
) -> list[Timing]:
    """Time everybody in every row and direction.

    Parameters
    ----------
    rows : what to time
    rivals : for each contender the one that its time is divided by (see `contenders.field`)
    entries : from `check`
    budget : how long to time one direction of a row
    progress : shows how far it is
    """
    timings = []
    lines = [(row, direction) for row in rows for direction in row.problem.directions]
    for row, direction in progress(lines, "timing"):
        here = entries[row.name]
        measured = interleave({name: entry.arm for name, entry in here.items()}, direction, budget, SLOW)
        scale = {name: here[rivals[name]].arm.work / entry.arm.work for name, entry in here.items()}
        seconds = {name: [scale[name] * each for each in measured[name]] for name in here}
        for name, entry in here.items():
            pairs = zip(seconds[name], seconds[rivals[name]], strict=False)  # the slow ones have fewer rounds
            timings.append(
                Timing(
                    suite=row.suite,
                    row=row.name,
                    direction=direction,
                    implementation=name,
                    rival=rivals[name],
                    problem=str(entry.problem),
                    scaled_by=scale[name],
                    seconds=seconds[name],
                    ratios=[mine / its for mine, its in pairs],
                    verdict=entry.verdict,
                    index=entry.index(direction),
                )
            )
    return timings
