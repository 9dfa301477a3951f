"""Max unpooling by one assignment for a block of images.

The loops this replaces: scratch/naive/unpool.py. On the GPU: gpu/unpool.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import blocks
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.geometry import Pair


def max_unpool2d(x: Array, indices: Array, size: Pair) -> tuple[Array, Saved]:
    """Put each number where its index says; all other cells are 0.

    Which number stays where several are assigned to one cell, NumPy does not promise. Who does not find his number in
    its cell afterwards shares it, and the block is done again: the largest position is the last one.

    Parameters, returns: as `scratch.naive.unpool.max_unpool2d`.
    """
    N, C, H, W = x.shape
    y = np.zeros((N, size[0] * size[1], C), x.dtype)
    values, cells = nhwc_view(x), nhwc_view(indices)
    for some in blocks.blocks(N, H * W * C * indices.itemsize):
        mine, value = y[some], values[some]
        places = flat_places(cells[some], size)
        flat = mine.reshape(-1)
        flat[places] = value
        if (flat[places] != value).any():
            position = np.arange(H * W).reshape(H, W, 1)
            last = np.full(flat.shape, -1)
            np.maximum.at(last, places, np.broadcast_to(position, places.shape))
            stays = last[places] == position
            flat[places[stays]] = value[stays]
    return nchw_view(y.reshape(N, *size, C)), (indices, x.shape)


def max_unpool2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each number the gradient of its cell, whether it stayed there or not."""
    indices, (N, C, H, W) = saved
    dx = np.empty((N, H, W, C), dy.dtype)
    gradients, cells = nhwc_view(dy), nhwc_view(indices)
    for some in blocks.blocks(N, max(H * W * C * indices.itemsize, dy[:1].nbytes)):
        dx[some] = np.ascontiguousarray(gradients[some]).reshape(-1)[flat_places(cells[some], dy.shape[2:])]
    return nchw_view(dx)


def flat_places(cells: Array, size: Pair) -> Array:
    """Where the cells (n, H, W, C) of planes stand in an array (n, *size, C), counted in its numbers."""
    n, _, _, C = cells.shape
    places: Array = cells * C
    places += np.arange(C)
    places += (np.arange(n) * size[0] * size[1] * C).reshape(n, 1, 1, 1)
    return places
