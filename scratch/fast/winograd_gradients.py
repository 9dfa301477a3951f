"""The gradient of the kernels of Winograd's convolution, block by block.

    dweight  = G.T ((A dy) * (B x))        for each frequency f:  dU[f] = D[f].T @ V[f],     (F, T) @ (T, C)

D, the transformed tiles of dy, is made like V, by the matrices A; V is made anew: nothing of the forward is kept. The
row of A at the point 1 has ones only, so that D has the sum of each tile there, and dbias is their sum.
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
    strips_of_outputs,
    tiles_of,
    tiles_together,
    transform_together,
)
from scratch.fast.winograd_both import Spread, spread_serves
from scratch.fast.winograd_tiles import Block, Plan, cut, runs, safe
from scratch.fast.winograd_transforms import Kernels, along, kernels_back


def gradients(
    x: Array, dy: Array, weight: Array, plan: Plan, needs_dx: bool
) -> tuple[HostArray, HostArray, HostArray | None]:
    """dweight[o, c, u, v] = sum over n, i, j of  dy[n, i, j, o] * x[n, i + u - before, j + v - before, c], and dbias.

    Parameters
    ----------
    x, dy : (N, H, W, C) and (N, outH, outW, O), views of any memory
    weight : (O, C, kH, kW)

    Returns
    -------
    dweight like weight, dbias (O,); and dx, C-contiguous, if it is needed and is made from the same tiles of dy

    Raises
    ------
    UnsafeError
        for numbers that are left to direct convolution
    """
    overlaps = math.prod(-(-F.n // F.m) for F in plan.transforms)  # a cell is in at most as many tiles
    blocks = max(1, len(x)) * plan.vertical.tiles * plan.horizontal.tiles  # there are at most as many
    growth = overlaps * blocks * math.prod(float(F.gradient_growth) for F in plan.transforms)
    parts = plan.parts(len(x), flops(len(x), weight, plan))
    spread = None
    if needs_dx and spread_serves(weight, plan, parts):
        spread = Spread(weight, plan, np.empty(x.shape, x.dtype))
    if len(parts) * Kernels(weight).bytes_transformed(plan) <= 2 * winograd_blocks.KERNEL_BYTES:
        dweight, dbias = gradients_by_tiles(x, dy, weight, plan, growth, parts, spread)
    else:
        dweight, dbias = gradients_by_filters(x, dy, weight, plan, growth)
    return dweight, dbias, None if spread is None else spread.dx


def flops(N: int, weight: Array, plan: Plan) -> float:
    """Those of all products."""
    count: float = 2.0 * N * plan.products * len(weight) * weight.shape[1]
    return count


def gradients_by_tiles(
    x: Array, dy: Array, weight: Array, plan: Plan, growth: float, parts: list[Block], spread: Spread | None
) -> tuple[HostArray, HostArray]:
    """Each thread sums over some tiles; then the sums of the threads are added in their order."""
    O, C = weight.shape[:2]
    frequencies = math.prod(plan.frequencies)
    dU = workspace.empty("winograd sums", (len(parts), frequencies, O, C), x.dtype)
    dbias = np.zeros((len(parts), O), x.dtype)
    if len(x) == 0:
        dU[...] = 0
    channels, beside = (C + O, dU.nbytes) if spread is None else (C + O + C, dU.nbytes + spread.U.nbytes)
    limit = block_bytes(len(parts), beside)

    def some_tiles(number: slice) -> None:
        own = number.start
        for count, block in enumerate(cut(parts[own], plan.tile_bytes(channels, x.itemsize), limit)):
            found, size = strips_of(x, plan, block)
            tiles, sums = tiles_of(found, plan, block), dU[own]
            dbias[own] += multiply_gradients(tiles, size, dy, plan, block, growth, sums, count > 0, spread)

    threads.run(some_tiles, [slice(i, i + 1) for i in range(len(parts))])
    dweight = np.empty(weight.shape, x.dtype)

    def some_filters(part: slice) -> None:
        total = dU[0, :, part]
        for other in dU[1:]:
            total = np.add(total, other[:, part], out=workspace.empty("winograd product", total.shape, x.dtype))
        dweight[part] = kernels_back(total, weight[part], plan)

    threads.run(some_filters, threads.parts(O, flops(len(x), weight, plan)))
    return dweight, dbias.sum(axis=0)


def gradients_by_filters(x: Array, dy: Array, weight: Array, plan: Plan, growth: float) -> tuple[HostArray, HostArray]:
    """Each thread sums over all tiles, for some filters."""
    O, C = weight.shape[:2]
    dweight, dbias = np.zeros(weight.shape, x.dtype), np.zeros(O, x.dtype)
    for block in blocks_for_filters(x, plan):
        V, size = transform_together(x, plan, block)
        parts = threads.parts(O, 2.0 * V.size * O)
        most = filters_at_once(V, plan, O, len(parts))

        def some_filters(
            part: slice, V: HostArray = V, size: float = size, block: Block = block, most: int = most
        ) -> None:
            for some in runs(part, most):
                shape = (math.prod(plan.frequencies), some.stop - some.start, C)
                dU = workspace.empty("winograd kernels", shape, x.dtype)
                tiles = V.__getitem__
                dbias[some] += multiply_gradients(tiles, size, dy[..., some], plan, block, growth, dU, more=False)
                dweight[some] += kernels_back(dU, weight[some], plan)

        threads.run(some_filters, parts)
    return dweight, dbias


def multiply_gradients(
    tiles: Callable[[slice], HostArray],
    size: float,
    dy: Array,
    plan: Plan,
    block: Block,
    growth: float,
    dU: HostArray,
    more: bool,
    spread: Spread | None = None,
) -> HostArray:
    """Fill dU (frequencies, O, C) with the sums over a block, or add them to more; give those of dy, (O,)."""
    (_, O, C), q, right = dU.shape, plan.frequencies[1], plan.steps[1]
    horizontal = plan.matrices("A", dy.dtype)[1]
    one = plan.vertical.transforms.one, plan.horizontal.transforms.one
    found, size_of_dy = strips_of_outputs(dy, plan, block)
    safe(size * size_of_dy, growth, dy.dtype)
    spread_tiles = None if spread is None else spread.block(block, size_of_dy)
    together = tiles_together(block, C, O)
    for rows in rows_of_frequencies(plan):
        V = tiles(rows)
        D = workspace.empty("winograd products", (*V.shape[:-1], O), dy.dtype)
        along(found[rows], horizontal, right, D)
        for row, V_row, D_row in zip(range(rows.start, rows.stop), V, D, strict=True):
            ours, theirs = (each.reshape(q, -1, together, each.shape[-1]) for each in (D_row, V_row))
            add_products(ours.swapaxes(2, 3), theirs, dU[row * q : row * q + q], more)
        if spread_tiles is not None:
            spread_tiles(rows, D)
        if rows.start <= one[0] < rows.stop:
            pixels = D[one[0] - rows.start, one[1]].reshape(-1, O)
            dbias: HostArray = np.ones(len(pixels), dy.dtype) @ pixels
    return dbias


def add_products(left: HostArray, right: HostArray, sums: HostArray, more: bool) -> None:
    """Fill sums (q, O, C) with the products of (q, n, O, T) and (q, n, T, C), summed over n, or add those to more."""
    n = left.shape[1]
    if n == 1 and not more:
        np.matmul(left, right, out=sums[:, None])
        return
    products = workspace.empty("winograd product", (len(sums), n, *sums.shape[1:]), sums.dtype)
    np.matmul(left, right, out=products)
    if not more:
        np.add(products[:, 0], products[:, 1], out=sums)
    for i in range(0 if more else 2, n):
        sums += products[:, i]
