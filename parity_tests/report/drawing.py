"""What the HTML page draws: histograms of errors, and maps of where they are. Places are in units of the SVG."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from parity_tests.harness.comparison import EDGES, Plane
from parity_tests.harness.referee import Finding

SLOT, GAP = 36.0, 12.0
"""The width of a bin; between exact elements, those within the law, and those beyond it is a gap."""

BARS = 150.0
"""The height of the histogram."""

WITHIN = 1 + EDGES.index(1.0)
"""The last bin within the law."""

LABELS = {0: "0.0001", 2: "0.001", 4: "0.01", 6: "0.1", 8: "1", 9: "10"}
"""The edges that have a label."""


@dataclass(frozen=True)
class Bin:
    """One bin of a histogram.

    Attributes
    ----------
    label : which errors, in words
    left : where it begins
    counts, heights : ours, and the referee's
    beyond : whether it is beyond the law
    """

    label: str
    left: float
    counts: tuple[int, int]
    heights: tuple[float, float]
    beyond: bool


@dataclass(frozen=True)
class Histogram:
    """How many elements have which error, ours beside the referee's: a bar's height is the root of its share of all.

    Attributes
    ----------
    name : whose
    dtype : of which runs
    bins : from exact to far beyond the law
    edges : (place, label)
    ticks : (height, label)
    total : how many elements there are
    left_out : how many tensors have no such errors, being of a wrong shape, dtype or type
    """

    name: str
    dtype: str
    bins: list[Bin]
    edges: list[tuple[float, str]]
    ticks: list[tuple[float, str]]
    total: int
    left_out: int

    @property
    def width(self) -> float:
        """Of all bins."""
        return self.bins[-1].left + SLOT

    @property
    def height(self) -> float:
        """Of the highest bar that there can be."""
        return BARS

    @property
    def law(self) -> float:
        """Where the law ends."""
        return left(WITHIN + 1) - GAP / 2

    @property
    def beyond(self) -> int:
        """How many elements are beyond it."""
        return sum(each.counts[0] for each in self.bins if each.beyond)


def histogram(name: str, findings: Sequence[Finding]) -> Histogram:
    """Count the errors of findings in one dtype, float32 if that was run: in float64 the referee judges itself."""
    dtype = min((finding.dtype for finding in findings), default="float32")
    shown = [finding for finding in findings if finding.dtype == dtype]
    whole = [finding for finding in shown if finding.ours.counts]
    pairs = np.zeros((2, len(EDGES) + 2), int)
    for finding in whole:
        pairs += np.array([finding.ours.counts, finding.torch.counts or finding.ours.counts])
    shares = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
    top = max(0.1, math.ceil(10 * float(shares.max())) / 10)
    heights = BARS * np.sqrt(shares / top)  # of few elements one can see more than in proportion
    heights = np.where(pairs > 0, np.maximum(heights, 2.0), 0.0)
    bins = [
        Bin(label, left(n), tuple(pairs[:, n].tolist()), tuple(heights[:, n].tolist()), n > WITHIN)
        for n, label in enumerate(labels())
    ]
    edges = [(left(n + 2) - (GAP / 2 if n + 1 == WITHIN else 0), word) for n, word in LABELS.items()]
    ticks = [(BARS * part, f"{100 * top * part**2:.3g} %") for part in (0.0, 0.5, 1.0)]
    return Histogram(name, dtype, bins, edges, ticks, int(pairs[0].sum()), len(shown) - len(whole))


def left(position: int) -> float:
    """Where a bin begins."""
    return SLOT * position + GAP * ((position > 0) + (position > WITHIN))


def labels() -> list[str]:
    """Which errors each bin counts, as fractions of the law."""
    words = [f"{edge:.2g}" for edge in EDGES]
    between = [f"{low} to {high}" for low, high in pairwise(words)]
    return ["exact", f"up to {words[0]}", *between, f"above {words[-1]}"]


CELL = 18.0
"""Of a map."""

MOST_MAPS = 12

EVERY = 5
"""On long axes only every fifth place has its number."""


@dataclass(frozen=True)
class Cell:
    """One element: where it is drawn, a mark, how dark, and what it is in words."""

    x: float
    y: float
    mark: str
    level: int
    label: str


@dataclass(frozen=True)
class Map:
    """The errors around the worst element of a tensor.

    Attributes
    ----------
    finding : of what
    cells : all of them
    worst : the worst one
    rows, columns : (place, number) along both sides
    width, height : of all cells
    where : which part of the tensor this is, such as [0, 2, :, 3:27]
    """

    finding: Finding
    cells: list[Cell]
    worst: Cell
    rows: list[tuple[float, int]]
    columns: list[tuple[float, int]]
    width: float
    height: float
    where: str


def maps(findings: Iterable[Finding]) -> list[Map]:
    """A map for each operation, tensor and implementation that disagrees: of the largest plane, and there the worst."""
    worst: dict[tuple[str, str, str], tuple[tuple[bool, int, float], Finding, Plane]] = {}
    for f in findings:
        if f.ours.plane is not None:
            key = (f.implementation, f.op, f.tensor)
            fractions = f.ours.plane.fractions
            size = (bool(np.isfinite(fractions).any()), fractions.size, f.ours.worst)  # all infinite shows nothing
            if key not in worst or size > worst[key][0]:
                worst[key] = (size, f, f.ours.plane)
    return [map_of(finding, plane) for _, finding, plane in worst.values()]


def map_of(finding: Finding, plane: Plane) -> Map:
    """Draw one plane."""
    rows, columns = plane.fractions.shape
    first_row, first_column = (0, 0, *plane.corner)[-2:]
    inside = tuple(at - start for at, start in zip((finding.ours.at or ())[-2:], plane.corner[-2:], strict=True))
    cells = [
        [cell_of(float(value), column, row) for column, value in enumerate(line)]
        for row, line in enumerate(plane.fractions)
    ]
    row, column = (0, 0, *inside)[-2:]
    window = [f"{start}:{start + n}" for start, n in zip((first_row, first_column), (rows, columns), strict=True)]
    where = [*map(str, plane.corner[:-2]), *window[2 - min(2, len(plane.corner)) :]]
    return Map(
        finding,
        list(chain.from_iterable(cells)),
        cells[row][column],
        numbered(first_row, rows),
        numbered(first_column, columns),
        CELL * columns,
        CELL * rows,
        f"[{', '.join(where)}]",
    )


def cell_of(fraction: float, column: int, row: int) -> Cell:
    """Draw one element; a digit n says: beyond the law, by at most 10**n times."""
    x, y = CELL * column, CELL * row
    if fraction <= 1:
        return Cell(x, y, "·" if fraction else "", int(fraction > 0), f"{fraction:.2g} of the law")
    if math.isinf(fraction):
        return Cell(x, y, "∞", 5, "no error was allowed")
    decades = min(9, math.ceil(math.log10(fraction)))
    return Cell(x, y, str(decades), 2 + (decades > 1) + (decades > 3), f"{fraction:.2g} times the law")


def numbered(first: int, count: int) -> list[tuple[float, int]]:
    """Places along an axis that have their number."""
    every = EVERY if count > 2 * EVERY else 1
    return [(CELL * (n + 0.5), first + n) for n in range(count) if (first + n) % every == 0]
