"""Columns: the windows of images laid side by side, for a matrix product, in blocks of reused memory.

Every window of x becomes a row of one matrix, every filter a column of another, and the convolution is their product.
What is copied should be long runs of memory, so it depends on how x lies:

    NHWC memory     row after row, a window each             [ a00 b00 a01 b01 | a10 b10 a11 b11 ]   window (0, 0)
                    taps (u, v, c), runs of kW * C numbers   [ a01 b01 a02 b02 | a11 b11 a12 b12 ]   window (0, 1)

    NCHW memory     column after column, a tap each          [ a00 a01 a02 ... ]   channel a, tap (0, 0)
                    taps (c, u, v), runs of outW numbers     [ a01 a02 a03 ... ]   channel a, tap (0, 1)

(An image of one channel is both; then runs of outW are longer.) BLAS takes either. The columns repeat each number of x
up to kH*kW times, so they are made for some images, or some rows of y of one image, at a time: about BLOCK_BYTES stay
in a core's cache until the product has read them. Where there is padding, the same rows of x are first copied into a
border of zeros, and that copy also brings x from any memory layout into one of the two.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scratch.array import Array
from scratch.fast import workspace
from scratch.geometry import Pair, Window2d

BLOCK_BYTES = 4 * 2**20
"""How much the columns of a block take, but for large filters."""

LARGEST_BLOCK_BYTES = 12 * 2**20
"""How much they may take then."""

LONG_RUN = 16
"""Runs of so many numbers along a row of y are worth a column for each tap."""


class Block(NamedTuple):
    """Some images, and the rows of y that are computed of each."""

    images: slice
    rows: slice


def block_bytes(filters: Array) -> int:
    """How much a block may take.

    A product reads all filters once for each block, so a block is at least as large as they are: small maps of many
    channels are folded into one product.
    """
    return min(max(BLOCK_BYTES, filters.nbytes), LARGEST_BLOCK_BYTES)


def blocks_of(images: slice, outH: int, row_bytes: int, block_bytes: int) -> Iterator[Block]:
    """Cut some images into blocks: of whole images, or, where one is too large, of rows of y of one image.

    >>> for block in blocks_of(slice(4, 7), 8, row_bytes=10, block_bytes=160):
    ...     print(block)
    Block(images=slice(4, 6, None), rows=slice(0, 8, None))
    Block(images=slice(6, 7, None), rows=slice(0, 8, None))
    """
    count = max(1, block_bytes // row_bytes)
    if count >= outH:
        for start in range(images.start, images.stop, count // outH):
            yield Block(slice(start, min(start + count // outH, images.stop)), slice(0, outH))
    else:
        for n in range(images.start, images.stop):
            for top in range(0, outH, count):
                yield Block(slice(n, n + 1), slice(top, min(top + count, outH)))


def by_planes(x: Array, outW: int) -> bool:
    """Whether columns of x are made tap by tap, since x lies in planes and its rows are long enough."""
    return bool(x.flags.c_contiguous) and (outW >= LONG_RUN or x.shape[1] == 1)


def columns_of(x: Array, block: Block, window: Window2d, out: Pair, groups: int, planes: bool) -> Array:
    """Copy the windows of a block into columns.

        columns[group, (n, i, j), tap] = padded[n, c, i*sH + u*dH, j*sW + v*dW]

    Parameters
    ----------
    x : (N, C, H, W) array in any memory, not padded
    block : which images, and which rows of y
    window, groups : as for a convolution
    out : the size of y
    planes : whether tap = (c, u, v), each in one run; else tap = (u, v, c), and the windows lie one after another

    Returns
    -------
    (groups, n * rows * outW, C/groups * kH * kW) array, either x itself (1x1 kernels) or in reused memory
    """
    (kH, kW), (sH, sW), (dH, dW) = window.kernel_size, window.stride, window.dilation
    images, rows = block
    n, height, outW, C = images.stop - images.start, rows.stop - rows.start, out[1], x.shape[1] // groups
    bare = window.padding == ((0, 0), (0, 0))
    if bare and (x if planes else x.transpose(0, 2, 3, 1)).flags.c_contiguous:
        memory, lies, first = x if planes else x.transpose(0, 2, 3, 1), x, (images.start, rows.start * sH)
        if kH == kW == sH == sW == 1 and (not planes or n == 1):
            here = memory[images, :, rows] if planes else memory[images, rows]
            if planes:
                return here.reshape(groups, C, height * outW).swapaxes(1, 2)
            return here.reshape(n * height * outW, groups, C).swapaxes(0, 1)
    else:
        memory, lies = bordered(x, block, window, outW, planes)
        first = (0, 0)
    along_n, along_c, along_h, along_w = lies.strides
    offset = first[0] * along_n + first[1] * along_h
    if planes:
        shape = (groups, C, kH, kW, n, height, outW)
        strides = (C * along_c, along_c, along_h * dH, along_w * dW, along_n, along_h * sH, along_w * sW)
    else:
        shape = (groups, n, height, outW, kH, kW, C)
        strides = (C * along_c, along_n, along_h * sH, along_w * sW, along_h * dH, along_w * dW, along_c)
    columns = workspace.empty("columns", shape, x.dtype)
    np.copyto(columns, np.ndarray(shape, x.dtype, memory, offset, strides))  # a view with the formula's indices
    if planes:
        return columns.reshape(groups, C * kH * kW, n * height * outW).swapaxes(1, 2)
    return columns.reshape(groups, n * height * outW, kH * kW * C)


def bordered(x: Array, block: Block, window: Window2d, outW: int, planes: bool) -> tuple[Array, Array]:
    """Copy the rows of x that a block of y meets into a border of zeros.

    Returns
    -------
    the array as it lies in memory, (n, C, h, w) for planes, else (n, h, w, C); and a view of it as (n, C, h, w)
    """
    images, rows = block
    N, C, H, W = len(range(*images.indices(len(x)))), *x.shape[1:]
    (top, _), (left, _) = window.padding
    (sH, sW), (extentH, extentW) = window.stride, window.extent
    start = rows.start * sH - top
    h, w = (rows.stop - rows.start - 1) * sH + extentH, (outW - 1) * sW + extentW
    if planes:
        memory = lies = workspace.empty("border", (N, C, h, w), x.dtype)
    else:
        memory = workspace.empty("border", (N, h, w, C), x.dtype)
        lies = memory.transpose(0, 3, 1, 2)
    above, right = min(max(-start, 0), h), min(left + W, w)
    below = max(min(H - start, h), above)
    if above:
        lies[:, :, :above] = 0
    if below < h:
        lies[:, :, below:] = 0
    if left:
        lies[:, :, above:below, :left] = 0
    if right < w:
        lies[:, :, above:below, right:] = 0
    if below > above and right > left:
        lies[:, :, above:below, left:right] = x[images, :, start + above : start + below, : right - left]
    return memory, lies
