"""Convolution of few channels: several pixels of a row of y at once, as products with a banded matrix.

With few channels and filters, the columns of scratch/fast/conv_im2col.py are short runs, k*k copies of each number, and
the product takes less time than to lay them out. Neighbouring windows share most of their numbers. So here one row of
the left matrix is what s windows see together, and the filters stand s times in the right one, each time a step lower:

    im2col, s = 1       x0 x1 x2   w0          banded, s = 3     x0 x1 x2 x3 x4   w0  .  .
                        x1 x2 x3   w1                            x3 x4 x5 x6 x7   w1 w0  .
                        x2 x3 x4   w2                            ...              w2 w1 w0
                        ...                                                        . w2 w1
                                                                                   .  . w2

Each number is copied (s+k-1) / s times for each row of the kernel rather than k times, in runs s times as long; in
exchange the product is (s+k-1) / k times as large. banded_plan.py finds the s that costs least. The gradients are
products of the same matrices: that of the filters is the sum of the band; that of x, kH * (s+k-1) / s runs for each
segment, is added up in place.

A zero outside the band times an infinity would be NaN: x and dy that are not finite are left to direct convolution,
and so are images whose matrices would be large.

Time relative to conv_im2col, forward / forward and backward, batch 64 (the first without dx), two cores of a 2.3 GHz
Xeon, float32; one step of LeNet, of which these are the convolutions, takes 0.58 of what it took:

    1 to 6 channels, 5x5, 28x28, s = 14   0.60 / 0.52      6 to 16, 5x5, 14x14, s = 5   0.63 / 0.42

The loops this replaces: scratch/naive/conv.py; the form to read first: scratch/fast/conv.py.
"""

from collections.abc import Iterator
from math import prod

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.product import LeftTo
from scratch.fast import conv_im2col as direct
from scratch.fast import threads, workspace
from scratch.fast.banded_plan import Plan, plan_of, small
from scratch.fast.columns import BLOCK_BYTES, Block, bordered
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.geometry import Window2d


