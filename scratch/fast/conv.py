"""Convolution as matrix products: im2col and GEMM, in blocks.

Every window of the image becomes a column, and every filter a row, so that all their products and sums are one matrix
product, which NumPy hands to BLAS:

    x = 1 2 3     weight = a b      columns, of 2 x 2 windows:  1 2 4 5
        4 5 6              c d                                  2 3 5 6
        7 8 9                                                   4 5 7 8        y = [a b c d] @ columns
                                                                5 6 8 9

The columns repeat each number of x up to kH*kW times. They are made for a few images and rows of y at a time, used
and thrown away; backward makes them anew.

This is the form to read first; `layer.algorithm = "textbook"` runs it. What runs otherwise is chosen by scratch/fast/
choice.py, most often the same product on another memory layout: scratch/fast/conv_im2col.py.

The loops this replaces: scratch/naive/conv.py. On the GPU: gpu/conv.py.

Source: Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing", 2006.
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.blocks import pieces
from scratch.geometry import Pair, Window2d, pad2d, unpad2d


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over every image.

        y[n, o, (i, j)] = bias[o] + sum over (c, u, v) of  weight[o, (c, u, v)] * columns[n, (c, u, v), (i, j)]

    Parameters, returns: as `scratch.naive.conv.conv2d`.
    """
    padded = pad2d(x, window.padding)
    out = window.output_size(x.shape[2:])
    O = len(weight)
    y = np.empty((len(x), O, *out), x.dtype)
    filters = weight.reshape(groups, O // groups, -1)

    for images, rows in blocks_of(padded, weight, out):
        columns = im2col(padded[images], window, rows, out[1], groups)
        piece = filters @ columns  # (n, groups, O/groups, rows * outW)
        if bias is not None:
            piece += bias.reshape(groups, -1, 1)
        y[images, :, rows] = piece.reshape(len(piece), O, -1, out[1])
    return y, (padded, weight, bias, window, groups)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Transpose both products: dweight = dy @ columns.T, dcolumns = weight.T @ dy.

    Each number of x stands in several columns, so dx collects them: tap by tap, a shifted copy of dcolumns is added.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`.
    """
    padded, weight, bias, window, groups = saved
    out = dy.shape[2:]
    O = len(weight)
    filters = weight.reshape(groups, O // groups, -1)
    dfilters = np.zeros_like(filters)
    dpadded = np.zeros_like(padded) if needs_dx else None

    for images, rows in blocks_of(padded, weight, out):
        piece = dy[images, :, rows]
        piece = piece.reshape(len(piece), groups, O // groups, -1)  # (n, groups, O/groups, rows * outW)
        columns = im2col(padded[images], window, rows, out[1], groups)
        for one, its_columns in zip(piece, columns, strict=True):  # at once would take a dweight for each image
            dfilters += one @ its_columns.swapaxes(1, 2)
        if dpadded is not None:
            col2im(filters.swapaxes(1, 2) @ piece, dpadded[images], window, rows, out[1])

    dx = None if dpadded is None else unpad2d(dpadded, window.padding)
    dbias = None if bias is None else dy.sum(axis=(0, 2, 3))
    return dx, dfilters.reshape(weight.shape), dbias


def blocks_of(padded: Array, weight: Array, out: Pair) -> Iterator[tuple[slice, slice]]:
    """Cut the work so that the columns of a block, and the part of y that they become, stay small."""
    O, _, kH, kW = weight.shape
    numbers = padded.shape[1] * kH * kW + O  # for each window: its column, and its place in all channels of y
    return pieces(len(padded), out[0], numbers * out[1] * padded.itemsize)


def im2col(padded: Array, window: Window2d, rows: slice, outW: int, groups: int) -> Array:
    """Copy the windows of some rows of y into columns.

        columns[n, group, (c, u, v), (i, j)] = padded[n, c, i*sH + u*dH, j*sW + v*dW]

    Returns an array of shape (N, groups, C/groups * kH * kW, rows * outW).
    """
    N, C = padded.shape[:2]
    (kH, kW), (sH, sW), (dH, dW) = window.kernel_size, window.stride, window.dilation
    along_n, along_c, along_h, along_w = padded.strides
    height = rows.stop - rows.start
    taps = as_strided(  # a view (N, C, kH, kW, rows, outW): the indices of the formula, nothing copied yet
        padded[:, :, rows.start * sH :],
        (N, C, kH, kW, height, outW),
        (along_n, along_c, along_h * dH, along_w * dW, along_h * sH, along_w * sW),
        writeable=False,
    )
    return taps.reshape(N, groups, C // groups * kH * kW, height * outW)


def col2im(dcolumns: Array, dpadded: Array, window: Window2d, rows: slice, outW: int) -> None:
    """Add columns back to where im2col took them from; dpadded is changed in place.

    For one tap (u, v) no two columns meet the same cell, so each tap is one plain addition of a shifted image.
    """
    N, C = dpadded.shape[:2]
    kH, kW = window.kernel_size
    height = rows.stop - rows.start
    taps = dcolumns.reshape(N, C, kH, kW, height, outW)
    below = dpadded[:, :, rows.start * window.stride[0] :]
    for u in range(kH):
        for v in range(kW):
            below[:, :, *window.tap(u, v, (height, outW))] += taps[:, :, u, v]
