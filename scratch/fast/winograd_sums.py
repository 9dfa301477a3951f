"""Winograd's convolution and the gradient of its kernels, in blocks.

    y        = A.T ((G weight) * (B x))        for each frequency f:  M[f] = V[f] @ U[f],     (T, C) @ (C, F)
    dweight  = G.T ((A dy) * (B x))                                  dU[f] = D[f].T @ V[f],   (F, T) @ (T, C)

T tiles, C channels, F filters: as many matrix products as there are frequencies, 49 for F(4x4, 3x3), and 16 outputs of
each tile, so 3.06 products for an output and channel in place of 9. There are two ways to cut the work:

    by tiles      small U      each thread:  some tiles     V -> M -> y      all filters
    by filters    large U      first together V of many tiles, then each thread:  some filters    U -> M -> y

With 512 channels and filters U is 51 MB, five times the weights: made at once it would not fit the budget, and read
again for each small block of tiles it would cost more than it saves. By filters, each part of U is made once, used
while it is in the cache, and forgotten.

The transforms are made anew in backward: nothing of them is kept.
"""

import math
from collections.abc import Iterator

import numpy as np

from scratch.array import Array, HostArray
from scratch.fast import threads, workspace
from scratch.fast.winograd_tiles import Block, Plan, cut, norm, runs, safe
from scratch.fast.winograd_transforms import Kernels, backward, forward, kernels_back

LEAST_BYTES = 4 * 2**20
"""V and M of a block in one thread take as much at least: in smaller ones BLAS has too little to do at a time."""

MOST_BYTES = 20 * 2**20
"""What is transformed takes at most as much, in all threads together; or one tile in each."""

KERNEL_BYTES = 16 * 2**20
"""Where U takes more, the work is cut by filters."""


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
    F = kernels.channels[1]
    limit = norm(np.ascontiguousarray(kernels.weight)) * math.prod(float(each.growth) for each in plan.transforms)
    y = np.empty((len(x), plan.vertical.out, plan.horizontal.out, F), x.dtype)
    rows = None if bias is None else np.tile(bias, (plan.horizontal.out, 1))  # whole rows are added faster
    small = kernels.bytes_transformed(plan) <= KERNEL_BYTES
    (correlate_by_tiles if small else correlate_by_filters)(x, kernels, plan, rows, limit, y)
    return y


