"""Depthwise convolution: filters of one channel each, as sums of products of whole rows.

With one channel for each filter there is nothing to sum over but the taps, and a matrix product would be one of
vectors. So tap after tap, rows of outW * O numbers are multiplied and added:

    y[n, i]  +=  padded[n, i*sH + u*dH, v*dW :: sW]  *  [w[u, v]] * outW        with the O numbers w[u, v] side by side

    padded, a row of pixels     a0 b0 c0  a1 b1 c1  a2 b2 c2  ...        channels a, b, c
    times, for tap (u, v)       wa wb wc  wa wb wc  wa wb wc  ...        one run for NumPy, however few channels

This is a use of np.einsum. It is slow to call, but its inner loop multiplies and adds in one pass over memory, where
np.multiply and np.add take two, and one call does all taps of a block, so that threads do not wait for each other's
calls: 7.5 instead of 3.2 thousand million taps a second on a core (Xeon 2.3 GHz, 3x3, 32 channels). 8 images of 32
channels, 112x112, take 5.6 ms on one core so, 10.7 to 13 with two calls for each tap, and 16 to 29 as matrix products.

dx is, for stride 1, the same with the filters turned by 180 degrees, otherwise each product is added to the cells it
came from; dweight is, for each tap, the sum of dy times x. A channel that has several filters is repeated as often.

Images in planes of long rows, with stride 1, take less as products after all: scratch/fast/depthwise_planes.py.

The loops this replaces: scratch/naive/conv.py; for any groups: scratch/fast/conv_im2col.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import depthwise_planes, threads, workspace
from scratch.fast.blocks import blocks
from scratch.fast.columns import Block, blocks_of, bordered
from scratch.fast.conv_im2col import finite, met, rows_of, turned_filters, turned_window
from scratch.fast.layout import nchw_view
from scratch.geometry import Pair, Window2d

BLOCK_BYTES = 2 * 2**20
"""How much of y is computed in one call."""


def serves(weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool:
    """Filters of one channel."""
    return weight_shape[1] == 1


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Multiply and add, tap by tap.

    Parameters, returns: as `scratch.naive.conv.conv2d`; y lies in planes if x does and is finite, else in NHWC memory.
    """
    y = depthwise_planes.multiply(x, weight, bias, window) if depthwise_planes.serves(x, weight, window) else None
    in_planes = y is not None
    if y is None:
        y = multiply_add(x, weight, bias, window, window.output_size(x.shape[2:]))
    return y, (x, weight, bias, window, in_planes)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Multiply dy with x for dweight, and with the filters for dx.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`; dx lies in the memory of y, where dy is finite, too.
    """
    x, weight, bias, window, in_planes = saved
    found = depthwise_planes.gradients(dy, x, weight, window, needs_dx) if in_planes else None
    if found is not None:
        dx, dweight, dbias = found
        return dx, dweight, None if bias is None else dbias
    dweight, dbias = gradients_of_parameters(x, dy, weight, window)
    dx = None
    if needs_dx:
        turned = turned_window(window)
        if turned is not None and x.shape[1] == len(weight) and finite(weight):
            dx = multiply_add(dy, turned_filters(weight, len(weight)), None, turned, x.shape[2:])
        else:
            dx = add_taps(dy, weight, window, x.shape)
    return dx, dweight, None if bias is None else dbias


def multiply_add(x: Array, weight: Array, bias: Array | None, window: Window2d, out: Pair) -> Array:
    """Compute y, (N, O, outH, outW) in NHWC memory."""
    N, O, (outH, outW), (kH, kW) = len(x), len(weight), out, window.kernel_size
    y = np.empty((N, outH, outW * O), x.dtype)
    repeated_bias = None if bias is None else np.tile(bias, outW)

    def part(images: slice) -> None:
        for block in blocks_of(images, outH, row_bytes(window, outW * O * x.itemsize), BLOCK_BYTES):
            here, taps = y[block], taps_of(x, block, window, outW, O)
            for some in blocks(kH, kW * outW * O * x.itemsize, BLOCK_BYTES):  # rows of the kernel: all, if it is small
                factors = workspace.empty("factors", (some.stop - some.start, kW, outW, O), x.dtype)
                np.copyto(factors, weight[:, 0, some].transpose(1, 2, 0)[:, :, None])
                total = here if some.start == 0 else workspace.empty("product", here.shape, x.dtype)
                np.einsum("uvnij,uvj->nij", taps[some], factors.reshape(*factors.shape[:2], -1), out=total)
                if some.start > 0:
                    np.add(here, total, out=here)
            if repeated_bias is not None:
                np.add(here, repeated_bias, out=here)

    threads.run(part, threads.parts(N, 4.0 * y.size * kH * kW))
    return nchw_view(y.reshape(N, outH, outW, O))


def row_bytes(window: Window2d, itself: int) -> int:
    """What a row of y takes: so many bytes itself, or the copies that `taps_of` makes of it for a stride."""
    return itself * (window.kernel_size[1] * window.stride[0] if window.stride[1] > 1 else 1)


def taps_of(x: Array, block: Block, window: Window2d, outW: int, O: int) -> Array:
    """What each tap meets, (kH, kW, n, rows, outW * O): each tap of a row in one run, whatever the stride.

    With stride 1 it is a view of the pixels in their border of zeros; else columns that are apart are copied together.
    """
    memory, pixels = bordered(x, block, window, outW, planes=False)
    times = O // x.shape[1]
    if times > 1:
        memory = workspace.empty("repeated", (*memory.shape, times), x.dtype)
        np.copyto(memory, pixels.transpose(0, 2, 3, 1)[..., None])
        memory = memory.reshape(*memory.shape[:3], O)
    (kH, kW), (sH, sW), (dH, dW) = window.kernel_size, window.stride, window.dilation
    n, h, _, _ = memory.shape
    along_n, along_h, along_w, along_o = memory.strides
    along_v = along_w * dW
    if sW > 1:
        together = workspace.empty("columns", (kW, n, h, outW, O), x.dtype)
        strides = (along_v, along_n, along_h, along_w * sW, along_o)
        np.copyto(together, np.ndarray(together.shape, x.dtype, memory, 0, strides))
        memory, (along_v, along_n, along_h, _, _) = together, together.strides
    shape = (kH, kW, n, block.rows.stop - block.rows.start, outW * O)
    return np.ndarray(shape, x.dtype, memory, 0, (along_h * dH, along_v, along_n, along_h * sH, along_o))


def gradients_of_parameters(x: Array, dy: Array, weight: Array, window: Window2d) -> tuple[Array, Array]:
    """Sum dy * x over all pixels, for each tap; and dy. The parts of the batch in their order."""
    (N, O, outH, outW), (kH, kW) = dy.shape, window.kernel_size

    def part(images: slice) -> tuple[Array, Array]:
        dtaps, dbias = np.zeros((kH, kW, O), dy.dtype), np.zeros(O, dy.dtype)
        for block in blocks_of(images, outH, row_bytes(window, outW * O * dy.itemsize), BLOCK_BYTES):
            taps, rows = taps_of(x, block, window, outW, O), rows_of(dy, block)
            for u in range(kH):  # one row of taps at a time: their sums are outW times as many as the taps
                sums = np.einsum("vnij,nij->vj", taps[u], rows.reshape(taps.shape[2:]))
                dtaps[u] += sums.reshape(kW, outW, O).sum(axis=1)
            dbias += np.ones(len(rows), dy.dtype) @ rows
        return dtaps, dbias

    sums = threads.run(part, threads.parts(N, 4.0 * dy.size * kH * kW))
    dtaps, dbias = sums[0]
    for more in sums[1:]:
        dtaps += more[0]
        dbias += more[1]
    return np.ascontiguousarray(dtaps.transpose(2, 0, 1)).reshape(weight.shape), dbias


def add_taps(dy: Array, weight: Array, window: Window2d, x_shape: tuple[int, ...]) -> Array:
    """Add each product to the cells it came from, (N, C, H, W) in NHWC memory; the border gets nothing."""
    (N, O, outH, outW), (_, C, H, W), (kH, kW) = dy.shape, x_shape, window.kernel_size
    dx = np.zeros((N, H, W, C), dy.dtype)

    def part(images: slice) -> None:
        for block in blocks_of(images, outH, outW * O * dy.itemsize, BLOCK_BYTES):
            n, top = dx[block.images], block.rows.start
            rows = rows_of(dy, block).reshape(len(n), -1, outW, O)
            product = workspace.empty("product", rows.shape, dy.dtype)
            for u in range(kH):
                i, cells_h = met(window, 0, u, block.rows, H)
                for v in range(kW):
                    j, cells_w = met(window, 1, v, slice(0, outW), W)
                    np.multiply(rows, weight[:, 0, u, v], out=product)
                    cells = n[:, cells_h, cells_w]
                    if cells.size:
                        some = product[:, i.start - top : i.stop - top, j]
                        cells += some if O == C else some.reshape(*some.shape[:3], C, O // C).sum(axis=4)

    threads.run(part, threads.parts(N, 4.0 * dy.size * kH * kW))
    return nchw_view(dx)
