"""Average pooling by sums of slices, in NHWC memory, in blocks that stay in the cache.

The sum over a window is a sum of sums: first down, where what is added are whole rows of W * C numbers, then across,
of what is left:

    x   1 4 2 2     down    8 4 5 11     across   12 16     y = 3 4
        7 0 3 9     --->                 ------>

Time, one core of a Xeon 2.3 GHz, float32, forward / forward and backward; x and dy in NHWC memory:

                                    to the readable form    to torch NCHW    to torch channels_last
    2x2, 16x64x112x112              0.07 / 0.12             0.29 / 0.30      2.1 / 1.2
    3x3, stride 1, 16x64x56x56      0.23 / 0.19             0.15 / 0.15      1.0 / 0.8

(Max pooling goes across first, for the sake of its ties: max_pool.py. A sum has none.) Backward is the same in
reverse: each share is spread across, then the rows of shares are spread down.

An x that lies in planes is added up in planes, each an image of one channel: two cores took 4.1 instead of 6.8 ms
(2x2, forward), 6.4 instead of 8.7 (3x3, stride 2).

The readable form: scratch/fast/pool.py; the loops: scratch/naive/pool.py.
"""

import math
from functools import lru_cache

import numpy as np

from scratch.array import Array, divide
from scratch.contracts import Saved
from scratch.fast import blocks, threads, workspace
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.fast.pool import divisors
from scratch.fast.taps import Axis, Meeting, as_it_lies, axes, dense, is_first, meetings, with_channels
from scratch.geometry import Pair, Window2d

FLOPS = 20
"""What a matrix product computes in the time that one number takes here: see threads.parts."""


def avg_pool2d(
    x: Array, window: Window2d, count_include_pad: bool = True, divisor_override: int | None = None
) -> tuple[Array, Saved]:
    """Add up the taps and divide.

    Parameters, returns: as `scratch.naive.pool.avg_pool2d`.
    """
    down, across = axes(window, x.shape[2:])
    divisor = divisor_of(window, x.shape[2:], count_include_pad, divisor_override, x.dtype)
    images = as_it_lies(x, across.windows)
    N, _, W, C = images.shape
    y = np.empty((N, down.windows, across.windows, C), x.dtype)

    def work(part: slice) -> None:
        mine, my_y = images[part], y[part]
        for some, rows in blocks.pieces(len(mine), down.windows, down.s * W * C * x.itemsize, blocks.CACHE_BYTES):
            first, last = down.cells_of(rows.start, rows.stop)
            cells, total = dense(mine[some, first:last], "pool cells"), my_y[some, rows]
            sums = workspace.empty("pool sums", (len(total), total.shape[1], W, C), x.dtype)
            add_up(cells, sums, down, 1, (rows.start, rows.stop), (first, last))
            add_up(sums, total, across, 2, (0, across.windows), (0, W))
            divide_by(total, divisor if divisor.ndim == 0 else divisor[rows], total)

    threads.run(work, threads.parts(N, FLOPS * x.size))
    return with_channels(y, x.shape[1]), (x.shape, window, divisor)


def avg_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Spread each window's gradient evenly over the cells it averaged: the same share to every tap.

    Blocks are rows of dx, so that each is written by one block.
    """
    (N, C, H, W), window, divisor = saved
    down, across = axes(window, (H, W))
    dx = np.empty((N, H, W, C), dy.dtype)
    gradients = nhwc_view(dy)

    def work(part: slice) -> None:
        mine, my_dx = gradients[part], dx[part]
        for some, rows in blocks.pieces(len(mine), H, W * C * dx.itemsize, blocks.CACHE_BYTES):
            block = my_dx[some, rows]
            first, last = down.windows_of(rows.start, rows.stop)
            share = workspace.empty("pool share", (len(block), last - first, across.windows, C), dx.dtype)
            divide_by(mine[some, first:last], divisor if divisor.ndim == 0 else divisor[first:last], share)
            spread = workspace.empty("pool spread", (len(block), last - first, W, C), dx.dtype)
            spread_out(share, spread, across, 2, (0, across.windows), (0, W))
            spread_out(spread, block, down, 1, (first, last), (rows.start, rows.stop))

    threads.run(work, threads.parts(N, FLOPS * dx.size))
    return nchw_view(dx)


def add_up(cells: Array, sums: Array, axis: Axis, dim: int, windows: Pair, reached: Pair) -> None:
    """Fill sums[i] with the sum of the cells of window i, along rows (dim 1) or columns (dim 2).

    Parameters
    ----------
    cells, sums : (n, rows, columns, C); cells `reached`, and `windows`
    """
    before, plan = (slice(None),) * dim, order(axis, windows, reached)
    everywhere = [met for _, at, met in plan[:2] if at == slice(0, windows[1] - windows[0])]
    if len(everywhere) == 2:
        np.add(cells[*before, everywhere[0]], cells[*before, everywhere[1]], out=sums)
    elif everywhere:
        np.copyto(sums, cells[*before, everywhere[0]])
    else:
        sums[...] = 0
    for _, at, met in plan[len(everywhere) :]:
        some = sums[*before, at]
        np.add(some, cells[*before, met], out=some)


@lru_cache(maxsize=4096)
def order(axis: Axis, windows: Pair, cells: Pair) -> tuple[Meeting, ...]:
    """The meetings, those of all windows first."""
    return tuple(sorted(meetings(axis, windows, cells), key=lambda met: met.windows.start - met.windows.stop))


def spread_out(shares: Array, cells: Array, axis: Axis, dim: int, windows: Pair, reached: Pair) -> None:
    """Fill each cell with the sum of the shares of all windows that reach it; the reverse of `add_up`.

    Tap u is the first one to meet its cells if u < s, and writes; others add. Cells that no first tap meets, in gaps
    between the windows and beyond the last one, begin with 0.
    """
    before = (slice(None),) * dim
    if axis.k < axis.s:
        cells[...] = 0
    else:
        cells[*before, slice(max(axis.windows * axis.s - axis.p - reached[0], 0), None)] = 0
    for tap, at, met in meetings(axis, windows, reached):
        some, its_shares = cells[*before, met], shares[*before, at]
        if is_first(axis, tap):
            np.copyto(some, its_shares)
        else:
            np.add(some, its_shares, out=some)


@lru_cache(maxsize=256)
def divisor_of(window: Window2d, size: Pair, count_include_pad: bool, override: int | None, dtype: np.dtype) -> Array:
    """What each window's sum is divided by: one number if it is the same for all, else (outH, outW, 1)."""
    divisor = divisors(window, size, count_include_pad, override).astype(dtype)
    return divisor.flat[0].reshape(()) if (divisor == divisor.flat[0]).all() else divisor[..., None]


def divide_by(totals: Array, divisor: Array, out: Array) -> None:
    """Divide: of integers the quotient is truncated; by a power of two as a product, which is faster and the same."""
    if totals.dtype.kind == "i":
        out[...] = divide(totals, divisor)
    elif divisor.ndim == 0 and abs(math.frexp(divisor)[0]) == 0.5:
        np.multiply(totals, 1 / divisor, out=out)
    else:
        np.divide(totals, divisor, out=out)
