"""Max pooling by a running maximum, in NHWC memory, in blocks that stay in the cache.

A window is scanned row by row, so its maximum is a maximum of maxima of rows: first across, then down.

    x   1 4 2 2        across    4@1 2@0        down    7@2      y = 7, winner = 2 = u*kW + v
        7 0 3 9  --->            7@0 9@1  --->  9@3              y = 9, winner = 3

In NHWC memory "v > best" is one operation on runs of C numbers across, and of outW * C numbers down, for all windows
of a block at once. Which tap won is kept in a byte, by operations on bytes, which cost a quarter or less:

    took = v > best;   best = max(best, v);   winner = max(winner, took * tap)        later taps have larger numbers

Windows that do not overlap are scanned in planes where x lies in planes: each is an image of one channel then.

"larger than" keeps the first of equal values, in each row and then among the rows, as a scan does. A NaN is larger
than nothing, so blocks whose result holds one are scanned again with "larger than, or NaN".

Backward: max_pool_backward.py.

Time on 16x64x112x112, one core of a Xeon 2.3 GHz, float32, forward / forward and backward; x and dy in NHWC memory:

                         to the readable form    to torch NCHW    to torch channels_last
    2x2                  0.08 / 0.13             0.25 / 0.44      1.8 / 1.5
    3x3, stride 2        0.07 / 0.14             0.28 / 0.57      2.4 / 2.4

The readable form: scratch/fast/pool.py; the loops: scratch/naive/pool.py.
"""

from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import blocks, max_pool_small, pool, threads, workspace
from scratch.fast.layout import nhwc_view
from scratch.fast.max_pool_backward import FLOPS, max_pool2d_backward
from scratch.fast.taps import Axis, as_it_lies, axes, dense, with_channels
from scratch.geometry import Pair, Window2d

__all__ = ["max_pool2d", "max_pool2d_backward", "max_pool2d_indices"]


def max_pool2d(x: Array, window: Window2d) -> tuple[Array, Saved]:
    """Find the largest value under each window, and which tap met it.

    Parameters, returns: as `scratch.naive.pool.max_pool2d`.
    """
    if max_pool_small.serves(x.size, window, x.shape[2:]):
        small = max_pool_small.max_pool2d(x, window)
        if small is not None:
            return small
    down, across = axes(window, x.shape[2:])
    images = as_it_lies(x, across.windows) if apart(down, across) else nhwc_view(x)
    N, _, W, C = images.shape
    y = np.empty((N, down.windows, across.windows, C), x.dtype)
    winner = np.empty(y.shape, np.min_scalar_type(down.k * across.k))

    def work(part: slice) -> None:
        mine, my_y, my_winner = images[part], y[part], winner[part]
        for some, rows in blocks.pieces(len(mine), down.windows, down.s * W * C * x.itemsize, blocks.CACHE_BYTES):
            first, last = down.cells_of(rows.start, rows.stop)
            cells = dense(mine[some, first:last], "pool cells")
            best, its_winner = my_y[some, rows], my_winner[some, rows]
            scan_windows(cells, best, its_winner, down, across, (rows.start, rows.stop), nan=False)
            if has_nan(best):
                scan_windows(cells, best, its_winner, down, across, (rows.start, rows.stop), nan=True)

    threads.run(work, threads.parts(N, FLOPS * x.size))
    return with_channels(y, x.shape[1]), (with_channels(winner, x.shape[1]), x.shape, window)


def max_pool2d_indices(saved: Saved) -> Array:
    """Tell where each maximum stands: int64, flat in one unpadded H*W plane, shaped like y."""
    small = isinstance(saved, max_pool_small.Won)
    indices: Array = (max_pool_small if small else pool).max_pool2d_indices(saved)
    return indices


def apart(down: Axis, across: Axis) -> bool:
    """Whether no cell is under two windows: then planes are pooled as they lie; others are faster in NHWC memory."""
    return all(axis.d == 1 and axis.k <= axis.s for axis in (down, across))


def has_nan(values: Array) -> bool:
    """Whether a NaN is among some numbers: their maximum is NaN then."""
    if values.size == 0 or values.dtype.kind != "f":
        return False
    largest = values.max()
    return bool(largest != largest)  # noqa: PLR0124 - true of NaN alone


