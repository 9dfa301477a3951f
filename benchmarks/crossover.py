"""Where one method of filtering images becomes faster than another, and what the choice of method="auto" costs.

Every method filters with the same separable kernel; only "separable" cares what is in it. "auto" may take all three
methods for such a kernel, and two for any other: both choices are compared with the fastest that it may take. The
time of choosing is not counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from benchmarks.contenders import Contender, Ours
from benchmarks.document import head, render, short
from benchmarks.filter import Filter
from benchmarks.headline import doubts, refusal
from benchmarks.measure import Results, Timing
from benchmarks.report import reasons, surroundings
from benchmarks.rows import Row
from benchmarks.timing import Budget
from benchmarks.words import digits, narrow
from parity_tests.harness.case import DTYPES
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.report.layout import fold
from scratch.images import choose_method

DOCUMENT, SCHEMA = "crossover", 2
"""The version of the JSON, raised whenever a field changes its name or meaning."""

SIZES = (64, 256, 512, 1024)
KERNELS = (3, 5, 7, 9, 11, 13, 15, 19, 25, 31, 37, 43, 51)
METHODS = ("direct", "separable", "fft")
MAY_TAKE = {"separable": METHODS, "other": ("direct", "fft")}
"""Kind of kernel -> what "auto" may take for it."""
ONE = {"separable": "a separable", "other": "an inseparable"}

BUDGET = Budget(seconds=1.0, least=5, most=15, block=0.01)

LEGEND = """\
*         the fastest
auto      what method="auto" takes for a separable kernel, and for another
x         how many times the time of the fastest that it may take, in the same
          round, the median"""


class Place(NamedTuple):
    """A kernel of `k` cells on each side, on an image of `size` pixels on each side, both of `dtype`."""

    dtype: str
    size: int
    k: int

    def __str__(self) -> str:
        return f"{self.k}x{self.k} on {self.size}x{self.size}, {self.dtype}"


PLACES = [Place(*each) for each in product(DTYPES, SIZES, KERNELS)]


@dataclass(frozen=True)
class Point:
    """What was measured at one place.

    Attributes
    ----------
    seconds : method -> the median
    rounds : how many
    auto : kind of kernel -> the method that method="auto" takes
    regret : kind of kernel -> how many times as long as the fastest that takes; the median over the rounds
    """

    place: Place
    seconds: Mapping[str, float]
    rounds: int
    auto: Mapping[str, str]
    regret: Mapping[str, float]


def rows() -> list[Row]:
    """One row for each place."""
    return [Row("crossover", str(at), Filter.of((at.size, at.size), at.k, "product", at.dtype)) for at in PLACES]


def methods() -> dict[str, Contender]:
    """The contenders: the methods of scratch."""
    found = [Ours(IMPLEMENTATIONS["scratch"], method) for method in METHODS]
    return {each.name: each for each in found}


def points(timings: Sequence[Timing]) -> list[Point]:
    """Sum up what was measured."""
    rounds: dict[str, dict[str, list[float]]] = {}
    for timing in timings:
        rounds.setdefault(timing.row, {})[timing.implementation.partition(":")[2]] = timing.seconds
    return [point(place, rounds[str(place)]) for place in PLACES if str(place) in rounds]


def point(place: Place, rounds: Mapping[str, Sequence[float]]) -> Point:
    """Sum up one place; `rounds` are the seconds of each method."""
    seconds = {method: float(np.median(rounds[method])) for method in METHODS}
    auto, regret = chosen(place), {}
    for kind, method in auto.items():
        fastest = min(MAY_TAKE[kind], key=seconds.__getitem__)
        regret[kind] = float(np.median(np.divide(rounds[method], rounds[fastest])))
    return Point(place, seconds, len(rounds[METHODS[0]]), auto, regret)


def chosen(place: Place) -> dict[str, str]:
    """What method="auto" takes for each kind of kernel."""
    image = np.zeros((place.size, place.size), place.dtype)
    normal = np.random.default_rng(0).standard_normal((place.k, place.k))
    kernels = {"separable": np.outer(normal[0], normal[1]), "other": normal}
    return {kind: choose_method(image, kernel) for kind, kernel in kernels.items()}


def verdict(results: Results, found: Sequence[Point]) -> str:
    """Say in words, in the first line, how good the choice of method="auto" is."""
    if results.wrong:
        return refusal(results)
    choices = [(each.regret[kind], each, kind) for each in found for kind in MAY_TAKE]
    worst, at, kind = max(choices, key=lambda each: each[0])
    mean = float(np.exp(np.mean(np.log([regret for regret, *_ in choices]))))
    fastest = min(MAY_TAKE[kind], key=at.seconds.__getitem__)
    sentence = (
        f'method="auto" takes {digits(mean)} x the fastest method\'s time (geometric mean), at worst {digits(worst)} x'
    )
    if worst > 1:
        sentence += f": {at.auto[kind]} rather than {fastest}, for {ONE[kind]} kernel of {at.place}"
    return "\n".join([fold(sentence), *doubts(results)])


def text(results: Results) -> str:
    """Write everything."""
    found = points(results.timings)
    images = dict.fromkeys((each.place.dtype, each.place.size) for each in found)
    parts = [verdict(results, found), *reasons(results)]
    parts += [table([each for each in found if each.place[:2] == image]) for image in images]
    return "\n\n".join([*parts, *[LEGEND] * bool(found), surroundings(results)]) + "\n"


def table(found: Sequence[Point]) -> str:
    """Compare the methods on one image, one line for each kernel."""
    dtype, size, _ = found[0].place
    headings = [f"{size}x{size}\n{dtype}", *(f"{method}\nms" for method in METHODS)]
    headings += ["separable\nauto", "kernel\nx", "other\nauto", "kernel\nx"]
    lines = []
    for each in found:
        fastest = min(each.seconds.values())
        times = ["*" * (seconds == fastest) + digits(1e3 * seconds) for seconds in each.seconds.values()]
        choices = [word for kind in MAY_TAKE for word in (each.auto[kind], digits(each.regret[kind]))]
        lines.append([f"{each.place.k}x{each.place.k}", *times, *choices])
    return narrow(headings, lines)


def as_json(results: Results) -> str:
    """Write everything as JSON, each point on a line of its own; of the seconds the medians alone."""
    found = points(results.timings)
    return render(head(DOCUMENT, SCHEMA, verdict(results, found), results), "points", list(map(flat, found)))


def flat(found: Point) -> dict[str, object]:
    """A point for JSON."""
    numbers = {"seconds": short(found.seconds), "regret": short(found.regret)}
    return found.place._asdict() | {"rounds": found.rounds, "auto": found.auto} | numbers
