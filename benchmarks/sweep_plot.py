"""A sweep as a picture: log-log, one panel for each direction, a line for each contender, with its slope."""

import textwrap
from itertools import cycle
from typing import TYPE_CHECKING, Any

from benchmarks import sweep
from benchmarks.growth import crossings, directions, grid_of
from benchmarks.measure import Results
from benchmarks.plot import saved
from benchmarks.ratios import Grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#B34700", "#009E73", "#882255", "#56B4E9", "#666666", "#CC79A7", "#000000")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)))
"""One of each makes a style; their numbers have no common factor, so that 40 are different."""


def draw(results: Results, kind: str) -> bytes:
    """Draw a sweep to an "svg" or "png" file."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    grid = grid_of(results)
    ways = directions(grid)
    with rc_context({"svg.hashsalt": "sweep", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(5.6 * len(ways), 6.4), layout="constrained")
        for axes, way in zip(figure.subplots(1, len(ways), squeeze=False)[0], ways, strict=True):
            panel(axes, grid, way)
        about = ", ".join(results.environment.get(name, "") for name in ("CPU", "threads", "versions", "commit"))
        figure.supxlabel(textwrap.fill(about, 130), fontsize="x-small", color="0.35")
        return saved(figure, kind)


def panel(axes: "Axes", grid: Grid, way: str) -> None:
    """Draw one direction."""
    slopes = sweep.slopes(grid, [way])
    styles = zip(cycle(COLOURS), cycle(MARKS), cycle(DASHES), strict=False)
    for name, (colour, mark, dashes) in zip(grid.names, styles, strict=False):
        timings = [timing for line in grid.lines if line[1] == way and (timing := grid.at(name, line)) is not None]
        if any(not each.same_as for each in timings):
            values = [sweep.value_of(each.row) for each in timings]
            [power] = slopes[name]
            label = name if power is None else f"{name}, slope {power:.2f}"
            style: dict[str, Any] = {"color": colour, "marker": mark, "linestyle": dashes, "label": label}
            axes.loglog(values, [1e3 * each.second for each in timings], markersize=4, linewidth=1.2, **style)
    what = grid.timings[0].suite.removeprefix("sweep ")
    values = list(dict.fromkeys(sweep.value_of(row) for row, _ in grid.lines))
    axes.set_xticks(values, [str(value) for value in values])
    axes.minorticks_off()
    axes.set_xlabel(what)
    axes.set_ylabel("milliseconds")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.9")
    axes.set_title(title(grid, way), fontsize="small")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, fontsize="small", frameon=False)


def title(grid: Grid, way: str) -> str:
    """The direction, and which algorithm of scratch is the fastest where."""
    fastest = crossings(grid, way) if sweep.algorithms(grid) else ""
    return "\n".join([way, *textwrap.wrap(f"fastest algorithm: {fastest}" if fastest else "", 80)])
