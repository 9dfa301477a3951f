"""The ratios to torch's best column as a picture: one panel for each suite, a line for each row and direction."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import FAST, LOOPS
from benchmarks.headline import line_name
from benchmarks.measure import Results
from benchmarks.plot import saved
from benchmarks.ratios import Grid, Standing, grids, suites

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLES: Mapping[tuple[bool, str], dict[str, Any]] = {
    (False, "default"): {"color": "#0072B2", "marker": "o", "markerfacecolor": "white"},
    (False, "tuned"): {"color": "#0072B2", "marker": "o"},
    (True, "default"): {"color": "#B34700", "marker": "s", "markerfacecolor": "white"},
    (True, "tuned"): {"color": "#B34700", "marker": "s"},
}
"""(the faster precision?, allocator) -> colours that the colour-blind tell apart, and marks for black and white."""

HEIGHT, HEAD = 0.32, 1.3
"""Inches that a line takes, and what else is in a panel."""

TICKS = tuple(digit * 10.0**power for power in range(-4, 4) for digit in (1, 2, 5))

MOST = 2
"""Contenders that are drawn: scratch, and its faster precision."""


def draw(results: Results, kind: str) -> bytes:
    """Draw the suites that were timed.

    Parameters
    ----------
    results : of the benchmark
    kind : "svg" or "png"
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    drawn = {suite: grids(results.timings, suite) for suite in suites(results.timings)}
    heights = [HEAD + HEIGHT * len(next(iter(its.values())).lines) for its in drawn.values()]
    with rc_context({"svg.hashsalt": "chart", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8.5, sum(heights) + 0.8), layout="constrained")
        panels = figure.subplots(len(drawn), 1, squeeze=False, height_ratios=heights)
        for axes, (suite, by_allocator) in zip(panels[:, 0], drawn.items(), strict=True):
            panel(axes, suite, by_allocator)
        about = ", ".join(results.environment.get(name, "") for name in ("CPU", "threads", "versions", "commit"))
        figure.supxlabel(textwrap.fill(about, 130), fontsize="x-small", color="0.35")
        return saved(figure, kind)


def panel(axes: "Axes", suite: str, by_allocator: Mapping[str, Grid]) -> None:
    """Draw one suite."""
    first = next(iter(by_allocator.values()))
    names = [name for name in first.ours if not first.only_repeats(name)][:MOST] or [LOOPS]
    for number, name in enumerate(names):
        for allocator, grid in by_allocator.items():
            standings = [each for each in grid.standings(name) if not each.timing.same_as]
            if standings:
                label = f"{name}, malloc {allocator}"
                series(axes, first, standings, STYLES[FAST in name, allocator], label, number)
    axes.axvline(1, color="0.2", linewidth=1)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    low, high = min(low, 0.5), max(high, 2)
    axes.set_xticks([tick for tick in TICKS if low <= tick <= high])
    axes.set_xlim(low, high)
    axes.set_yticks(range(len(first.lines)), [line_name(first.found[first.names[0], *line]) for line in first.lines])
    axes.set_ylim(len(first.lines) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.minorticks_off()
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title(f"{suite}: time / time of torch's best column (left of 1: faster)", loc="left", pad=34)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=2, fontsize="small", frameon=False)


def series(
    axes: "Axes", grid: Grid, standings: Sequence[Standing], style: dict[str, Any], label: str, number: int
) -> None:
    """Draw one contender with one allocator: the median, and a line between the 10 and the 90 %."""
    offset = 0.17 * (2 * number + (style.get("markerfacecolor") is None)) - 0.25
    place = {line: at + offset for at, line in enumerate(grid.lines)}
    y = [place[each.timing.row, each.timing.direction] for each in standings]
    x = [each.best.median for each in standings]
    spread = [
        [each.best.median - each.best.low for each in standings],
        [each.best.high - each.best.median for each in standings],
    ]
    axes.errorbar(x, y, xerr=spread, linestyle="none", markersize=4.5, elinewidth=1, label=label, **style)
