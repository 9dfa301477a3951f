"""Convolution as matrix products, on channels-last memory: what `scratch` uses unless something cleverer serves.

As scratch/fast/conv.py, which is the form to read first; the product is the same, its memory another:

    y[(n, i, j), o]  =  bias[o]  +  sum over tap of  columns[(n, i, j), tap] * filters[o, tap]

    y in NHWC memory      row (n, i, j) of the product is one pixel, its O channels one run: the product is written
                          where it stays, and no block is copied out again

dfilters[o, tap] is the product of dy and the same columns. dx is, for stride 1, itself a convolution: of dy with the
filters turned by 180 degrees, input and output channels swapped; otherwise dy times the filters, tap by tap added to
where im2col took it from:

    x padded  0 1 2 3 4      y = a b c     y[1] = w0 x[1] + w1 x[2] + w2 x[3]
    window    w0 w1 w2                    dx[2] = w2 dy[0] + w1 dy[1] + w0 dy[2]        turned: w2 w1 w0

Time relative to torch (NCHW), forward / forward and backward, two cores of a 2.3 GHz Xeon, float32; the textbook form
of scratch/fast/conv.py took 2.4 / 2.5 (512 channels), 2.0 / 2.0 (256):

    3x3, 512, 7x7, batch 16   1.49 / 1.43      3x3, 256, 14x14, batch 16   1.63 / 1.59      5x5, 96, 27x27   1.5 / 1.7

The products alone take nine tenths of it, at the rate of NumPy's BLAS (150 to 180 GFLOP/s on a core), which torch's
own convolution exceeds: only fewer products are faster (scratch/fast/winograd.py).
"""

from functools import lru_cache

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import threads, workspace
from scratch.fast.columns import Block, block_bytes, blocks_of, by_planes, columns_of
from scratch.fast.layout import nchw_view
from scratch.geometry import Pair, Window2d

MANY_FILTERS = 4
"""With so many filters for each channel of x, to add up taps takes less than to copy columns of dy."""

FEW_CHANNELS = 8
"""Runs of fewer numbers are not worth it: of 3 channels, 7x7 and stride 2, dx takes 50 rather than 93 ms in planes."""


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over every image.

    Parameters, returns: as `scratch.naive.conv.conv2d`; y lies in NHWC memory.
    """
    out = window.output_size(x.shape[2:])
    y = slide(x, weight, bias, window, out, groups)
    return y, (x, weight, bias, window, groups)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Multiply dy with the columns for dweight; turn the filters, or add up taps, for dx.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`; dx lies in NHWC memory.
    """
    x, weight, bias, window, groups = saved
    dweight, dbias = gradients_of_parameters(x, dy, weight, window, groups)
    dx = gradient_of_x(dy, weight, window, x.shape[2:], groups) if needs_dx else None
    return dx, dweight, None if bias is None else dbias


def slide(x: Array, weight: Array, bias: Array | None, window: Window2d, out: Pair, groups: int) -> Array:
    """Compute y, (N, O, outH, outW) in NHWC memory."""
    N, O, (outH, outW) = len(x), len(weight), out
    y = np.empty((N, outH, outW, O), x.dtype)
    planes = by_planes(x, outW)
    filters = as_matrices(weight, groups, planes).swapaxes(1, 2)  # (groups, taps, O/groups)
    taps = filters.shape[1]
    bias_row = None if bias is None else np.concatenate([bias] * outW) if outW > 1 else bias

    def part(images: slice) -> None:
        for block in blocks_of(images, outH, row_bytes(x, window, outW, taps * groups), block_bytes(filters)):
            columns = columns_of(x, block, window, out, groups, planes)
            rows = y[block].reshape(-1, O)
            if groups == 1:
                np.matmul(columns[0], filters[0], out=rows)
            else:
                np.matmul(columns, filters, out=rows.reshape(len(rows), groups, -1).swapaxes(0, 1))
            if bias_row is not None:
                lines = rows.reshape(-1, outW * O)
                lines += bias_row

    threads.run(part, threads.parts(N, 2.0 * N * outH * outW * taps * O))
    return nchw_view(y)


def row_bytes(x: Array, window: Window2d, outW: int, numbers: int) -> int:
    """What one row of y takes of temporary memory: so many numbers for each window, and the rows of x in a border."""
    border: int = window.stride[0] * x.shape[3] * x.shape[1]
    return (outW * numbers + border) * x.itemsize


