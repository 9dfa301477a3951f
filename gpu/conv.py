"""Convolution on the GPU as matrix products: im2col and GEMM, in blocks.

Every window of the image becomes a column, and every filter a row, so that all their products and sums are one matrix
product:

    x = 1 2 3     weight = a b      columns, of 2 x 2 windows:  1 2 4 5
        4 5 6              c d                                  2 3 5 6
        7 8 9                                                   4 5 7 8        y = [a b c d] @ columns
                                                                5 6 8 9

The windows of several images stand side by side in one wide matrix. A GPU is fast on few large matrices, and beyond
two dimensions CuPy's `@` copies what is transposed, which backward's matrices are. So each product here is of two
2-d arrays, and runs in cuBLAS.

Groups are convolutions side by side, each of its own channels and filters, and are computed one after the other.

The loops this replaces: scratch/naive/conv.py. The same in NumPy: scratch/fast/conv.py.

Source: Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing", 2006.
"""

from collections.abc import Iterator

import numpy as np

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast.blocks import blocks
from scratch.geometry import Pair, Window2d, pad2d, unpad2d


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over every image.

        y[o, (n, i, j)] = bias[o] + sum over (c, u, v) of  weight[o, (c, u, v)] * columns[(c, u, v), (n, i, j)]

    Parameters, returns: as `scratch.naive.conv.conv2d`.
    """
    padded = pad2d(x, window.padding)
    out = window.output_size(x.shape[2:])
    y = namespace_of(x).empty((len(x), len(weight), *out), x.dtype)
    filters = weight.reshape(len(weight), -1)

    for images, c, o, rows in pieces(padded, weight, out, groups):
        columns = im2col(padded[images, c], window, rows, out[1])
        piece = filters[o] @ columns  # (O/groups, n * rows * outW)
        if bias is not None:
            piece += bias[o, None]
        y[images, o, rows] = piece.reshape(len(piece), -1, rows.stop - rows.start, out[1]).swapaxes(0, 1)
    return y, (padded, weight, bias, window, groups)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Transpose both products: dweight = dy @ columns.T, dcolumns = weight.T @ dy.

    Each number of x stands in several columns, so dx collects them: tap by tap, a shifted copy of dcolumns is added.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`.
    """
    padded, weight, bias, window, groups = saved
    xp = namespace_of(dy)
    dweight = xp.zeros(weight.shape, weight.dtype)  # in C order, whatever that of the weight
    dpadded = xp.zeros_like(padded) if needs_dx else None
    send_back(dy, weight, window, groups, padded, dweight, dpadded)
    dx = None if dpadded is None else unpad2d(dpadded, window.padding)
    return dx, dweight, None if bias is None else dy.sum(axis=(0, 2, 3))


def send_back(
    dy: Array,
    weight: Array,
    window: Window2d,
    groups: int,
    padded: Array | None,
    dweight: Array | None,
    dpadded: Array | None,
) -> None:
    """Add to dweight, of the images `padded`, and to dpadded what dy sends back; to each where there is one."""
    out = dy.shape[2:]
    filters = weight.reshape(len(weight), -1)
    dfilters = None if dweight is None else dweight.reshape(filters.shape)

    for images, c, o, rows in pieces(dy, weight, out, groups):
        piece = dy[images, o, rows].swapaxes(0, 1).reshape(o.stop - o.start, -1)  # (O/groups, n * rows * outW)
        if padded is not None and dfilters is not None:
            dfilters[o] += piece @ im2col(padded[images, c], window, rows, out[1]).T
        if dpadded is not None:
            col2im(filters[o].T @ piece, dpadded[images, c], window, rows, out[1])


def pieces(batch: Array, weight: Array, out: Pair, groups: int) -> Iterator[tuple[slice, slice, slice, slice]]:
    """Cut the work into runs of images, of channels and filters (a group), and of rows of y.

    The columns and the product of one piece take at most BLOCK_BYTES.
    """
    O, C, kH, kW = len(weight) // groups, *weight.shape[1:]
    row_bytes = (C * kH * kW + O) * out[1] * batch.itemsize
    for group in range(groups):
        c, o = slice(group * C, (group + 1) * C), slice(group * O, (group + 1) * O)
        for images in blocks(len(batch), out[0] * row_bytes, BLOCK_BYTES):
            for rows in blocks(out[0], (images.stop - images.start) * row_bytes, BLOCK_BYTES):
                yield images, c, o, rows


def im2col(padded: Array, window: Window2d, rows: slice, outW: int) -> Array:
    """Copy the windows of some rows of y into columns, in one kernel: a launch for each tap would cost more.

        columns[(c, u, v), (n, i, j)] = padded[n, c, i*sH + u*dH, j*sW + v*dW]

    Returns an array of shape (C * kH * kW, N * rows * outW).
    """
    N, C = padded.shape[:2]
    (kH, kW), (sH, sW), (dH, dW) = window.kernel_size, window.stride, window.dilation
    along_n, along_c, along_h, along_w = padded.strides
    # A view with the indices of the formula, nothing copied yet. Not sliding_window_view: CuPy's waits for the device.
    taps = namespace_of(padded).lib.stride_tricks.as_strided(
        padded[:, :, rows.start * sH :],
        (C, kH, kW, N, rows.stop - rows.start, outW),
        (along_c, along_h * dH, along_w * dW, along_n, along_h * sH, along_w * sW),
    )
    columns: Array = taps.reshape(C * kH * kW, -1)
    return columns


def col2im(dcolumns: Array, dpadded: Array, window: Window2d, rows: slice, outW: int) -> None:
    """Add columns back to where im2col took them from; dpadded is changed in place.

    For one tap (u, v) no two columns meet the same cell, so each tap is one plain addition of a shifted image, and
    dx the same in every run.
    """
    N, C = dpadded.shape[:2]
    height = rows.stop - rows.start
    taps = dcolumns.reshape(C, *window.kernel_size, N, height, outW)
    below = dpadded[:, :, rows.start * window.stride[0] :]
    for u, v in np.ndindex(window.kernel_size):
        below[:, :, *window.tap(u, v, (height, outW))] += taps[:, u, v].swapaxes(0, 1)
