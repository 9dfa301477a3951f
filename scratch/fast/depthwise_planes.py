"""Depthwise convolution of images that lie in planes, a few rows of y at a time: products with a band matrix.

Of one channel, 2 rows of y under a 3x3 filter: its rows a, b and c stand in a matrix, once for each row of y, each time
a row of x further. Beneath one another lie the rows of x, each once for every tap across, shifted by a cell:

    y[i]         a  b  c  .     row i      tap 0, 1, 2          a = w[0, 0], w[0, 1], w[0, 2]
    y[i + 1]     .  a  b  c     row i + 1  tap 0, 1, 2          b = w[1, 0], w[1, 1], w[1, 2]
                                row i + 2  tap 0, 1, 2          ...
                                row i + 3  tap 0, 1, 2

    y[c, i*R + r, j]  =  sum over (h, v) of  band[c, r, (h, v)]  *  columns[c, i*R + h, v, j]
    columns[c, h, v, j]  =  padded[c, h, j + v*dW]              band[c, r, (r + u*dH, v)]  =  w[c, u, v],  0 elsewhere

With R = 8 the band has 240 places for 72 weights, but a product computes more than three times as fast as sums row by
row, and x is copied 3 times, where im2col makes 9 copies.

Both gradients are products of the columns of dy: dx with turned filters, and dweight, turned, is the sums along the
band of

    dband[c, r, (h, v)]  =  sum over (i, j) of  x[c, i*R + r, j]  *  columns[c, i*R + h, v, j]

A zero of the band times an infinity is NaN: what is not finite is left to conv_depthwise.py.

Time relative to the form there, of x and dy in NCHW memory, forward / backward, float32, 16 images, two cores of a Xeon
2.3 GHz, where one call for one or two whole images is better than several that a core's cache holds:

    3x3, 32 channels, 112x112   0.98 / 0.70      3x3, 128, 56x56   0.95 / 0.63      3x3, 64, 48x48   0.96 / 0.62
    5x5, 64, 56x56   1.08 / 0.77         7x7, 64, 56x56 (8 images)   0.97 / 0.69
    17x17, 64, 56x56 (2 images)   0.62 / 0.67      3x3, 1 channel, 256x256 (4 images)   0.13 / 0.16

The first, forward and backward, takes 1.46 of torch's time (NCHW) rather than 2.12.
"""

from collections.abc import Iterator

import numpy as np

from scratch.array import Array
from scratch.fast import threads, workspace
from scratch.fast.blocks import blocks
from scratch.fast.conv_im2col import finite, met, turned_filters, turned_window
from scratch.fast.taps import dense
from scratch.geometry import Pair, Window2d

BLOCK_BYTES = 8 * 2**20
"""How much the columns of a block take, but for the rows of x that the last windows reach further."""

LARGEST_BYTES = 8 * 2**20
"""How much those may take."""

BANDS_BYTES = 4 * 2**20
"""How much the band matrices may take."""

LONG_ROW = 48
"""Rows of so many numbers are worth it: forward takes 1.16 of the time at 40, 0.96 at 48 (3x3, 64 channels)."""

ROWS = 8
"""R, or a little less, so that the rows of y are cut evenly."""


def serves(x: Array, weight: Array, window: Window2d) -> bool:
    """Whether x lies in planes of long rows, a filter for each, dx is a convolution, too, and the bands are small."""
    (reach_h, reach_w), W, outW = window.extent, x.shape[3], window.output_size(x.shape[2:])[1]
    return (
        x.shape[1] == len(weight)
        and x.flags.c_contiguous
        and outW >= LONG_ROW
        and turned_window(window) is not None
        and max(reach_h, reach_w, ROWS) <= min(W, outW)
        and ROWS * (ROWS - 1 + reach_h) * weight[:, :, 0].nbytes <= BANDS_BYTES
        and reach_h * row_bytes(weight, max(W, outW)) <= LARGEST_BYTES
    )