def as_matrices(weight: Array, groups: int, planes: bool) -> Array:
    """The filters of each group, (groups, O/groups, taps), the taps in the order of the columns."""
    if not planes:
        weight = weight.transpose(0, 2, 3, 1)
    return weight.reshape(groups, len(weight) // groups, -1)


def gradients_of_parameters(x: Array, dy: Array, weight: Array, window: Window2d, groups: int) -> tuple[Array, Array]:
    """Compute dweight = dy.T @ columns and dbias = ones @ dy, block by block; the parts of the batch in their order."""
    (N, O, outH, outW), taps = dy.shape, weight[0].size
    planes = by_planes(x, outW)
    matrices = (groups, O // groups, taps)

    def part(images: slice) -> tuple[Array, Array]:
        dfilters, dbias = np.zeros(matrices, dy.dtype), np.zeros(O, dy.dtype)
        for block in blocks_of(images, outH, row_bytes(x, window, outW, taps * groups + O), block_bytes(weight)):
            columns, rows = columns_of(x, block, window, (outH, outW), groups, planes), rows_of(dy, block)
            product = workspace.empty("product", matrices, dy.dtype)
            dfilters += np.matmul(rows.reshape(len(rows), groups, -1).transpose(1, 2, 0), columns, out=product)
            dbias += np.ones(len(rows), dy.dtype) @ rows
        return dfilters, dbias

    sums = threads.run(part, threads.parts(N, 2.0 * dy.size * taps))
    dfilters, dbias = sums[0]
    for more in sums[1:]:
        dfilters += more[0]
        dbias += more[1]
    if planes:
        return dfilters.reshape(weight.shape), dbias
    O, C, kH, kW = weight.shape
    return np.ascontiguousarray(dfilters.reshape(O, kH, kW, C).transpose(0, 3, 1, 2)), dbias


def rows_of(dy: Array, block: Block) -> Array:
    """The pixels of a block of dy as rows of O numbers: dy itself where it lies in NHWC memory, else a copy."""
    pixels = dy.transpose(0, 2, 3, 1)[block]
    if not pixels.flags.c_contiguous:
        copy = workspace.empty("rows", pixels.shape, dy.dtype)
        np.copyto(copy, pixels)
        pixels = copy
    return pixels.reshape(-1, pixels.shape[3])


def gradient_of_x(dy: Array, weight: Array, window: Window2d, size: Pair, groups: int) -> Array:
    """Compute dx, by turned filters where the stride is 1 and there are not many more filters than channels.

    Turned filters meet the zeros around dy, so they have to be finite; and no padding may be wider than the window
    reaches.
    """
    turned = turned_window(window)
    if turned is not None and len(weight) <= MANY_FILTERS * weight.shape[1] * groups and finite(weight):
        return slide(dy, turned_filters(weight, groups), None, turned, size, groups)
    return add_taps(dy, weight, window, size, groups)


def turned_filters(weight: Array, groups: int) -> Array:
    """The filters that make dx from dy, (C, O / groups, kH, kW): each turned by 180 degrees, the channels swapped."""
    O, C, kH, kW = weight.shape
    each = weight.reshape(groups, O // groups, C, kH, kW)[..., ::-1, ::-1]
    return each.swapaxes(1, 2).reshape(groups * C, O // groups, kH, kW)


@lru_cache(maxsize=256)
def turned_window(window: Window2d) -> Window2d | None:
    """The window that slides over dy where dx is a convolution; None where it is not one."""
    (reach_h, reach_w), ((top, bottom), (left, right)) = window.extent, window.padding
    sides = ((reach_h - 1 - top, reach_h - 1 - bottom), (reach_w - 1 - left, reach_w - 1 - right))
    if window.stride != (1, 1) or min(min(sides)) < 0:
        return None
    return Window2d(window.kernel_size, (1, 1), sides, window.dilation)


def finite(array: Array) -> bool:
    """Whether all numbers are finite; False also where the sum of their squares is not, which is as good here."""
    flat = array.reshape(-1)
    return bool(np.isfinite(np.dot(flat, flat)))


def add_taps(dy: Array, weight: Array, window: Window2d, size: Pair, groups: int) -> Array:
    """Compute dx as dcolumns = dy @ filters, each tap added to the cells it met; the border gets nothing.

    For one tap (u, v) no two windows meet the same cell, so each tap is one plain addition. Of few channels, dcolumns
    and dx are made in planes, for else each run would be of so few numbers.
    """
    (N, O, outH, outW), C, (kH, kW) = dy.shape, weight.shape[1], window.kernel_size
    planes = C < FEW_CHANNELS
    filters = as_matrices(weight, groups, planes)
    dx = np.zeros((N, groups * C, *size) if planes else (N, *size, groups * C), dy.dtype)
    lies = dx if planes else nchw_view(dx)

    def part(images: slice) -> None:
        for block in blocks_of(images, outH, outW * (kH * kW * C * groups + O) * dy.itemsize, block_bytes(filters)):
            rows = rows_of(dy, block).reshape(-1, groups, O // groups)
            n, height, top = lies[block.images], block.rows.stop - block.rows.start, block.rows.start
            if planes:
                dcolumns = workspace.empty("columns", (groups, kH * kW * C, len(rows)), dy.dtype)
                np.matmul(filters.swapaxes(1, 2), rows.transpose(1, 2, 0), out=dcolumns)
                taps = dcolumns.reshape(groups, C, kH, kW, len(n), height, outW).transpose(2, 3, 4, 0, 1, 5, 6)
            else:
                dcolumns = workspace.empty("columns", (len(rows), groups, kH * kW * C), dy.dtype)
                np.matmul(rows.swapaxes(0, 1), filters, out=dcolumns.swapaxes(0, 1))
                taps = dcolumns.reshape(len(n), height, outW, groups, kH, kW, C).transpose(4, 5, 0, 3, 6, 1, 2)
            for u in range(kH):
                i, cells_h = met(window, 0, u, block.rows, size[0])
                for v in range(kW):
                    j, cells_w = met(window, 1, v, slice(0, outW), size[1])
                    cells = n[:, :, cells_h, cells_w]
                    cells += taps[u, v, :, :, :, i.start - top : i.stop - top, j].reshape(cells.shape)

    threads.run(part, threads.parts(N, 2.0 * dy.size * weight[0].size))
    return lies


def met(window: Window2d, axis: int, tap: int, windows: slice, size: int) -> tuple[slice, slice]:
    """Along one axis: which of some windows meet a cell of the image with that tap, and which cells they meet."""
    stride, first = window.stride[axis], tap * window.dilation[axis] - window.padding[axis][0]
    start = max(windows.start, -(first // stride))
    stop = min(windows.stop, (size - 1 - first) // stride + 1)
    if start >= stop:
        return slice(0, 0), slice(0, 0)
    return slice(start, stop), slice(start * stride + first, (stop - 1) * stride + first + 1, stride)
