"""Convolution of few channels by rows: each row of x is laid out once for all windows that see it.

Columns of few channels are short runs, or steps of the stride, and repeat each number up to kH*kW times. But a window
is kH rows of x, and rows of windows that overlap share them. So here each row of x is laid out by itself, a line for
each tap (c, v) of a row of the kernel, with a number for each window along it, of several images side by side:

    row h of x       channel a, v = 0   [ a_h0 a_h2 a_h4 | ... ]     rows 0 1 2   what windows i = 0 see
    (kW = 2, sW = 2) channel a, v = 1   [ a_h1 a_h3 a_h5 | ... ]     rows 2 3 4   what windows i = 1 see
                                          image 0          image 1   rows 4 5 6   ... i = 2     (kH = 3, sH = 2)

The columns of row i of y are kH rows of lines, one after another: a part of that memory, which is a matrix as it is.

    y[i]  =  bias  +  lines[i*sH : i*sH + kH].T  @  filters (taps, O)          taps in the order (u, c, v)

So a number is copied kW / sW times, and the products of all rows of a block are one call of matmul. Backwards it is the
same: the products of columns and dy are dfilters, a sum over i; filters times dy is added to the lines, kH times one
long run, and then what the lines hold to x, kW times.

Milliseconds, forward / forward and backward, two cores of a 2.3 GHz Xeon, float32, and those of conv_im2col:

    3 to 64 channels, 7x7 stride 2, 8x224x224   10.7 / 39.4 (11.2 / 59.6), of which each product takes 8 to 10
    1 to 16 channels, 3x3, 64x28x28             0.69 / 2.36 (1.56 / 8.47)
    6 to 16 channels, 5x5, 8x140x140            5.7 / 26.3 (7.3 / 40.4)

The loops this replaces: scratch/naive/conv.py; the form to read first: scratch/fast/conv.py.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import threads, workspace
from scratch.fast.blocks import blocks
from scratch.fast.conv_im2col import met
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.geometry import Pair, Window2d

LONG_LINE = 448
"""So many windows, of as many images as that takes, make a product that is worth its call."""

BLOCK_BYTES = 8 * 2**20
"""How much a block may take: its lines, columns and dy. (With 4 MiB, the stem below took 44.7 rather than 42.2 ms.)"""


def serves(weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool:
    """One group, and no dilation from row to row."""
    return groups == 1 and window.dilation[0] == 1


class Block(NamedTuple):
    """Some images, some rows of y, and the rows of x, counted with padding, that they see."""

    images: slice
    rows: slice
    seen: slice


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Multiply the lines of all rows with the filters.

    Parameters, returns: as `scratch.naive.conv.conv2d`; y lies in NHWC memory.
    """
    (N, O), (outH, outW) = (len(x), len(weight)), window.output_size(x.shape[2:])
    filters = as_matrix(weight)
    y = np.empty((N, outH, outW * O), x.dtype)
    bias_row = None if bias is None else np.tile(bias, outW)

    def part(images: slice) -> None:
        for block in blocks_of(images, weight, window, (outH, outW), x.itemsize):
            rows = y[block.images, block.rows].swapaxes(0, 1)  # (rows, n, outW * O)
            columns = columns_of(lines_of(x, block, window, outW), window)
            product = workspace.empty("product", (len(columns), columns.shape[2], O), x.dtype)
            lies = np.matmul(columns.swapaxes(1, 2), filters, out=product).reshape(rows.shape)
            if bias_row is None:
                np.copyto(rows, lies)
            else:
                np.add(lies, bias_row, out=rows)

    threads.run(part, threads.parts(N, 2.0 * y.size * len(filters)))
    return nchw_view(y.reshape(N, outH, outW, O)), (x, weight, bias, window)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Multiply dy with the lines, for dweight; with the filters, for what the lines give to x.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`; dx lies in NCHW memory.
    """
    x, weight, bias, window = saved
    (O, C, kH, kW), out = weight.shape, dy.shape[2:]
    filters = as_matrix(weight)
    dx = np.zeros(x.shape, dy.dtype) if needs_dx else None

    def part(images: slice) -> tuple[Array, Array]:
        dfilters, dbias = np.zeros(filters.shape, dy.dtype), np.zeros(O, dy.dtype)
        for block in blocks_of(images, weight, window, out, dy.itemsize):
            rows = rows_of(dy, block)
            columns = columns_of(lines_of(x, block, window, out[1]), window)
            products = workspace.empty("product", (len(rows), *filters.shape), dy.dtype)
            dfilters += np.matmul(columns, rows, out=products).sum(axis=0)
            pixels = rows.reshape(-1, O)
            dbias += np.ones(len(pixels), dy.dtype) @ pixels
            if dx is not None:
                given = workspace.empty("columns", columns.shape, dy.dtype)
                send_back(np.matmul(filters, rows.swapaxes(1, 2), out=given), dx, block, window, out[1])
        return dfilters, dbias

    (dfilters, dbias), *others = threads.run(part, threads.parts(len(x), 4.0 * dy.size * len(filters)))
    for more in others:
        dfilters += more[0]
        dbias += more[1]
    dweight = np.ascontiguousarray(dfilters.reshape(kH, C, kW, O).transpose(3, 1, 0, 2))
    return dx, dweight, None if bias is None else dbias


def as_matrix(weight: Array) -> Array:
    """The filters as (taps, O), the taps in the order (u, c, v)."""
    return weight.transpose(2, 1, 3, 0).reshape(-1, len(weight))


def blocks_of(images: slice, weight: Array, window: Window2d, out: Pair, itemsize: int) -> Iterator[Block]:
    """Cut some images into blocks: of so many images that lines are long, and of some rows of y."""
    (O, C, kH, kW), (outH, outW), step = weight.shape, out, window.stride[0]
    several = max(1, LONG_LINE // outW)
    for first in range(images.start, images.stop, several):
        some = slice(first, min(first + several, images.stop))
        windows = (some.stop - first) * outW
        row_bytes = (windows * (C * kW * (step + kH) + O) + weight.size) * itemsize
        for rows in blocks(outH, row_bytes, BLOCK_BYTES):
            yield Block(some, rows, slice(rows.start * step, (rows.stop - 1) * step + kH))


def lines_of(x: Array, block: Block, window: Window2d, outW: int) -> Array:
    """Lay the rows of x out that a block sees: lines[h, c, v, n, j] = padded[n, c, h, j*sW + v*dW]."""
    images, (C, H, W), kW = x[block.images], x.shape[1:], window.kernel_size[1]
    lines = workspace.empty("lines", (block.seen.stop - block.seen.start, C, kW, len(images), outW), x.dtype)
    inside, rows = rows_inside(block, window, H)
    lines[: inside.start] = 0
    lines[inside.stop :] = 0
    for v in range(kW):
        j, cells = met(window, 1, v, slice(0, outW), W)
        line = lines[inside, :, v]
        line[..., : j.start] = 0
        line[..., j.stop :] = 0
        line[..., j] = images[:, :, rows, cells].transpose(2, 1, 0, 3)
    return lines


def rows_inside(block: Block, window: Window2d, H: int) -> tuple[slice, slice]:
    """Which of the rows that a block sees are rows of the image, counted from its first, and which rows these are."""
    count, first = block.seen.stop - block.seen.start, block.seen.start - window.padding[0][0]
    start = min(max(-first, 0), count)
    stop = max(min(H - first, count), start)
    return slice(start, stop), slice(first + start, first + stop)


def columns_of(lines: Array, window: Window2d) -> Array:
    """View lines as columns, (rows of y, taps, windows): kH rows of lines each, sH rows after those before."""
    (kH, sH), (seen, C, kW, n, outW) = (window.kernel_size[0], window.stride[0]), lines.shape
    shape = ((seen - kH) // sH + 1, kH * C * kW, n * outW)
    strides = (sH * lines.strides[0], n * outW * lines.itemsize, lines.itemsize)
    return np.ndarray(shape, lines.dtype, lines, 0, strides)


def rows_of(dy: Array, block: Block) -> Array:
    """The rows of a block of dy as matrices, (rows, n * outW, O), in reused memory."""
    rows = nhwc_view(dy)[block.images, block.rows].swapaxes(0, 1)
    copy = workspace.empty("rows", rows.shape, dy.dtype)
    np.copyto(copy, rows)
    return copy.reshape(len(rows), -1, rows.shape[3])


def send_back(columns: Array, dx: Array, block: Block, window: Window2d, outW: int) -> None:
    """Add columns up in lines, a row of the kernel after the other, and these in the cells that they are made of."""
    images, (C, H, W) = dx[block.images], dx.shape[1:]
    (kH, kW), sH, count = window.kernel_size, window.stride[0], len(columns)
    lines = workspace.empty("lines", (block.seen.stop - block.seen.start, C, kW, len(images), outW), dx.dtype)
    lines[...] = 0
    given = columns.reshape(count, kH, *lines.shape[1:])
    for u in range(kH):
        mine = lines[u : u + (count - 1) * sH + 1 : sH]
        mine += given[:, u]
    inside, rows = rows_inside(block, window, H)
    for v in range(kW):
        j, cells = met(window, 1, v, slice(0, outW), W)
        mine = images[:, :, rows, cells]
        mine += lines[inside, :, v, :, j].transpose(2, 1, 0, 3)