def multiply(x: Array, weight: Array, bias: Array | None, window: Window2d) -> Array | None:
    """Compute y, (N, C, outH, outW) in planes, of an x that is served; None if x is not finite."""
    y = np.empty((*x.shape[:2], *window.output_size(x.shape[2:])), x.dtype)
    bands = banded(weight, window, rows_at_once(y.shape[2]))

    def part(images: slice) -> bool:
        for n, c, rows in blocks_of_planes(images, y.shape[1:3], row_bytes(weight, y.shape[3]), window):
            some = dense(x[n, c, reached(rows, window, x.shape[2])], "rows")
            if not finite(some):
                return False
            here = y[n, c, rows]
            for band, columns, run in runs(some, rows, window, bands.shape, y.shape[3]):
                np.matmul(bands[c, None, *band], columns, out=in_runs(here, run, columns.shape[2]))
            if bias is not None:
                here += bias[c, None, None]
        return True

    return y if all(threads.run(part, threads.parts(len(x), 4.0 * y.size * weight[0].size))) else None


def gradients(
    dy: Array, x: Array, weight: Array, window: Window2d, needs_dx: bool
) -> tuple[Array | None, Array, Array] | None:
    """Compute dx in planes, dweight and dbias, of a finite x that is served; None if dy or weight is not finite.

    The parts of the batch in their order.
    """
    (_, C, H, W), (outH, outW), kW = x.shape, dy.shape[2:], weight.shape[3]
    turned = turned_window(window)
    if turned is None or not finite(weight):
        return None
    top, R = turned.padding[0][0], rows_at_once(H)
    bands = banded(turned_filters(weight, C), turned, R)
    dx = np.empty(x.shape, dy.dtype) if needs_dx else None

    def part(images: slice) -> tuple[Array, Array] | None:
        dbands, dbias = np.zeros(bands.shape, dy.dtype), np.zeros(C, dy.dtype)
        for n, c, rows in blocks_of_planes(images, (C, H), row_bytes(weight, W), turned):
            cells = reached(rows, turned, outH)
            some = dense(dy[n, c, cells], "rows")
            if not finite(some):
                return None
            mine = some if rows.stop == H else some[:, :, : max(rows.stop - top, 0) - cells.start]  # of no other block
            dbias[c] += (mine @ np.ones(outW, dy.dtype)).sum(axis=(0, 2))
            for band, columns, run in runs(some, rows, turned, bands.shape, W):
                if dx is not None:
                    np.matmul(bands[c, None, *band], columns, out=in_runs(dx[n, c, rows], run, columns.shape[2]))
                seen = in_runs(x[n, c, rows], run, columns.shape[2])
                product = workspace.empty("product", (*seen.shape[:4], columns.shape[3]), dy.dtype)
                dbands[c, *band] += np.matmul(seen, columns.swapaxes(3, 4), out=product).sum(axis=(0, 2))
        return dbands, dbias

    found = threads.run(part, threads.parts(len(x), 8.0 * dy.size * weight[0].size))
    sums = [each for each in found if each is not None]
    if len(sums) < len(found):
        return None
    dbands, dbias = sums[0]
    for more in sums[1:]:
        dbands += more[0]
        dbias += more[1]
    along = dbands.reshape(C, R, -1, kW)
    dturned = np.add.reduce([along[:, r, along_band(r, turned)] for r in range(R)])
    return dx, np.ascontiguousarray(dturned[:, None, ::-1, ::-1]), dbias


def row_bytes(weight: Array, outW: int) -> int:
    """What the columns of one row of x take."""
    return int(weight.shape[3] * outW * weight.itemsize)