def serves(weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool:
    """One group."""
    return groups == 1


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Multiply what segments of windows see with the banded matrix.

    Parameters, returns: as `scratch.naive.conv.conv2d`; y lies in NHWC memory.
    """
    plan, O = plan_of(x.shape[1], x.shape[2:], weight.shape, window), len(weight)
    if not small(plan):
        return left(x, weight, bias, window)
    y = np.empty((len(x), *plan.out, O), x.dtype)
    matrix = banded(weight, window, plan)
    bias_row = None if bias is None else np.concatenate([bias] * plan.out[1])

    def part(images: slice) -> bool:
        for block in image_blocks(images, plan, x):
            memory = lying(x, block, window, plan)
            if not direct.finite(memory):
                return False
            np.matmul(seen(memory, window, plan), matrix, out=y[block.images].reshape(-1, matrix.shape[1]))
            if bias_row is not None:
                lines = y[block.images].reshape(-1, len(bias_row))
                lines += bias_row
        return True

    if not all(threads.run(part, threads.parts(len(x), operations(y, weight)))):
        return left(x, weight, bias, window)
    return nchw_view(y), (x, weight, bias, window, plan)


def left(x: Array, weight: Array, bias: Array | None, window: Window2d) -> tuple[Array, Saved]:
    """Leave a forward to direct convolution."""
    y, saved = direct.conv2d(x, weight, bias, window)
    return y, LeftTo("im2col", saved)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Multiply dy with what the windows saw, for the band; dy with the banded matrix, for what they give to x.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`; dx lies in NHWC memory.
    """
    if isinstance(saved, LeftTo):
        return direct.conv2d_backward(dy, saved.saved, needs_dx)
    x, weight, bias, window, plan = saved
    width = plan.out[1] * len(weight)

    def part(images: slice) -> tuple[Array, Array]:
        dmatrix, dbias = np.zeros(plan.matrix, dy.dtype), np.zeros(width, dy.dtype)
        for block in image_blocks(images, plan, x):
            rows = direct.rows_of(dy, block)
            product = workspace.empty("product", plan.matrix, dy.dtype)
            columns = seen(lying(x, block, window, plan), window, plan)
            dmatrix += np.matmul(columns.T, rows.reshape(len(columns), -1), out=product)
            lines = rows.reshape(-1, width)
            dbias += np.ones(len(lines), dy.dtype) @ lines
        return dmatrix, dbias

    sums = threads.run(part, threads.parts(len(x), operations(dy, weight)))
    dmatrix, dlines = sums[0]
    for more in sums[1:]:
        dmatrix += more[0]
        dlines += more[1]
    dfilters = band(dmatrix, weight.shape, window, plan).sum(axis=3)
    dbias = None if bias is None else dlines.reshape(-1, len(weight)).sum(axis=0)
    dx = gradient_of_x(dy, weight, window, plan, x) if needs_dx else None
    return dx, np.ascontiguousarray(dfilters.transpose(3, 2, 0, 1)), dbias


def gradient_of_x(dy: Array, weight: Array, window: Window2d, plan: Plan, x: Array) -> Array:
    """Add up what each segment gives to the cells it sees, those segments at once that share none."""
    (_, C, H, W), (_, segments, kH, _) = x.shape, plan.image
    (top, bottom), (left, right) = window.padding
    h, w = top + H + bottom, left + W + right
    bare = (h, w) == (H, W)
    matrix = banded(weight, window, plan)
    dx = np.empty((len(x), H, W, C), dy.dtype)
    apart = -(-plan.cells // (plan.s * window.stride[1]))

    def part(images: slice) -> bool:
        for block in image_blocks(images, plan, x):
            rows = direct.rows_of(dy, block).reshape(-1, plan.matrix[1])
            if not direct.finite(rows):
                return False
            given = workspace.empty("columns", (len(dx[block.images]), *plan.image), dy.dtype)
            np.matmul(rows, matrix.T, out=given.reshape(len(rows), -1))
            total = dx[block.images] if bare else workspace.empty("border", (len(given), h, w, C), dy.dtype)
            total[...] = 0
            cells = views(total, plan, window)
            for u in range(kH):
                for first in range(min(apart, segments)):
                    mine = cells[:, :, first::apart, u]
                    mine += given[:, :, first::apart, u]
            if not bare:
                dx[block.images] = total[:, top : top + H, left : left + W]
        return True

    if not all(threads.run(part, threads.parts(len(x), operations(dy, weight)))):
        return direct.gradient_of_x(dy, weight, window, (H, W), 1)
    return nchw_view(dx)


def operations(y: Array, weight: Array) -> float:
    """The floating-point operations without the zeros: where the product is most of the work, BLAS cuts it best."""
    return 2.0 * float(y.size * weight[0].size)


def image_blocks(images: slice, plan: Plan, x: Array) -> Iterator[Block]:
    """Cut some images into blocks of whole images."""
    step = max(1, BLOCK_BYTES // (prod(plan.image) * x.itemsize))
    for start in range(images.start, images.stop, step):
        yield Block(slice(start, min(start + step, images.stop)), slice(0, plan.out[0]))


def lying(x: Array, block: Block, window: Window2d, plan: Plan) -> Array:
    """Some images in NHWC memory, with their border: x itself, or in reused memory."""
    memory = nhwc_view(x)[block.images]
    if window.padding == ((0, 0), (0, 0)) and memory.flags.c_contiguous:
        return memory
    return bordered(x, block, window, plan.out[1], planes=False)[0]


def seen(memory: Array, window: Window2d, plan: Plan) -> Array:
    """Copy what each segment of windows sees into a row, in reused memory."""
    rows = workspace.empty("columns", (len(memory), *plan.image), memory.dtype)
    np.copyto(rows, views(memory, plan, window))
    return rows.reshape(-1, plan.matrix[0])


def views(memory: Array, plan: Plan, window: Window2d) -> Array:
    """View (n, h, w, C) images with an index for each segment and each row of the kernel: (n, *plan.image)."""
    along_n, along_h, along_w, _ = memory.strides
    strides = (along_n, along_h * window.stride[0], along_w * window.stride[1] * plan.s)
    return np.ndarray(
        (len(memory), *plan.image), memory.dtype, memory, 0, (*strides, along_h * window.dilation[0], memory.itemsize)
    )


def banded(weight: Array, window: Window2d, plan: Plan) -> Array:
    """Lay the filters out s times, each time a step lower, zeros elsewhere."""
    matrix = np.zeros(plan.matrix, weight.dtype)
    band(matrix, weight.shape, window, plan)[...] = weight.transpose(2, 3, 1, 0)[:, :, :, None]
    return matrix


def band(matrix: Array, weight_shape: tuple[int, ...], window: Window2d, plan: Plan) -> Array:
    """View a banded matrix with the indices of the filters, and one for how often they stand there: (kH, kW, C, s, O).

    A step from one window to the next is a step of the stride down, and one filter to the right.
    """
    O, C, kH, kW = weight_shape
    number = matrix.itemsize
    down = C * plan.s * O * number
    strides = (plan.cells * down, window.dilation[1] * down, plan.s * O * number)
    return np.ndarray(
        (kH, kW, C, plan.s, O), matrix.dtype, matrix, 0, (*strides, window.stride[1] * down + O * number, number)
    )
