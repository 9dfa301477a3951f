"""Adaptive pooling on the GPU: the windows and the scan of NumPy's code, on planes.

The loops this replaces: scratch/naive/adaptive_pool.py. The same in NumPy: scratch/fast/adaptive_pool.py.
"""

import numpy as np

from gpu.blocks import BLOCK_BYTES
from gpu.through_blocks import through_blocks
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast.adaptive_pool import adaptive_max_pool2d_indices, scan2d, window_sizes, windows
from scratch.fast.axis_map import apply2d, pick
from scratch.fast.blocks import blocks
from scratch.geometry import Pair

__all__ = [
    "adaptive_avg_pool2d",
    "adaptive_avg_pool2d_backward",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_backward",
    "adaptive_max_pool2d_indices",
]


def adaptive_avg_pool2d(x: Array, out: Pair) -> tuple[Array, Saved]:
    """Add up the taps and divide.

    Parameters, returns: as `scratch.naive.adaptive_pool.adaptive_avg_pool2d`.
    """
    down, across = windows(x.shape[2:], out)
    divisor = namespace_of(x).asarray(window_sizes(down, across, x.dtype))
    y = through_blocks(lambda planes: apply2d(planes, down, across) / divisor, x, out)
    return y, (down, across, divisor)


def adaptive_avg_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Spread each window's gradient evenly over the cells it averaged."""
    down, across, divisor = saved
    size = down.n, across.n
    return through_blocks(lambda planes: apply2d(planes / divisor, down.adjoint, across.adjoint), dy, size)


def adaptive_max_pool2d(x: Array, out: Pair) -> tuple[Array, Saved]:
    """Find the largest value of each window, and where it stands.

    Parameters, returns: as `scratch.naive.adaptive_pool.adaptive_max_pool2d`.
    """
    xp, size = namespace_of(x), x.shape[2:]
    down, across = windows(size, out)
    planes = x.reshape(-1, *size)
    y = xp.empty((len(planes), *out), x.dtype)
    winner = xp.empty(y.shape, np.min_scalar_type(size[0] * size[1]))
    for block in blocks(len(planes), 4 * x[:1, :1].nbytes, BLOCK_BYTES):
        scan2d(planes[block], down, across, y[block], winner[block])
    shape = (*x.shape[:2], *out)
    return y.reshape(shape), (winner.reshape(shape), x.shape)


def adaptive_max_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Have each cell collect from the windows that it is in, those whose maximum it held.

    Cell 3 of 5 is in windows 1 and 2 of 3: these are the taps of the windows' adjoint. Nothing is added in an order
    that the GPU chooses, and the gradient is the same in every run.
    """
    winner, x_shape = saved
    xp, size, out = namespace_of(dy), x_shape[2:], dy.shape[2:]
    down, across = (each.adjoint for each in windows(size, out))
    dx: Array = xp.zeros(x_shape, dy.dtype).reshape(-1, *size)
    dy, winner = dy.reshape(-1, *out), winner.reshape(-1, *out)
    cell = xp.arange(size[0] * size[1]).astype(winner.dtype).reshape(size)
    for block in blocks(len(dx), 4 * dx[:1].nbytes, BLOCK_BYTES):
        for rows, i, _ in down.taps:
            for columns, j, _ in across.taps:
                won = pick(pick(winner[block], i, 1), j, 2) == cell[rows, columns]
                dx[block, rows, columns] += xp.where(won, pick(pick(dy[block], i, 1), j, 2), 0)
    return dx.reshape(x_shape)