def correlate_by_tiles(
    x: Array, kernels: Kernels, plan: Plan, rows: HostArray | None, limit: float, y: HostArray
) -> None:
    """Fill y, each thread some tiles."""
    C, F = kernels.channels
    U = kernels.transformed(plan, slice(0, F))
    parts = plan.parts(len(x), 2.0 * len(x) * plan.products * C * F)
    tile_bytes = math.prod(plan.frequencies) * (C + F) * x.itemsize
    block_bytes = min(max(U.nbytes, LEAST_BYTES), MOST_BYTES // len(parts))

    def some_tiles(number: slice) -> None:
        for block in cut(parts[number.start], tile_bytes, block_bytes):
            V = workspace.empty("winograd tiles", plan.shape(block, C), x.dtype)
            safe(transform(x, plan, block, V), limit, x.dtype)
            multiply(V, U, plan, block, rows, y)

    threads.run(some_tiles, [slice(i, i + 1) for i in range(len(parts))])


def correlate_by_filters(
    x: Array, kernels: Kernels, plan: Plan, rows: HostArray | None, limit: float, y: HostArray
) -> None:
    """Fill y, each thread some filters."""
    C, F = kernels.channels
    for block in blocks_for_filters(x, plan):
        V = workspace.empty("winograd tiles of all", plan.shape(block, C), x.dtype)
        safe(transform_together(x, plan, block, V), limit, x.dtype)

        parts = threads.parts(F, 2.0 * V.size * F)
        most = filters_at_once(V, len(parts))

        def some_filters(part: slice, V: HostArray = V, block: Block = block, most: int = most) -> None:
            for some in runs(part, most):
                U = kernels.transformed(plan, some)
                multiply(V, U, plan, block, None if rows is None else rows[:, some], y[..., some])

        threads.run(some_filters, parts)


def transform(x: Array, plan: Plan, block: Block, V: HostArray) -> float:
    """Fill V with the transformed tiles of a block, and give the 2-norm of what is transformed."""
    cells = plan.gather(x, block, "winograd cells")
    size = norm(cells)
    forward(cells, plan.matrices("B", x.dtype), plan.steps, V)
    return size


def transform_together(x: Array, plan: Plan, block: Block, V: HostArray) -> float:
    """The same, each thread some images."""
    start = block.images.start

    def some_images(part: slice) -> float:
        images = slice(start + part.start, start + part.stop)
        return transform(x, plan, Block(images, block.rows, block.columns), V[:, :, part])

    return math.hypot(*threads.run(some_images, threads.parts(block.shape[0], 2.0 * V.size * max(plan.frequencies))))


def multiply(V: HostArray, U: HostArray, plan: Plan, block: Block, rows: HostArray | None, y: HostArray) -> None:
    """Multiply all frequencies, transform back, and write the pixels into y."""
    frequencies, C, F = U.shape
    M = workspace.empty("winograd products", plan.shape(block, F), V.dtype)
    np.matmul(V.reshape(frequencies, -1, C), U, out=M.reshape(frequencies, -1, F))

    (n, high, wide), (down, right) = block.shape, plan.steps
    i, j = plan.vertical.outputs(block.rows), plan.horizontal.outputs(block.columns)
    wanted = y[block.images, i, j]
    whole = wanted.shape[1:3] == (high * down, wide * right)
    pixels = wanted if whole else workspace.empty("winograd cells", (n, high * down, wide * right, F), y.dtype)
    backward(M, plan.matrices("A", y.dtype), pixels.reshape(n, high, down, wide, right, F))
    inside = pixels[:, : wanted.shape[1], : wanted.shape[2]]
    if rows is not None:
        np.add(inside, rows[j], out=wanted)
    elif not whole:
        wanted[...] = inside


def gradients(x: Array, dy: Array, weight: Array, plan: Plan) -> tuple[HostArray, HostArray]:
    """dweight[o, c, u, v] = sum over n, i, j of  dy[n, i, j, o] * x[n, i + u - before, j + v - before, c], and dbias.

    Parameters
    ----------
    x, dy : (N, H, W, C) and (N, outH, outW, O), views of any memory
    weight : (O, C, kH, kW)

    Returns
    -------
    dweight like weight, dbias (O,)

    Raises
    ------
    UnsafeError
        for numbers that are left to direct convolution
    """
    small = Kernels(weight).bytes_transformed(plan) <= KERNEL_BYTES
    overlaps = math.prod(-(-F.n // F.m) for F in plan.transforms)  # a cell is in at most as many tiles
    blocks = max(1, len(x)) * plan.vertical.tiles * plan.horizontal.tiles  # there are at most as many
    growth = overlaps * blocks * math.prod(float(F.gradient_growth) for F in plan.transforms)
    return (gradients_by_tiles if small else gradients_by_filters)(x, dy, weight, plan, growth)


def gradients_by_tiles(x: Array, dy: Array, weight: Array, plan: Plan, growth: float) -> tuple[HostArray, HostArray]:
    """Each thread sums over some tiles; then the sums of the threads are added in their order."""
    O, C = weight.shape[:2]
    frequencies = math.prod(plan.frequencies)
    parts = plan.parts(len(x), 2.0 * len(x) * plan.products * C * O)
    block_bytes = min(max(2 * frequencies * O * C * x.itemsize, LEAST_BYTES), MOST_BYTES // len(parts))
    dU = workspace.empty("winograd sums", (len(parts), frequencies, O, C), x.dtype)
    dbias = np.zeros((len(parts), O), x.dtype)
    dU[...] = 0

    def some_tiles(number: slice) -> None:
        own = number.start
        for block in cut(parts[own], frequencies * (C + O) * x.itemsize, block_bytes):
            V = workspace.empty("winograd tiles", plan.shape(block, C), x.dtype)
            size = transform(x, plan, block, V)
            product, sums = multiply_gradients(V, size, dy, plan, block, growth)
            dU[own] += product
            dbias[own] += sums

    threads.run(some_tiles, [slice(i, i + 1) for i in range(len(parts))])
    for other in range(1, len(parts)):
        dU[0] += dU[other]
    return kernels_back(dU[0], weight, plan), dbias.sum(axis=0)


def gradients_by_filters(x: Array, dy: Array, weight: Array, plan: Plan, growth: float) -> tuple[HostArray, HostArray]:
    """Each thread sums over all tiles, for some filters."""
    O, C = weight.shape[:2]
    dweight, dbias = np.zeros(weight.shape, x.dtype), np.zeros(O, x.dtype)
    for block in blocks_for_filters(x, plan):
        V = workspace.empty("winograd tiles of all", plan.shape(block, C), x.dtype)
        size = transform_together(x, plan, block, V)

        parts = threads.parts(O, 2.0 * V.size * O)
        most = filters_at_once(V, len(parts))

        def some_filters(
            part: slice, V: HostArray = V, size: float = size, block: Block = block, most: int = most
        ) -> None:
            for some in runs(part, most):
                dU, sums = multiply_gradients(V, size, dy[..., some], plan, block, growth)
                dweight[some] += kernels_back(dU, weight[some], plan)
                dbias[some] += sums

        threads.run(some_filters, parts)
    return dweight, dbias


def multiply_gradients(
    V: HostArray, size: float, dy: Array, plan: Plan, block: Block, growth: float
) -> tuple[HostArray, HostArray]:
    """The part of a block in dU (frequencies, O, C), and in dbias."""
    C, O = V.shape[-1], dy.shape[-1]
    cells = plan.gather_outputs(dy, block, "winograd cells")
    safe(size * norm(cells), growth, dy.dtype)
    D = workspace.empty("winograd products", plan.shape(block, O), dy.dtype)
    forward(cells, plan.matrices("A", dy.dtype), plan.steps, D)
    frequencies = math.prod(plan.frequencies)
    dU = workspace.empty("winograd kernels", (frequencies, O, C), dy.dtype)
    np.matmul(D.reshape(frequencies, -1, O).transpose(0, 2, 1), V.reshape(frequencies, -1, C), out=dU)
    pixels = cells.reshape(-1, O)
    return dU, np.ones(len(pixels), dy.dtype) @ pixels


def blocks_for_filters(x: Array, plan: Plan) -> Iterator[Block]:
    """As many tiles at a time as memory allows."""
    whole = Block(slice(0, len(x)), slice(0, plan.vertical.tiles), slice(0, plan.horizontal.tiles))
    return cut(whole, math.prod(plan.frequencies) * x.shape[3] * x.itemsize, MOST_BYTES)


def filters_at_once(V: HostArray, parts: int) -> int:
    """So many that U and M of them, in all threads together, take at most MOST_BYTES."""
    frequencies, tiles, C = math.prod(V.shape[:2]), math.prod(V.shape[2:5]), V.shape[5]
    most: int = MOST_BYTES // parts // (frequencies * (tiles + C) * V.itemsize)
    return max(1, most)
