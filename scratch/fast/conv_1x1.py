"""Convolution with kernels of one cell: products of the pixels as they lie, without any columns.

A window is one pixel of all channels, so the columns would be x itself (with a stride, every sH-th row and sW-th column
of it), and BLAS takes a matrix either way round:

    NCHW memory   a plane for each channel       y[n]  (O, pixels)  =  filters (O, C) @ x[n] (C, pixels)
    NHWC memory   a row for each pixel           y (pixels, O)      =  x (pixels, C) @ filters.T (C, O)

Both are y = filters @ x for matrices with a row for each channel; of the second the memory is that of the transposed
matrix. So y comes out in the memory that x has, nothing is copied, and the gradients are products like that:

    dx = filters.T @ dy        dfilters = sum over blocks of  dy @ x.T

To add the bias, or to sum up dbias, would read all of y once more. So, where there is a bias, a block of x is copied to
get a row of ones below it, which is a fraction of y where filters are many:

    [ filters | bias ] @ [ x ]   =  y + bias           dy @ [ x ].T  =  [ dfilters | dbias ]
                         [ 1 ]                              [ 1 ]

Of images of few pixels in NCHW memory the products would be many and small: those become rows of pixels, and so does
what lies in any other memory.

Milliseconds, forward / forward and backward, of 64 to 256 channels on 8x56x56 in NCHW memory, two cores of a 2.3 GHz
Xeon, float32: 3.7 / 12.7, conv_im2col 4.2 / 16.5.

The loops this replaces: scratch/naive/conv.py; the form to read first: scratch/fast/conv.py.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import blocks, threads, workspace
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.geometry import Window2d

LEAST_PIXELS = 256
"""Images of fewer pixels are no matrices of their own."""


def serves(weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool:
    """Kernels of one cell, no padding, one group."""
    return groups == 1 and window.kernel_size == (1, 1) and window.padding == ((0, 0), (0, 0))


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Multiply the filters with all pixels.

    Parameters, returns: as `scratch.naive.conv.conv2d`; y lies in NCHW memory where x does and is large, else in NHWC.
    """
    filters, pixels = weight.reshape(weight.shape[:2]), met(x, window)
    planes = bool(x.flags.c_contiguous) and pixels.shape[2] * pixels.shape[3] >= LEAST_PIXELS
    y = empty((len(x), len(weight), pixels.shape[2], pixels.shape[3]), x.dtype, planes)
    with_ones = bias is not None
    if bias is not None:
        filters = np.column_stack((filters, bias))

    def part(images: slice) -> None:
        for block in blocks_of(images, pixels, len(weight), planes):
            np.matmul(filters, seen(pixels[block], planes, with_ones), out=matrix(y[block], planes))

    threads.run(part, threads.parts(len(x), 2.0 * y.size * weight.shape[1]))
    return y, (x, weight, with_ones, window, planes)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Multiply dy with the pixels, and with the filters.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`; dx lies as y did.
    """
    x, weight, with_ones, window, planes = saved
    (O, C), pixels = weight.shape[:2], met(x, window)
    filters = weight.reshape(O, C)
    dx = None
    if needs_dx:
        dx = empty(x.shape, dy.dtype, planes)
        if window.stride != (1, 1):
            dx[...] = 0

    def part(images: slice) -> Array:
        dfilters = np.zeros((O, C + with_ones), dy.dtype)
        for block in blocks_of(images, pixels, O, planes):
            upstream = matrix(dy[block], planes)
            product = workspace.empty("product", dfilters.shape, dy.dtype)
            dfilters += np.matmul(upstream, seen(pixels[block], planes, with_ones).T, out=product)
            if dx is not None:
                send_back(filters, upstream, met(dx, window)[block], planes)
        return dfilters

    dfilters, *others = threads.run(part, threads.parts(len(x), 4.0 * dy.size * C))
    for more in others:
        dfilters += more
    dweight = np.ascontiguousarray(dfilters[:, :C]).reshape(weight.shape)
    return dx, dweight, dfilters[:, C].copy() if with_ones else None


def seen(block: Array, planes: bool, with_ones: bool) -> Array:
    """The pixels of a block as a matrix (C, pixels); with a row of ones below, if asked for, in reused memory."""
    if not with_ones:
        return matrix(block, planes)
    n, C, h, w = block.shape
    memory = workspace.empty("pixels and ones", (n, C + 1, h, w) if planes else (n, h, w, C + 1), block.dtype)
    lies = memory if planes else nchw_view(memory)
    np.copyto(lies[:, :C], block)
    lies[:, C] = 1
    return matrix(lies, planes)


def send_back(filters: Array, upstream: Array, cells: Array, planes: bool) -> None:
    """Write filters.T @ dy to the cells of dx that a block met: in place, or, where these have gaps, by a copy."""
    here = matrix(cells, planes)
    np.matmul(filters.T, upstream, out=here)
    if not np.may_share_memory(here, cells):
        np.copyto(cells, here.reshape(cells.shape) if planes else nchw_view(here.T.reshape(nhwc_view(cells).shape)))


def met(x: Array, window: Window2d) -> Array:
    """View the cells of (N, C, H, W) that are met: (N, C, outH, outW)."""
    sH, sW = window.stride
    return x[:, :, ::sH, ::sW]


def empty(shape: tuple[int, ...], dtype: npt.DTypeLike, planes: bool) -> Array:
    """A new (N, C, H, W) array in one of the two memories."""
    N, C, H, W = shape
    return np.empty(shape, dtype) if planes else nchw_view(np.empty((N, H, W, C), dtype))


def blocks_of(images: slice, x: Array, O: int, planes: bool) -> Iterator[tuple[slice, slice, slice]]:
    """Cut some images into blocks, each BLOCK_BYTES of x and y; by planes, of one image at most."""
    C, H, W = x.shape[1:]
    row_bytes = W * (C + O) * x.itemsize
    most = min(blocks.BLOCK_BYTES, row_bytes * H) if planes else blocks.BLOCK_BYTES
    for some, rows in blocks.pieces(images.stop - images.start, H, row_bytes, most):
        yield slice(images.start + some.start, images.start + some.stop), slice(None), rows


def matrix(block: Array, planes: bool) -> Array:
    """View (n, c, h, w), n = 1 for planes, as (c, pixels); where its memory does not allow that, it is copied."""
    c = block.shape[1]
    return block.reshape(c, -1) if planes else nhwc_view(block).reshape(-1, c).T
