"""Compare a run with an earlier one, and say who has become slower.

Times of two runs differ by what the machine did meanwhile; a ratio to torch in the same round differs by much less. So
each line compares  r = ours / torch NCHW  now with r then. Of r every run has as many samples as it had rounds:

    then   ----[ 10 %  ====  90 % ]----------------------------
    now    --------------------------[ 10 %  ====  90 % ]------      significantly slower

A line is slower if the two ranges do not meet, and the medians are more than THRESHOLD apart besides: 10 to 90 % of the
rounds say how far one run is sure of itself, and two runs of the very same code are further apart than that (memory
lies elsewhere). With fewer than LEAST_ROUNDS rounds the ranges mean nothing, and the line is not judged. Nor is
anything where other programs took more than BUSY of the CPUs in one of the runs: torch's threads wait for each other
then. On two cores that others kept busy, two runs within minutes gave factors from 1/100 to 31.

By chance alone, two sets of five rounds lie apart in that way about once in 60 times; the threshold is for the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.contenders import CPU, CUDA, OTHERS, rivals
from benchmarks.headline import BUSY, line_name
from benchmarks.measure import Results, Timing
from benchmarks.ratios import Ratio, geometric_mean
from benchmarks.words import SHORT, Table, digits, times
from parity_tests.report.layout import fold

THRESHOLD = 1.1
LEAST_ROUNDS = 5

SAME = ("CPU", "GPU", "threads")
"""What both runs must have in common."""


@dataclass(frozen=True)
class Change:
    """One contender in one line, then and now.

    Attributes
    ----------
    then, now : the ratios to torch
    enough : whether both have rounds enough to be judged
    """

    timing: Timing
    then: Ratio
    now: Ratio
    enough: bool

    @property
    def factor(self) -> float:
        """How many times as long it takes now."""
        return self.now.median / self.then.median

    @property
    def slower(self) -> bool:
        """Whether it is significantly slower."""
        return self.enough and self.now.low > self.then.high and self.factor > THRESHOLD

    @property
    def faster(self) -> bool:
        """Whether it is significantly faster."""
        return self.enough and self.now.high < self.then.low and self.factor < 1 / THRESHOLD

    @property
    def word(self) -> str:
        """What to say of it."""
        if not self.enough:
            return "few rounds"
        return "SLOWER" if self.slower else "faster" if self.faster else ""


def why_not(environment: dict[str, str], then: Results) -> str | None:
    """Tell why two runs cannot be compared: a ratio to torch on another machine says nothing about our code."""
    if then.wrong or not then.timings:
        return "has no times in it"
    for what in SAME:
        if environment.get(what) != then.environment.get(what):
            return f"was measured with {what} {then.environment.get(what)}, and here it is {environment.get(what)}"
    return None


def why_not_judged(now: Results, then: Results) -> str | None:
    """Tell why no slow-down can be told from noise, or None if it can."""
    for when, results in (("now", now), ("then", then)):
        if results.others is not None and results.others > BUSY:
            return (
                f"other programs took {results.others:.0%} of the CPUs {when}, so no slow-down can be told from noise"
            )
    if not any(each.enough for each in changes(now.timings, then.timings)):
        return f"nothing that both runs have was timed in {LEAST_ROUNDS} rounds in each"
    return None


def changes(now: Sequence[Timing], then: Sequence[Timing]) -> list[Change]:
    """Compare ours in all lines that both runs have, and in which torch was timed beside them."""
    before, after = lookup(then), lookup(now)
    found = []
    for key, timing in after.items():
        if key not in before or timing.implementation in (*CPU, *CUDA, *OTHERS) or timing.same_as:
            continue
        pair = [ratio_to_torch(each, table) for each, table in ((before[key], before), (timing, after))]
        if pair[0] and pair[1]:
            enough = min(map(len, pair)) >= LEAST_ROUNDS
            found.append(Change(timing, Ratio.of(pair[0]), Ratio.of(pair[1]), enough))
    return found


def lookup(timings: Sequence[Timing]) -> dict[tuple[str, ...], Timing]:
    """The timings by what they are of: the same problem, not only the same name of a row."""
    return {(each.implementation, each.allocator, each.problem, each.row, each.direction): each for each in timings}


def ratio_to_torch(timing: Timing, table: dict[tuple[str, ...], Timing]) -> list[float]:
    """To torch NCHW in the same rounds; nothing if it was not timed."""
    present = [
        each
        for each in table.values()
        if (each.allocator, each.row, each.direction) == (timing.allocator, timing.row, timing.direction)
    ]
    [column, *_] = rivals(timing.implementation, [each.implementation for each in present]) or [""]
    return next((timing.ratios(each) for each in present if each.implementation == column), [])


def verdict(found: Sequence[Change]) -> str:
    """Say whether anything has become slower."""
    judged = [each for each in found if each.enough]
    slower = sorted((each for each in judged if each.slower), key=lambda each: -each.factor)
    mean = digits(geometric_mean(each.factor for each in judged))
    if not slower:
        return f"no significant slow-down in {len(judged)} lines (geometric mean {mean} x the time of the earlier run)"
    worst = ", ".join(
        f"{each.timing.implementation} in {line_name(each.timing)} {digits(each.factor)} x" for each in slower
    )
    return f"significantly slower than in the earlier run in {len(slower)} of {len(judged)} lines: {worst}"


def text(now: Results, then: Results, name: str) -> str:
    """The verdict, all changes, and when that was."""
    found, reason = changes(now.timings, then.timings), why_not_judged(now, then)
    groups = dict.fromkeys((each.timing.implementation, each.timing.allocator) for each in found)
    parts = [f"not judged: {reason}" if reason else verdict(found)]
    legend = (
        "then, now: the ratio to torch NCHW, 8 of 10 rounds. SLOWER, faster: the two ranges do not meet, and the "
        f"medians differ by more than {THRESHOLD - 1:.0%}"
    )
    about = f"then: {name}, commit {then.environment.get('commit', 'unknown')}, {then.environment.get('versions', '')}"
    tables = [
        str(table([each for each in found if (each.timing.implementation, each.timing.allocator) == group], not reason))
        for group in groups
    ]
    return "\n\n".join([*map(fold, parts), *tables, fold(legend), fold(about)]) + "\n"


def table(found: Sequence[Change], judged: bool) -> Table:
    """One contender with one allocator, then and now."""
    lines = []
    for each in found:
        ranges = [f"{times(ratio.low)}-{times(ratio.high)}" for ratio in (each.then, each.now)]
        word = each.word if judged else ""
        lines.append([each.timing.row, SHORT[each.timing.direction], *ranges, times(each.factor), word])
    who = found[0].timing
    headings = ["row", "", "then\n10-90 %", "now\n10-90 %", "now /\nthen", ""]
    return Table(f"{who.implementation}, malloc {who.allocator}", headings, lines)
