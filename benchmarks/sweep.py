"""Cost as work grows: one convolution as its batch, channels, size or kernel grows, by every algorithm of scratch.

    seconds ~ work ** slope       fitted in logarithms to the upper half of the points, where overhead no longer counts

Twice the batch is twice the work (slope 1), and so is the square of the channels, of the size and of the kernel
(slope 2): a smaller slope means that something else than the products is paid for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.contenders import FAST, LOOPS, Contender, Ours, contenders, find
from benchmarks.layer import Layer, serves
from benchmarks.measure import Timing
from benchmarks.ratios import Grid
from benchmarks.rows import Row
from benchmarks.timing import Budget
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

BUDGET = Budget(seconds=0.5, least=5, most=9)


def convolution(N: int, C: int, size: int, k: int) -> LayerCase:
    """k x k, as many filters as channels, y as large as x."""
    return LayerCase(Spec.of("Conv2d", C, C, k, padding=k // 2), (N, C, size, size))


@dataclass(frozen=True)
class Axis:
    """What grows, from where to where, and what stays."""

    name: str
    values: tuple[int, ...]
    N: int = 4
    C: int = 32
    size: int = 28
    k: int = 3

    def case(self, value: int) -> LayerCase:
        """The convolution at one point."""
        sizes = {"batch": self.N, "channels": self.C, "size": self.size, "kernel": self.k} | {self.name: value}
        return convolution(*sizes.values())

    def rows(self) -> list[Row]:
        """A row for each point; the loops do the first rows of one image, of a few channels where there are many."""
        return [Row(f"sweep {self.name}", f"{self.name} {value}", *self.problems(value)) for value in self.values]

    def problems(self, value: int) -> tuple[Layer, Layer]:
        """The whole, and the part that the loops do."""
        whole = self.case(value)
        _, C, H, W = whole.shape
        rows = max(1, min(H, 2**16 // (C * C * W * int(whole.spec.args[2]) ** 2)))
        return Layer(whole), Layer(LayerCase(whole.spec, (1, C, rows, W)))


AXES = {
    each.name: each
    for each in (
        Axis("batch", (1, 2, 4, 8, 16, 32, 64)),
        Axis("channels", (4, 8, 16, 32, 64, 128, 256), size=14),
        Axis("size", (4, 7, 14, 28, 56, 112)),
        Axis("kernel", (1, 3, 5, 7, 9, 11, 15, 21)),
    )
}


def everybody(rows: Sequence[Row]) -> dict[str, Contender]:
    """Everyone by default, and each algorithm of scratch in the first precision in which it serves one of the rows."""
    found = {name: each for name, each in contenders().items() if isinstance(each, Ours) and each.why_not() is None}
    loops = found.pop(LOOPS)
    scratch = found["scratch"]
    assert isinstance(scratch, Ours)
    for algorithm in scratch.nn.backend.conv2d:
        for name in (f"scratch:{algorithm}", f"scratch:{algorithm}{FAST}"):
            each = find(name)
            if isinstance(each, Ours) and any(
                serves(each, row.problem.case) for row in rows if isinstance(row.problem, Layer)
            ):
                found[name] = each
                break
    return {**found, LOOPS: loops}


def value_of(row: str) -> int:
    """What grows, of a row by its name.

    >>> value_of("batch 16")
    16
    """
    return int(row.rpartition(" ")[2])


def slope(timings: Sequence[Timing]) -> float | None:
    """The power of the value with which the time grows, in the upper half of the points; None for a single point."""
    upper = timings[len(timings) // 2 :] if len(timings) > 3 else timings
    if len(upper) < 2:
        return None
    logs = np.log([[value_of(each.row), each.second] for each in upper])
    return float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])


def algorithms(grid: Grid) -> list[str]:
    """Those of scratch by name, in strict precision."""
    return [name for name in grid.names if name.startswith("scratch:") and FAST not in name]


def winners(grid: Grid, direction: str) -> list[tuple[str, list[int]]]:
    """Which algorithm is the fastest where: runs of neighbouring values."""
    found: list[tuple[str, list[int]]] = []
    for row, _ in (line for line in grid.lines if line[1] == direction):
        its = [timing for name in algorithms(grid) if (timing := grid.at(name, (row, direction))) is not None]
        if not its:
            continue
        best = min(its, key=lambda each: each.second).implementation.partition(":")[2]
        if not found or found[-1][0] != best:
            found.append((best, []))
        found[-1][1].append(value_of(row))
    return found


def regret(grid: Grid, line: tuple[str, str]) -> float | None:
    """How many times the fastest algorithm's time the choice of scratch takes; None if none was timed."""
    chosen = grid.at("scratch", line)
    its = [timing for name in algorithms(grid) if (timing := grid.at(name, line)) is not None]
    if chosen is None or not its:
        return None
    return chosen.ratio(min(its, key=lambda each: each.second))


def slopes(grid: Grid, directions: Sequence[str]) -> Mapping[str, list[float | None]]:
    """The slope of everybody in each direction."""
    return {
        name: [
            slope([timing for line in grid.lines if line[1] == way and (timing := grid.at(name, line)) is not None])
            for way in directions
        ]
        for name in grid.names
    }
