"""Adaptive pooling: averages as matrix products, maxima tap by tap as in max_pool.py, with windows of any sizes.

Tap t of a window is its cell number t along one axis (axis_map.py). The windows of one axis differ in size by one cell,
if at all, so all taps but the last meet all windows at once. Where all have one size, they are those of MaxPool2d.

A maximum is looked for first across, then down. A short window may have its last cell scanned twice: it is not larger
than itself, and if it is NaN it takes over from itself. So the first of equal values wins, the last of several NaN, in
each row of a window and then among its rows, as in a scan row by row.

The average of whole planes, the head of many networks, is a product with ones. Its time, of torch's in the same memory,
two cores of a Xeon 2.3 GHz, float32: 32x512x7x7 forward 2.0 (NHWC 3.8), with backward 0.8 (0.45); 16x64x56x56 forward
1.7 (1.5), with backward 0.7 (0.3).

The loops this replaces: scratch/naive/adaptive_pool.py. On the GPU: gpu/adaptive_pool.py.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from scratch.array import Array, HostArray, namespace_of
from scratch.contracts import Saved
from scratch.fast import blocks, threads
from scratch.fast.axis_map import AxisMap, adaptive_windows, along, as_slice, pick
from scratch.fast.axis_product import product2d
from scratch.fast.channels import ones
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.fast.max_pool import max_pool2d, max_pool2d_backward, max_pool2d_indices
from scratch.fast.taps import dense
from scratch.geometry import Pair, Window2d

FLOPS = 40
"""What a matrix product computes in the time that one number takes here: see threads.parts."""

FEW_CELLS = 64
"""Equal windows of so few cells are pooled by MaxPool2d, whose backward comes to all of them."""


class OfMaxPool(NamedTuple):
    """What MaxPool2d keeps for backward, where it did the work."""

    saved: Saved


def adaptive_avg_pool2d(x: Array, out: Pair) -> tuple[Array, Saved]:
    """Add up the taps and divide.

    Parameters, returns: as `scratch.naive.adaptive_pool.adaptive_avg_pool2d`.
    """
    down, across = windows(x.shape[2:], out)
    planes = x.flags.c_contiguous
    if out == (1, 1) and x.size and (planes or nhwc_view(x).flags.c_contiguous):
        return mean_of_planes(x, planes), (down, across, planes)
    y = product2d(x, down, across)
    y /= window_sizes(down, across, x.dtype)
    return y, (down, across, planes)


def adaptive_avg_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Spread each window's gradient evenly over the cells it averaged."""
    down, across, planes = saved
    if dy.shape[2:] == (1, 1):
        return spread_over_planes(dy, (down.n, across.n), planes)
    return product2d(dy, down.adjoint, across.adjoint, divisor=window_sizes(down, across, dy.dtype))


def mean_of_planes(x: Array, planes: bool) -> Array:
    """Average all cells: by products with ones, in NHWC memory each row of an image first."""
    N, C, H, W = x.shape
    y = np.empty((N, C), x.dtype)

    def work(part: slice) -> None:
        if planes:
            y[part] = x[part].reshape(-1, C, H * W) @ ones(H * W, x.dtype)
        else:
            y[part] = ones(H, x.dtype) @ (ones(W, x.dtype) @ nhwc_view(x[part]))
        y[part] /= H * W

    threads.run(work, threads.parts(N, FLOPS * x.size))
    return y[..., None, None]


def spread_over_planes(dy: Array, size: Pair, planes: bool) -> Array:
    """Give each cell of a plane the same gradient, in the memory that x has."""
    N, C, (H, W) = *dy.shape[:2], size
    share = dy / (H * W)
    dx: Array = np.empty((N, C, H, W), dy.dtype) if planes else nchw_view(np.empty((N, H, W, C), dy.dtype))

    def work(part: slice) -> None:
        dx[part] = share[part]

    threads.run(work, threads.parts(N, FLOPS * dx.size))
    return dx


def windows(size: Pair, out: Pair) -> tuple[AxisMap, AxisMap]:
    """The windows down the rows, and those across the columns."""
    return adaptive_windows(size[0], out[0]), adaptive_windows(size[1], out[1])


def window_sizes(down: AxisMap, across: AxisMap, dtype: np.dtype) -> HostArray:
    """How many cells each window has, (outH, outW)."""
    return np.outer((down.cells >= 0).sum(axis=0), (across.cells >= 0).sum(axis=0)).astype(dtype)


