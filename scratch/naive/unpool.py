"""Max unpooling by its definition, one number at a time.

The same in NumPy at full speed: scratch/fast/unpool.py. On the GPU: gpu/unpool.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Pair


def max_unpool2d(x: Array, indices: Array, size: Pair) -> tuple[Array, Saved]:
    """Put each number where its index says; all other cells are 0.

        y[n, c, cell] = x[n, c, i, j]    with  cell = indices[n, c, i, j], counted row by row in one plane of y

    Where several numbers have the same index, the last one stays, row by row.

    Parameters
    ----------
    x : (N, C, H, W) floating array, not modified
    indices : int64, of x's shape, as MaxPool2d gives them; already checked to be cells of y
    size : of y

    Returns
    -------
    y : (N, C, *size) array
    saved : what `max_unpool2d_backward` needs

    References
    ----------
    torch.nn.MaxUnpool2d, and the loop in ATen's MaxUnpoolKernel.cpp.
    """
    y = np.zeros((*x.shape[:2], *size), x.dtype)
    for n, c, i, j in np.ndindex(x.shape):
        row, column = divmod(int(indices[n, c, i, j]), size[1])
        y[n, c, row, column] = x[n, c, i, j]
    return y, indices


def max_unpool2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each number the gradient of its cell, whether it stayed there or not, as torch does."""
    indices, W = saved, dy.shape[3]
    dx = np.empty(indices.shape, dy.dtype)
    for n, c, i, j in np.ndindex(dx.shape):
        row, column = divmod(int(indices[n, c, i, j]), W)
        dx[n, c, i, j] = dy[n, c, row, column]
    return dx
