"""Winograd's convolution, block by block; the gradient of its kernels is winograd_gradients.py.

    y        = A.T ((G weight) * (B x))        for each frequency f:  M[f] = V[f] @ U[f],     (T, C) @ (C, F)

T tiles, C channels, F filters: as many matrix products as there are frequencies, 49 for F(4x4, 3x3), and 16 outputs of
each tile, so 3.06 products for an output and channel in place of 9. How the work is cut: winograd_blocks.py.

One product is added to all outputs of a tile alike: that of the point 1, whose row of A has ones only. So the bias is
added there, to a sixteenth of the numbers.
"""

import math
from collections.abc import Callable

import numpy as np

from scratch.array import Array, HostArray
from scratch.fast import threads, winograd_blocks, workspace
from scratch.fast.winograd_blocks import (
    block_bytes,
    blocks_for_filters,
    filters_at_once,
    rows_of_frequencies,
    strips_of,
    tiles_of,
    tiles_together,
    transform_together,
)
from scratch.fast.winograd_tiles import Block, Plan, cut, norm, runs, safe
from scratch.fast.winograd_transforms import Kernels, back, up


def correlate(x: Array, kernels: Kernels, plan: Plan, bias: Array | None) -> HostArray:
    """y[n, i, j, o] = bias[o] + sum over u, v, c of  x[n, i + u - before, j + v - before, c] * kernels[o, c, u, v].

    Parameters
    ----------
    x : (N, H, W, C), a view of any memory
    bias : (O,), or None

    Returns
    -------
    y (N, outH, outW, O), C-contiguous

    Raises
    ------
    UnsafeError
        for numbers that are left to direct convolution
    """
    growth = norm(np.ascontiguousarray(kernels.weight)) * math.prod(float(each.growth) for each in plan.transforms)
    offset = 0.0 if bias is None else float(np.abs(bias[np.isfinite(bias)]).max(initial=0))

    def check(size: float) -> None:
        safe(size * growth + offset, 1.0, x.dtype)

    y = np.empty((len(x), plan.vertical.out, plan.horizontal.out, kernels.channels[1]), x.dtype)
    small = kernels.bytes_transformed(plan) <= winograd_blocks.KERNEL_BYTES
    (correlate_by_tiles if small else correlate_by_filters)(x, kernels, plan, bias, check, y)
    return y


def correlate_by_tiles(
    x: Array, kernels: Kernels, plan: Plan, bias: Array | None, check: Callable[[float], None], y: HostArray
) -> None:
    """Fill y, each thread some tiles."""
    C, F = kernels.channels
    flops = 2.0 * len(x) * plan.products * C * F
    U = workspace.empty("winograd kernels", (math.prod(plan.frequencies), C, F), x.dtype)
    threads.run(lambda part: kernels.transform(plan, part, slice(0, F), U[:, part]), threads.parts(C, flops))
    parts = plan.parts(len(x), flops)
    limit = block_bytes(len(parts), U.nbytes)

    def some_tiles(number: slice) -> None:
        for block in cut(parts[number.start], plan.tile_bytes(C + F, x.itemsize), limit):
            found, size = strips_of(x, plan, block)
            check(size)
            multiply(tiles_of(found, plan, block), U, plan, block, bias, y)

    threads.run(some_tiles, [slice(i, i + 1) for i in range(len(parts))])


def correlate_by_filters(
    x: Array, kernels: Kernels, plan: Plan, bias: Array | None, check: Callable[[float], None], y: HostArray
) -> None:
    """Fill y, each thread some filters."""
    C, F = kernels.channels
    for block in blocks_for_filters(x, plan):
        V, size = transform_together(x, plan, block)
        check(size)

        parts = threads.parts(F, 2.0 * V.size * F)
        most = filters_at_once(V, plan, F, len(parts))

        def some_filters(part: slice, V: HostArray = V, block: Block = block, most: int = most) -> None:
            for some in runs(part, most):
                shape = (math.prod(plan.frequencies), C, some.stop - some.start)
                U = workspace.empty("winograd kernels", shape, x.dtype)
                kernels.transform(plan, slice(0, C), some, U)
                multiply(V.__getitem__, U, plan, block, None if bias is None else bias[some], y[..., some])

        threads.run(some_filters, parts)


def multiply(
    tiles: Callable[[slice], HostArray], U: HostArray, plan: Plan, block: Block, bias: Array | None, y: HostArray
) -> None:
    """Multiply some rows of frequencies after the other, transform back, and write the pixels into y."""
    (p, q), (_, C, F), (n, high, wide), m = plan.frequencies, U.shape, block.shape, plan.steps[1]
    vertical, horizontal = plan.matrices("A", y.dtype)
    one = plan.vertical.transforms.one, plan.horizontal.transforms.one
    half = workspace.empty("winograd half", (p, n, high, wide, m, F), y.dtype)
    together = tiles_together(block, C, F)
    for rows in rows_of_frequencies(plan):
        V = tiles(rows)
        M = workspace.empty("winograd products", (*V.shape[:-1], F), y.dtype)
        matrices = U[rows.start * q : rows.stop * q, None]
        products = M.reshape(len(matrices), -1, together, F)
        np.matmul(V.reshape(len(matrices), -1, together, C), matrices, out=products)
        if bias is not None and rows.start <= one[0] < rows.stop:
            M[one[0] - rows.start, one[1]] += bias
        back(M, horizontal, half[rows])
    i, j = plan.vertical.outputs(block.rows), plan.horizontal.outputs(block.columns)
    up(half.reshape(p, n, high, wide * m, F), vertical, y[block.images, i, j])