def adaptive_max_pool2d(x: Array, out: Pair) -> tuple[Array, Saved]:
    """Find the largest value of each window, and where it stands.

    Parameters, returns: as `scratch.naive.adaptive_pool.adaptive_max_pool2d`.
    """
    N, C, H, W = x.shape
    if H % out[0] == 0 and W % out[1] == 0 and (H * W) // prod(out) <= FEW_CELLS:
        cells = H // out[0], W // out[1]
        y, saved = max_pool2d(x, Window2d.of(cells, stride=cells))
        return y, OfMaxPool(saved)
    down, across = windows((H, W), out)
    y = np.empty((N, *out, C), x.dtype)
    winner = np.empty(y.shape, np.min_scalar_type(H * W))
    images = nhwc_view(x)

    def work(part: slice) -> None:
        mine, my_y, my_winner = images[part], y[part], winner[part]
        for some in blocks.blocks(len(mine), H * W * C * x.itemsize, blocks.CACHE_BYTES):
            for channels in blocks.blocks(C, H * W * (some.stop - some.start) * x.itemsize, blocks.CACHE_BYTES):
                here = some, slice(None), slice(None), channels
                scan2d(dense(mine[here], "adaptive cells"), down, across, my_y[here], my_winner[here])

    threads.run(work, threads.parts(N, FLOPS * x.size))
    return nchw_view(y), (nchw_view(winner), x.shape)


def scan2d(cells: Array, down: AxisMap, across: AxisMap, best: Array, winner: Array) -> None:
    """Scan windows across and down; works on any namespace's arrays, with rows and columns as axes 1 and 2.

    Parameters
    ----------
    cells : what is scanned
    down, across : the windows
    best, winner : the largest value of each window, and its place in the plane of cells; are filled
    """
    xp, W = namespace_of(cells), across.n
    shape = (*cells.shape[:2], winner.shape[2], *cells.shape[3:])
    maxima, columns = xp.empty(shape, cells.dtype), xp.empty(shape, winner.dtype)
    for t, column in enumerate(clipped(across)):
        value, number = pick(cells, as_slice(column), 2), xp.asarray(column.astype(winner.dtype))
        take_over(value, along(number, 2, cells.ndim), maxima, columns, first=t == 0)
    for t, row in enumerate(clipped(down)):
        value, number = pick(maxima, as_slice(row), 1), xp.asarray((row * W).astype(winner.dtype))
        place = pick(columns, as_slice(row), 1) + along(number, 1, cells.ndim)
        take_over(value, place, best, winner, first=t == 0)


def clipped(windows: AxisMap) -> HostArray:
    """The cells of each window, (taps, windows); where a window has no more cell, its last one again."""
    cells: HostArray = np.maximum.accumulate(windows.cells, axis=0)
    return cells


def take_over(value: Array, place: Array, best: Array, winner: Array, first: bool) -> None:
    """Replace the best value by a larger one, or by NaN, and note its place; the first one is taken as it is.

    Places come in their order, so the place of what takes over is the largest so far.
    """
    if first:
        best[...] = value
        winner[...] = place
        return
    xp = namespace_of(value)
    takes_over = value > best
    takes_over |= value != value  # noqa: PLR0124 - true of NaN alone
    xp.maximum(value, best, out=best)  # of 0.0 and -0.0, which are equal, x86 keeps the second: the best so far
    xp.maximum(winner, place * takes_over, out=winner)


def adaptive_max_pool2d_indices(saved: Saved) -> Array:
    """Tell where each maximum stands: int64, flat in one H*W plane, shaped like y."""
    if isinstance(saved, OfMaxPool):
        return max_pool2d_indices(saved.saved)
    winner: Array = saved[0]
    return winner.astype(np.int64)


def adaptive_max_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each window's gradient to the cell that held its maximum.

    At most k windows that follow one another share a cell. So of every k-th window no two do, and their gradients can
    be added at once.
    """
    if isinstance(saved, OfMaxPool):
        return max_pool2d_backward(dy, saved.saved)
    winner, (N, C, H, W) = saved
    down, across = windows((H, W), dy.shape[2:])
    kH, kW = (len(each.adjoint.cells) for each in (down, across))
    dx = np.zeros((N, H * W, C), dy.dtype)
    for images in blocks.blocks(N, 8 * dy[:1].size):  # positions of 8 bytes
        image, channel = np.ogrid[images, :C]
        for i, j in np.ndindex(kH, kW):
            some = (images, slice(None), slice(i, None, kH), slice(j, None, kW))
            dx[image[..., None, None], winner[some], channel[..., None, None]] += dy[some]
    return nchw_view(dx.reshape(N, H, W, C))
