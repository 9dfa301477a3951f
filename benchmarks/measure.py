"""Check everybody, then time everybody.

Both go row by row, and build what they need from the same seed: only one row's numbers lie in memory at a time, and
the clock can run in another process than the judge (see `allocator`).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from benchmarks.contenders import FAST, LOOPS, SLOW, Contender, Ours
from benchmarks.problem import DoesNotServeError, Judged, Problem, Trial
from benchmarks.rows import Row
from benchmarks.timing import Arm, Budget, interleave
from benchmarks.work import least_work
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
    problem : what it does: the row's, or a part of it
    scaled_by : how much larger the row is than that
    judged : its tensors
    ran : the algorithms that ran; "" where there is nothing to choose
    digest : of all that it computed; "" if nobody asked
    same_as : who has computed the same bits with the same algorithms, so that it is not timed a second time
    """

    problem: Problem
    scaled_by: float
    judged: list[Judged]
    ran: str = ""
    digest: str = ""
    same_as: str = ""

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
    allocator : "default" or "tuned": with which malloc
    problem : what was done, in words
    scaled_by : how much larger the row is than that; 1 unless only a part was done
    seconds : of one call, for each round; scaled up
    verdict, index : of what was computed before; None for torch in a training step, where it is the reference, and the
        index in float64, where the oracle is no finer
    ran : the algorithms that ran
    same_as : whose seconds these are, since both compute the same bits in the same way; "" if they are its own
    """

    suite: str
    row: str
    direction: str
    implementation: str
    allocator: str
    problem: str
    scaled_by: float
    seconds: list[float]
    verdict: Verdict | None
    index: float | None
    ran: str = ""
    same_as: str = ""

    @property
    def second(self) -> float:
        """The median of the seconds."""
        return float(np.median(self.seconds))

    def ratios(self, rival: "Timing") -> list[float]:
        """To another one, round by round; the slow ones have fewer rounds."""
        return [mine / its for mine, its in zip(self.seconds, rival.seconds, strict=False)]

    def ratio(self, rival: "Timing") -> float:
        """The median of the ratios."""
        return float(np.median(self.ratios(rival)))


@dataclass(frozen=True)
class Results:
    """Everything there is to tell; `timings` is empty if anybody is `wrong`.

    Attributes
    ----------
    work : row -> direction -> bytes that have to be moved and operations to be done, at the least
    ceilings : what the machine can do: bytes copied and operations done in a second (see `ceilings`)
    not_timed : who cannot run here, or which allocator -> why
    others : the part of all CPUs that other programs took while the clock ran; None if nobody knows
    """

    timings: list[Timing]
    wrong: list[Wrong]
    environment: dict[str, str]
    not_timed: dict[str, str]
    quick: bool
    others: float | None
    work: Mapping[str, Mapping[str, tuple[int, int]]]
    ceilings: Mapping[str, float]


Entries: TypeAlias = dict[str, dict[str, Entry]]
"""row -> contender -> Entry."""

Seconds: TypeAlias = dict[tuple[str, str, str], list[float]]
"""(row, direction, contender) -> of one call, for each round."""


@dataclass(frozen=True)
class Checked:
    """What the judge found.

    Attributes
    ----------
    entries : who may be timed in which row
    wrong : who may not, and so nobody
    work : of each row, see `Results`
    not_served : contender and row -> why its algorithm does not serve there, in its own words
    """

    entries: Entries
    wrong: list[Wrong]
    work: dict[str, dict[str, tuple[int, int]]]
    not_served: dict[str, str]


def check(rows: Sequence[Row], everybody: Mapping[str, Contender], progress: Progress) -> Checked:
    """Build everything, and judge it. Who has no such thing as a row asks for is left out.

    Raises
    ------
    MemoryError
        if there is not enough
    """
    found = Checked({}, [], {}, {})
    for row in progress(rows, "checking"):
        entries = found.entries[row.name] = {}
        whole = 0
        for problem, names in by_problem(row, everybody).items():
            trial = problem.draw()
            if problem == row.problem:
                found.work[row.name] = least_work(trial)
            for name in names:
                try:
                    arm = trial.arm(everybody[name])
                    if arm is None:
                        continue
                    whole = whole or arm.work  # torch, who comes first, does the whole row
                    entry = judged(trial, problem, everybody[name], arm, whole / arm.work)
                except DoesNotServeError as error:
                    found.not_served[f"{name} in {row.name}"] = str(error)
                    continue
                except Exception as error:
                    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):  # so says torch
                        raise MemoryError from error
                    reason = f"{problem} raised {type(error).__name__}: {error}"
                    found.wrong.append(Wrong(row.suite, row.name, name, reason))
                    continue
                entries[name] = shared(entry, name, entries)
                beyond = [each for each in entry.judged if each.comparison.verdict is Verdict.WRONG]
                found.wrong.extend(Wrong(row.suite, row.name, name, str(each)) for each in beyond)
    return found


def by_problem(row: Row, names: Iterable[str]) -> dict[Problem, list[str]]:
    """Who does the whole row, and who a part of it: the loops."""
    found: dict[Problem, list[str]] = {}
    for name in names:
        found.setdefault(row.part or row.problem if name == LOOPS else row.problem, []).append(name)
    return found


def judged(trial: Trial, problem: Problem, contender: Contender, arm: Arm, scaled_by: float) -> Entry:
    """Judge one contender."""
    found = trial.judge(contender, arm)
    digest = digest_of(arm) if isinstance(contender, Ours) and contender.name != LOOPS else ""
    return Entry(problem, scaled_by, found, arm.ran(), digest)


def digest_of(arm: Arm) -> str:
    """All bits that an arm computes, in short."""
    found = hashlib.sha256()
    with arm.setting():
        for name, value in arm.results().items():
            found.update(name.encode() + value.tobytes())
    return found.hexdigest()


def shared(entry: Entry, name: str, others: Mapping[str, Entry]) -> Entry:
    """Note it where the faster precision has changed nothing."""
    strict = name.removesuffix(FAST)
    its = others.get(strict)
    if name == strict or its is None or (its.ran, its.digest) != (entry.ran, entry.digest):
        return entry
    return replace(entry, same_as=strict)


def clock(
    rows: Sequence[Row],
    names: Mapping[str, Sequence[str]],
    everybody: Mapping[str, Contender],
    budget: Budget,
    progress: Progress,
) -> Seconds:
    """Time some of everybody in every row and direction.

    Parameters
    ----------
    rows : what to time
    names : for each row those who are timed in it
    everybody : by name
    budget : how long to time one direction of a row
    progress : shows how far it is
    """
    found: Seconds = {}
    for row in progress(rows, "timing"):
        arms: dict[str, Arm] = {}
        for problem, group in by_problem(row, names[row.name]).items():
            trial = problem.draw()
            arms |= {name: arm for name in group if (arm := trial.arm(everybody[name])) is not None}
        arms = {name: arms[name] for name in names[row.name]}
        for direction in row.problem.directions:
            measured = interleave(arms, direction, budget, SLOW)
            found |= {(row.name, direction, name): seconds for name, seconds in measured.items()}
    return found


def timings(rows: Sequence[Row], entries: Entries, seconds: Seconds, allocator: str) -> Iterator[Timing]:
    """Put together what was timed, and what is known of it."""
    for row in rows:
        for direction in row.problem.directions:
            for name, entry in entries[row.name].items():
                its = seconds.get((row.name, direction, entry.same_as or name))
                if its is not None:
                    yield Timing(
                        suite=row.suite,
                        row=row.name,
                        direction=direction,
                        implementation=name,
                        allocator=allocator,
                        problem=str(entry.problem),
                        scaled_by=entry.scaled_by,
                        seconds=[entry.scaled_by * each for each in its],
                        verdict=entry.verdict,
                        index=entry.index(direction),
                        ran=entry.ran,
                        same_as=entry.same_as,
                    )
