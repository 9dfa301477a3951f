"""Max unpooling on the GPU.

The loops this replaces: scratch/naive/unpool.py. The same in NumPy: scratch/fast/unpool.py.
"""

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast.blocks import blocks
from scratch.geometry import Pair


def max_unpool2d(x: Array, indices: Array, size: Pair) -> tuple[Array, Saved]:
    """Have each cell take the last number that names it, row by row; all other cells are 0.

    The last one has the largest position, and a maximum does not depend on the order in which the GPU comes to the
    numbers: so the result is the same in every run.

    Parameters, returns: as `scratch.naive.unpool.max_unpool2d`.
    """
    xp, cells = namespace_of(x), size[0] * size[1]
    values, named = by_planes(x), by_planes(indices)
    y: Array = xp.empty((len(values), cells), x.dtype)
    for some in blocks(len(values), 8 * (2 * cells + 3 * values[:1].size), BLOCK_BYTES):
        places = (named[some] + xp.arange(some.stop - some.start)[:, None] * cells).reshape(-1)
        last = xp.full((some.stop - some.start) * cells, -1, "int32")  # CuPy has no maximum.at of int64
        xp.maximum.at(last, places, xp.arange(places.size).astype("int32"))
        taken = xp.take(values[some].reshape(-1), xp.maximum(last, 0), 0)
        y[some] = xp.where(last < 0, 0, taken).reshape(-1, cells)
    return y.reshape(*x.shape[:2], *size), indices


def max_unpool2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each number the gradient of its cell, whether it stayed there or not."""
    xp, cells = namespace_of(dy), dy.shape[2] * dy.shape[3]
    gradients, named = by_planes(dy), by_planes(saved)
    dx: Array = xp.empty(named.shape, dy.dtype)
    for some in blocks(len(named), 8 * (cells + 3 * named[:1].size), BLOCK_BYTES):
        places = named[some] + xp.arange(some.stop - some.start)[:, None] * cells
        dx[some] = xp.take(gradients[some].reshape(-1), places, 0)
    return dx.reshape(saved.shape)


def by_planes(x: Array) -> Array:
    """The numbers of each plane in a row, (N * C, H * W)."""
    N, C, H, W = x.shape
    return x.reshape(N * C, H * W)
