"""What is printed: verdict, table, and what the numbers mean; or all of it as JSON. ASCII only, in 80 columns."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from tabulate import SEPARATING_LINE, tabulate

from benchmarks.contenders import LOOPS
from benchmarks.measure import Results, Timing
from parity_tests.harness.comparison import Verdict
from parity_tests.report.as_json import strict
from parity_tests.report.text import fold

SCHEMA = 1
"""The version of the JSON, raised whenever a field changes its name or meaning."""

BUSY = 0.05
"""What other programs may take of the CPUs before it is worth a word."""

SHORT = {"forward": "forward", "forward+backward": "fwd+bwd", "step": "step"}

LEGEND = """\
fwd+bwd  forward, and backward with all gradients
step     forward, cross entropy, backward, SGD
ms       the median of all rounds; ~ where a part was done, and scaled up
ratio    to torch in the same round, the median; 8 of 10 are within 10-90 %
index    rms error against float64, in roundings of float32; to 1 it is accurate
naive    the ratio of scratch.naive"""


def verdict(results: Results) -> str:
    """Say in words, in the first line, how everybody does."""
    if results.wrong:
        names = dict.fromkeys(each.implementation for each in results.wrong)
        return f"{' and '.join(names)} computed something wrong, so nothing was timed"
    lines = []
    for name, timings in by_contender(results.timings).items():
        mean = math.exp(sum(math.log(each.ratio) for each in timings) / len(timings))
        times = mark(any(map(is_scaled, timings))) + digits(mean)
        lines.append(f"{name} takes {times} x {timings[0].rival}'s time (geometric mean of {len(timings)} rows)")
        imprecise = dict.fromkeys(each.row for each in timings if each.verdict is Verdict.IMPRECISE)
        lines += [f"{name} is imprecise, so its time does not compare, in {row}" for row in imprecise]
    if results.quick:
        lines.append("Three short rounds are noisy: without --quick the figures are better")
    if results.others is not None and results.others > BUSY:
        lines.append(f"Other programs took {results.others:.0%} of the CPUs meanwhile: the figures are noisy")
    return "\n".join(lines)


def text(results: Results) -> str:
    """Write everything; the loops are a column beside scratch, if scratch is there."""
    parts = [verdict(results), *(fold(f"{each.implementation}, {each.row}: {each.reason}") for each in results.wrong)]
    for name in by_contender(results.timings):
        if name != LOOPS:
            parts.append(table(results.timings, name, LOOPS if name == "scratch" else None))
        elif "scratch" not in by_contender(results.timings):
            parts.append(table(results.timings, LOOPS, None))
    if results.timings:
        parts += [rows(results.timings), LEGEND]
    about = results.environment | {f"not timed, {name}": why for name, why in results.not_timed.items()}
    parts.append("\n".join(fold(f"{what}: {value}") for what, value in about.items()))
    return "\n\n".join(parts) + "\n"


def by_contender(timings: Sequence[Timing]) -> dict[str, list[Timing]]:
    """Sort the timings, those of the torch of comparison left out."""
    names = dict.fromkeys(each.implementation for each in timings if each.implementation != each.rival)
    return {name: [each for each in timings if each.implementation == name] for name in names}


def table(timings: Sequence[Timing], name: str, loops: str | None) -> str:
    """Compare one contender with its rival, one line for each row and direction."""
    found = {(each.implementation, each.row, each.direction): each for each in timings}
    lines = []
    for ours in by_contender(timings)[name]:
        rival = found[ours.rival, ours.row, ours.direction]
        naive = None if loops is None else found.get((loops, ours.row, ours.direction))
        low, high = np.percentile(ours.ratios, [10, 90])
        scaled = mark(is_scaled(ours))
        line = {
            "row": ours.row if ours.direction == "forward" else "",
            "": SHORT[ours.direction],
            f"{ours.rival}\nms": digits(1e3 * rival.second),
            f"{name}\nms": scaled + digits(1e3 * ours.second),
            "ratio": scaled + digits(ours.ratio),
            "10-90 %": f"{digits(low, 2)}-{digits(high, 2)}",
            "index": "-" if ours.index is None else f"{ours.index:.2f}",
        }
        lines.append(line | ({"naive": mark(is_scaled(naive)) + digits(naive.ratio)} if naive else {}))
    return narrow(list(lines[0]), [list(line.values()) for line in lines])


def narrow(headers: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table whose headings are lines of it: as headings, tabulate would make their columns two wider."""
    above, below = zip(*(header.rpartition("\n")[::2] for header in headers), strict=True)
    return tabulate(
        [above, below, SEPARATING_LINE, *lines],
        tablefmt="simple",
        disable_numparse=True,
        colalign=["left", "left", *["right"] * (len(headers) - 2)],
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