def rows_at_once(outH: int) -> int:
    """R: ROWS, or a little less."""
    return -(-outH // max(-(-outH // ROWS), 1))


def blocks_of_planes(
    images: slice, planes: Pair, row_bytes: int, window: Window2d
) -> Iterator[tuple[slice, slice, slice]]:
    """Cut images of C planes, H rows of y each: into images, or planes of one, or rows of a plane."""
    C, H = planes
    plane_bytes = (H - 1 + window.extent[0]) * row_bytes
    if C * plane_bytes <= BLOCK_BYTES:
        for some in blocks(images.stop - images.start, C * plane_bytes, BLOCK_BYTES):
            yield slice(images.start + some.start, images.start + some.stop), slice(0, C), slice(0, H)
    else:
        parts = [slice(0, H)] if plane_bytes <= BLOCK_BYTES else list(blocks(H, row_bytes, BLOCK_BYTES))
        for n in range(images.start, images.stop):
            for c in blocks(C, plane_bytes, BLOCK_BYTES):
                for rows in parts:
                    yield slice(n, n + 1), c, rows


def banded(weight: Array, window: Window2d, R: int) -> Array:
    """The weights of each filter R times, as above, (C, R, rows of x * kW)."""
    matrices = np.zeros((len(weight), R, R - 1 + window.extent[0], weight.shape[3]), weight.dtype)
    for r in range(R):
        matrices[:, r, along_band(r, window)] = weight[:, 0]
    return matrices.reshape(len(weight), R, -1)


def along_band(r: int, window: Window2d) -> slice:
    """Which rows of x the r-th of some rows of y meets, counted from the first that they reach."""
    return slice(r, r + window.extent[0], window.dilation[0])


def reached(rows: slice, window: Window2d, H: int) -> slice:
    """The rows of x that some rows of y reach."""
    top = window.padding[0][0]
    return slice(max(rows.start - top, 0), min(rows.stop - 1 - top + window.extent[0], H))


def columns_of(x: Array, above: int, height: int, window: Window2d, outW: int) -> Array:
    """Copy each row once for every tap across, between zeros: (n, c, height, kW, outW), in reused memory.

    In one run of memory, a row's last cell stands before the first of the next. So all rows but the first and the last
    are copied at once, and then cells from beyond a row's ends are overwritten with zeros.

    Parameters
    ----------
    x : (n, c, h, W) array, C-contiguous
    above, height : how many rows of zeros precede those of x, and how many rows there are in all
    """
    n, c, h, W = x.shape
    columns = workspace.empty("columns", (n, c, height, window.kernel_size[1], outW), x.dtype)
    columns[:, :, :above] = 0
    columns[:, :, above + h :] = 0
    rows, left, ends = columns[:, :, above : above + h], window.padding[1][0], slice(None, None, max(h - 1, 1))
    if h > 2:
        along_n, along_c, along_h, along_w = x.strides
        strides = (along_n, along_c, along_h, along_w * window.dilation[1], along_w)
        shape = (n, c, h - 2, *rows.shape[3:])
        np.copyto(rows[:, :, 1:-1], np.ndarray(shape, x.dtype, x, (W - left) * x.itemsize, strides))
    for v in range(rows.shape[3]):
        j, cells = met(window, 1, v, slice(0, outW), W)
        tap = rows[:, :, :, v]
        tap[:, :, ends, j] = x[:, :, ends, cells]
        tap[..., : j.start] = 0
        tap[..., j.stop :] = 0
    return columns


def runs(
    x: Array, rows: slice, window: Window2d, bands: tuple[int, ...], outW: int
) -> Iterator[tuple[tuple[slice, slice], Array, slice]]:
    """What is multiplied in one call: as many runs of R rows of y as there are, and what is left as a shorter one.

    Parameters
    ----------
    x : the rows that are reached
    rows : of y
    bands : the shape of the band matrices

    Yields
    ------
    the part of each band matrix, the columns that each run meets, (n, c, runs, rows of x * kW, outW), and the rows of
    y, counted from the first of the block
    """
    height, R, reach = rows.stop - rows.start, bands[1], window.extent[0]
    columns = columns_of(x, max(window.padding[0][0] - rows.start, 0), height - 1 + reach, window, outW)
    along_n, along_c, along_h, along_v, along_w = columns.strides
    whole = height - height % R
    for start, stop, r in ((0, whole, R), (whole, height, height - whole)):
        if start < stop:
            shape = (*columns.shape[:2], (stop - start) // r, (r - 1 + reach) * columns.shape[3], outW)
            strides = (along_n, along_c, r * along_h, along_v, along_w)
            here = np.ndarray(shape, columns.dtype, columns, start * along_h, strides)
            yield (slice(0, r), slice(0, shape[3])), here, slice(start, stop)


def in_runs(y: Array, run: slice, count: int) -> Array:
    """View some rows of a block as so many runs: (n, c, count, rows of a run, outW)."""
    return y[:, :, run].reshape(*y.shape[:2], count, -1, y.shape[3])