def scan_windows(cells: Array, best: Array, winner: Array, down: Axis, across: Axis, rows: Pair, nan: bool) -> None:
    """Scan some rows of windows: across into the maxima of each row of cells, then down.

    Parameters
    ----------
    cells : (n, those rows of cells that the windows reach, W, C)
    best, winner : (n, rows of windows, outW, C); are filled
    rows : first and last (exclusive) row of windows
    nan : whether NaN may be among the cells
    """
    across_steps = steps(across, 2, (0, across.windows), (0, across.cells))
    down_steps = steps(down, 1, rows, down.cells_of(*rows))
    shape = (*cells.shape[:2], across.windows, cells.shape[3])
    maxima = workspace.empty("pool maxima", shape, best.dtype)
    winners = workspace.empty("pool winners", shape, winner.dtype)
    scan(cells, None, maxima, winners, across_steps, 1, nan)
    scan(maxima, winners, best, winner, down_steps, across.k, nan)


class Step(NamedTuple):
    """Some windows meet cells with a tap; all indices are those of NHWC arrays.

    Attributes
    ----------
    against : what these cells are compared with: "nothing", where the windows begin; "first", the cells that tap 0
        meets in these windows, where they begin with taps 0 and 1 at once; or the windows' "best"
    first : those cells of tap 0
    """

    tap: int
    windows: tuple[slice, ...]
    cells: tuple[slice, ...]
    against: Literal["nothing", "first", "best"]
    first: tuple[slice, ...]


@lru_cache(maxsize=4096)
def steps(axis: Axis, dim: Literal[1, 2], windows: Pair, cells: Pair) -> tuple[Step, ...]:
    """The scan of some windows along one axis; each begins with its first tap that lies in the image.

    A later tap lies further on, so it reaches windows that begin further outside:

        tap 0           . . 2 3 4        windows 2, 3 begin with taps 0 and 1 at once, 4 with tap 0,
        tap 1           . 1 2 3 .        and 1 with tap 1;
        tap 2           0 1 2 3 .        0 begins with tap 2, and 1 to 3 compare their best with it
    """
    found: list[Step] = []

    def add(tap: int, first: int, last: int, against: Literal["nothing", "first", "best"]) -> None:
        if first < last:
            here = slice(first - windows[0], last - windows[0])
            there, tap_0 = (axis.met(each, (first, last), cells[0]) for each in (tap, 0))
            before = (slice(None),) * dim
            found.append(Step(tap, (*before, here), (*before, there), against, (*before, tap_0)))

    ranges = [axis.reached(tap, windows, cells) for tap in range(axis.k)]
    begun, taps = windows[1], range(axis.k)  # the windows that have begun are those from `begun` on
    if axis.k > 1 and ranges[0][0] < ranges[1][1]:
        (first, last), (earlier, sooner) = ranges[:2]
        add(1, first, sooner, "first")
        add(0, sooner, last, "nothing")
        add(1, earlier, first, "nothing")
        begun, taps = earlier, range(2, axis.k)
    for tap in taps:
        first, last = ranges[tap]
        if first < last:
            add(tap, first, min(last, begun), "nothing")
            add(tap, max(first, begun), last, "best")
            begun = min(first, begun)
    return tuple(found)


def scan(
    values: Array, winners: Array | None, best: Array, winner: Array, plan: tuple[Step, ...], scale: int, nan: bool
) -> None:
    """Follow the steps of a scan.

    Parameters
    ----------
    values : what is scanned, (n, rows, columns, C)
    winners : the number of each value's tap in the scan before; None if there was none
    best, winner : of the windows; are filled
    plan : the steps
    scale : taps of this scan are numbered 0, scale, 2*scale, ...
    nan : whether a NaN takes over, which costs two operations more
    """
    number = winner.dtype.type
    for tap, windows, cells, against, first in plan:
        value, its_best, its_winner = values[cells], best[windows], winner[windows]
        if against == "nothing":
            np.copyto(its_best, value)
            if winners is None:
                its_winner[...] = tap
            else:
                np.add(winners[cells], number(tap * scale), out=its_winner)
            continue
        old = values[first] if against == "first" else its_best
        took = workspace.empty("pool took", value.shape, np.bool_)
        np.greater(value, old, out=took)
        if nan:
            took |= value != value  # noqa: PLR0124 - true of NaN alone
        np.maximum(old, value, out=its_best)
        if winners is None:
            if against == "first":
                np.copyto(its_winner, took)  # taps 0 and 1
                continue
            new = workspace.empty("pool new winner", value.shape, winner.dtype)
            np.multiply(took.view(np.uint8), number(tap), out=new)
            np.maximum(its_winner, new, out=its_winner)
        else:
            new = workspace.empty("pool new winner", value.shape, winner.dtype)
            np.add(winners[cells], number(tap * scale), out=new)
            np.multiply(new, took.view(np.uint8), out=new)
            np.maximum(winners[first] if against == "first" else its_winner, new, out=its_winner)
