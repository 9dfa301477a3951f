"""The crossover as a picture: one panel for each image, a line for each method, labelled where it ends."""

import io
import textwrap
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.crossover import METHODS, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES = {
    "direct": {"color": "#0072B2", "linestyle": "-", "marker": "o"},
    "separable": {"color": "#B34700", "linestyle": "--", "marker": "s"},
    "fft": {"color": "#222222", "linestyle": ":", "marker": "^"},
}
"""Colours that the colour-blind tell apart, and dashes and marks for those who print in black and white."""

TICKS = (3, 5, 9, 15, 25, 51)
APART = 0.06
"""Labels lie at least that part of a panel's height apart."""


def draw(points: Sequence[Point], environment: Mapping[str, str], kind: str) -> bytes:
    """Draw the points.

    Parameters
    ----------
    points : what was measured
    environment : what it was measured with, for the last line
    kind : "svg" or "png"

    Returns
    -------
    the picture, the same for the same points
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    dtypes = list(dict.fromkeys(each.place.dtype for each in points))
    sizes = list(dict.fromkeys(each.place.size for each in points))
    with rc_context({"svg.hashsalt": "crossover", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(3.1 * len(sizes) + 0.4, 2.9 * len(dtypes) + 1), layout="constrained")
        panels = figure.subplots(len(dtypes), len(sizes), sharex=True, sharey="col", squeeze=False)
        for row, dtype in zip(panels, dtypes, strict=True):
            for axes, size in zip(row, sizes, strict=True):
                panel(axes, [each for each in points if each.place[:2] == (dtype, size)])
            row[0].set_ylabel(f"{dtype}\nmilliseconds")
        for axes in panels[-1]:
            axes.set_xlabel("cells on each side of the kernel")
        for axes in panels.flat:
            label_ends(axes)
        figure.suptitle("Filtering an image: the time that each method takes", fontweight="bold")
        about = ", ".join(environment[name] for name in ("CPU", "threads", "versions"))
        figure.supxlabel(textwrap.fill(about, 45 * len(sizes)), fontsize="x-small", color="0.35")
        return saved(figure, kind)


def saved(figure: "Figure", kind: str) -> bytes:
    """The figure as a file, the same for the same figure."""
    picture = io.BytesIO()
    figure.savefig(picture, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    return picture.getvalue()


def panel(axes: "Axes", points: Sequence[Point]) -> None:
    """Draw one image."""
    kernels = [each.place.k for each in points]
    for method in METHODS:
        times = [1e3 * each.seconds[method] for each in points]
        axes.loglog(kernels, times, **STYLES[method], markersize=3.5, linewidth=1.3, label=method)
    size = points[0].place.size
    axes.set_title(f"{size} x {size} pixels\n{overtaking(points)}", fontsize="small")
    axes.set_xticks(TICKS, [str(tick) for tick in TICKS])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlim(2.6, 150)  # room for the labels
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["bottom"].set_bounds(TICKS[0], TICKS[-1])
    axes.grid(axis="y", color="0.9")


def overtaking(points: Sequence[Point]) -> str:
    """Say from which kernel on the FFT is the faster one.

    Slower once more at a larger kernel, it has not overtaken yet.
    """
    words = []
    for method in METHODS[:2]:
        slower = [i for i, each in enumerate(points) if each.seconds["fft"] >= each.seconds[method]]
        first = slower[-1] + 1 if slower else 0
        words.append(f"{method} " + (f"from {points[first].place.k}" if first < len(points) else "nowhere"))
    return f"fft beats {', '.join(words)}"


def label_ends(axes: "Axes") -> None:
    """Write the name of each line to its right, and move names apart that would cover each other."""
    low, high = np.log(axes.get_ylim())
    ends = sorted(((np.log(np.asarray(line.get_ydata())[-1]), line) for line in axes.get_lines()), key=itemgetter(0))
    y = -np.inf
    for end, line in ends:
        y = max(float(end), y + APART * (high - low))
        axes.text(57, np.exp(y), str(line.get_label()), color=line.get_color(), va="center", fontsize="small")
