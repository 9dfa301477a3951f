"""What is printed: verdict, tables, and what the numbers mean; or all of it as JSON. ASCII only, in 80 columns."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from tabulate import SEPARATING_LINE, tabulate

from benchmarks.contenders import LOOPS, OTHERS
from benchmarks.measure import Results, Timing
from parity_tests.harness.comparison import Verdict
from parity_tests.report.as_json import strict
from parity_tests.report.layout import fold

SCHEMA = 2
"""The version of the JSON, raised whenever a field changes its name or meaning."""

BUSY = 0.05
"""What other programs may take of the CPUs before it is worth a word."""

SHORT = {"forward": "forward", "forward+backward": "fwd+bwd", "step": "step"}

LEGEND = """\
fwd+bwd  forward, and backward with all gradients
step     forward, cross entropy, backward, SGD
ms       the median of all rounds; ~ where a part was done, and scaled up
ratio    to torch in the same round, the median; 8 of 10 are within 10-90 %
times    the same, to the one that is named
index    rms error against float64, in roundings of float32; to 1 it is accurate
         (- where there is nothing finer to compare with)
naive    the ratio of scratch.naive"""


def verdict(results: Results) -> str:
    """Say in words, in the first line, how everybody does."""
    if results.wrong:
        return refusal(results)
    lines = []
    for suite, timings in suites(results.timings).items():
        for name, its in headliners(timings).items():
            mean = math.exp(sum(math.log(each.ratio) for each in its) / len(its))
            times = mark(any(map(is_scaled, its))) + digits(mean)
            mean_of = f"(geometric mean of {len(its)} row{'s' * (len(its) > 1)})"
            lines.append(fold(f"{suite}: {name} takes {times} x {its[0].rival}'s time {mean_of}"))
            imprecise = dict.fromkeys(each.row for each in its if each.verdict is Verdict.IMPRECISE)
            lines += [f"{name} is imprecise, so its time does not compare, in {row}" for row in imprecise]
    return "\n".join([*lines, *doubts(results)])


def refusal(results: Results) -> str:
    """Say who was wrong."""
    names = dict.fromkeys(each.implementation for each in results.wrong)
    return f"{' and '.join(names)} computed something wrong, so nothing was timed"


def doubts(results: Results) -> list[str]:
    """What takes from the verdict."""
    lines = []
    if results.quick:
        lines.append("Short rounds are noisy: without --quick the figures are better")
    if results.others is not None and results.others > BUSY:
        lines.append(f"Other programs took {results.others:.0%} of the CPUs meanwhile: the figures are noisy")
    return lines


def text(results: Results) -> str:
    """Write everything."""
    parts = [verdict(results), *reasons(results)]
    for timings in suites(results.timings).values():
        parts += [*tables(timings), rows(timings)]
    if results.timings:
        parts.append(LEGEND)
    return "\n\n".join([*parts, surroundings(results)]) + "\n"


def reasons(results: Results) -> list[str]:
    """Say why somebody was refused."""
    return [fold(f"{each.implementation}, {each.row}: {each.reason}") for each in results.wrong]


def surroundings(results: Results) -> str:
    """Say what computed here, and who could not."""
    about = results.environment | {f"not timed, {name}": why for name, why in results.not_timed.items()}
    return "\n".join(fold(f"{what}: {value}") for what, value in about.items())


def suites(timings: Sequence[Timing]) -> dict[str, list[Timing]]:
    """Sort the timings by their suites."""
    return {name: [each for each in timings if each.suite == name] for name in dict.fromkeys(t.suite for t in timings)}


def headliners(timings: Sequence[Timing]) -> dict[str, list[Timing]]:
    """Those who get a line of the verdict: ours; if there are none, whoever is compared with torch."""
    names = dict.fromkeys(each.implementation for each in timings if each.implementation != each.rival)
    ours = [name for name in names if name not in OTHERS]
    return {name: [each for each in timings if each.implementation == name] for name in ours or names}


def tables(timings: Sequence[Timing]) -> list[str]:
    """Write the tables of one suite: one for each of ours, and one for each row in which there are others, too.

    The loops are a column beside scratch, if scratch is there.
    """
    names = [name for name in headliners(timings) if name not in OTHERS]
    if "scratch" in names and LOOPS in names:
        names.remove(LOOPS)
    found = [table(timings, name, LOOPS if name == "scratch" else None) for name in names]
    first = "scratch" if "scratch" in names else timings[0].rival
    contested = dict.fromkeys(each.row for each in timings if each.implementation in OTHERS)
    return found + [ranking([each for each in timings if each.row == row], first) for row in contested]


def table(timings: Sequence[Timing], name: str, loops: str | None) -> str:
    """Compare one contender with its rival, one line for each row and direction."""
    found = {(each.implementation, each.row, each.direction): each for each in timings}
    lines = []
    for ours in headliners(timings)[name]:
        rival = found[ours.rival, ours.row, ours.direction]
        naive = None if loops is None else found.get((loops, ours.row, ours.direction))
        scaled = mark(is_scaled(ours))
        line = {
            "row": ours.row if ours.direction == "forward" else "",
            "": SHORT[ours.direction],
            f"{ours.rival}\nms": digits(1e3 * rival.second),
            f"{name}\nms": scaled + digits(1e3 * ours.second),
            "ratio": scaled + digits(ours.ratio),
            "10-90 %": middle(ours.ratios),
            "index": index(ours),
        }
        lines.append(line | ({"naive": mark(is_scaled(naive)) + digits(naive.ratio)} if naive else {}))
    return narrow(list(lines[0]), [list(line.values()) for line in lines], left=2)


def ranking(timings: Sequence[Timing], first: str) -> str:
    """Compare everybody who was timed in one row with one of them, the fastest above."""
    [base] = [each for each in timings if each.implementation == first]
    lines = []
    for each in sorted(timings, key=lambda timing: timing.second):
        scaled = mark(is_scaled(each))
        times = [mine / its for mine, its in zip(each.seconds, base.seconds, strict=False)]
        ms, median = (scaled + digits(value) for value in (1e3 * each.second, float(np.median(times))))
        lines.append([each.implementation, ms, median, middle(times), index(each)])
    return narrow([base.row, "ms", f"times\n{first}", "10-90 %", "index"], lines)


def middle(ratios: Sequence[float]) -> str:
    """Between which two 8 of 10 of the ratios are."""
    low, high = np.percentile(ratios, [10, 90])
    return f"{digits(low, 2)}-{digits(high, 2)}"


def index(timing: Timing) -> str:
    """The precision index."""
    return "-" if timing.index is None else f"{timing.index:.2f}"


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


def rows(timings: Sequence[Timing]) -> str:
    """Say what each row is, and which part of it was done by whom."""
    lines = {}
    for each in timings:
        if each.implementation == each.rival:
            lines[each.row] = fold(f"{each.row}: {each.problem}")
        elif is_scaled(each):
            part = f"~ {each.implementation}: {each.problem}, times {each.scaled_by:g}"
            lines[f"{each.row}, {each.implementation}"] = fold(part, "  ")
    return "\n".join(lines.values())


def as_json(results: Results) -> str:
    """Write everything as JSON, the seconds and ratios of every round included."""
    content = {"schema": SCHEMA, "verdict": verdict(results), **asdict(results)}
    return json.dumps(strict(content), allow_nan=False, indent=1) + "\n"


def is_scaled(timing: Timing) -> bool:
    """Whether only a part was done, and the time scaled up."""
    return timing.scaled_by != 1


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
