"""Adaptive pooling by its definition, one window at a time: the size of the output is given, the windows follow.

Window i of `out` along n cells begins at floor(i*n / out) and ends before ceil((i+1)*n / out), so that all cells are in
some window, and neighbours share at most one cell where n is not a multiple of out (and out < n):

    n = 5 cells         0  1  2  3  4
    3 windows          [0  1]
                          [1  2  3]
                                [3  4]

The same in NumPy at full speed: scratch/fast/adaptive_pool.py. On the GPU: gpu/adaptive_pool.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Pair


def cells(i: int, n: int, out: int) -> range:
    """The cells of window i.

    >>> [list(cells(i, 5, 3)) for i in range(3)]
    [[0, 1], [1, 2, 3], [3, 4]]
    """
    return range(i * n // out, -(-(i + 1) * n // out))


def adaptive_avg_pool2d(x: Array, out: Pair) -> tuple[Array, Saved]:
    """Average the cells of each window.

        y[n, c, i, j] = (sum of x[n, c, row, column] over the window's cells) / (how many they are)

    Parameters
    ----------
    x : (N, C, H, W) floating array, not modified
    out : how many windows there are, down and across

    Returns
    -------
    y : (N, C, *out) array
    saved : what `adaptive_avg_pool2d_backward` needs

    References
    ----------
    torch.nn.AdaptiveAvgPool2d, and ATen's AdaptivePooling.h.
    """
    H, W = x.shape[2:]
    y = np.empty((*x.shape[:2], *out), x.dtype)
    for n, c, i, j in np.ndindex(y.shape):
        rows, columns = cells(i, H, out[0]), cells(j, W, out[1])
        total = np.sum(x[n, c, rows.start : rows.stop, columns.start : columns.stop])
        y[n, c, i, j] = total / (len(rows) * len(columns))
    return y, x.shape


def adaptive_avg_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Spread each window's gradient evenly over the cells it averaged."""
    dx = np.zeros(saved, dy.dtype)
    H, W = saved[2:]
    for n, c, i, j in np.ndindex(dy.shape):
        rows, columns = cells(i, H, dy.shape[2]), cells(j, W, dy.shape[3])
        for row in rows:
            for column in columns:
                dx[n, c, row, column] += dy[n, c, i, j] / (len(rows) * len(columns))
    return dx


def adaptive_max_pool2d(x: Array, out: Pair) -> tuple[Array, Saved]:
    """Find the largest value of each window, and where it stands.

    The window is scanned row by row and a value must be larger to replace the best one, so of equal values the
    first wins; a NaN replaces anything, so of several the last wins. So it is in MaxPool2d, too.

    Parameters
    ----------
    x : (N, C, H, W) floating array, not modified
    out : how many windows there are, down and across

    Returns
    -------
    y : (N, C, *out) array
    saved : what `adaptive_max_pool2d_backward` and `adaptive_max_pool2d_indices` need

    References
    ----------
    torch.nn.AdaptiveMaxPool2d, and the scan in ATen's AdaptiveMaxPoolKernel.cpp.
    """
    H, W = x.shape[2:]
    y = np.empty((*x.shape[:2], *out), x.dtype)
    indices = np.empty(y.shape, np.int64)
    for n, c, i, j in np.ndindex(y.shape):
        rows, columns = cells(i, H, out[0]), cells(j, W, out[1])
        best, best_at = x[n, c, rows[0], columns[0]], (rows[0], columns[0])
        for row in rows:
            for column in columns:
                value = x[n, c, row, column]
                if value > best or np.isnan(value):
                    best, best_at = value, (row, column)
        y[n, c, i, j] = best
        indices[n, c, i, j] = best_at[0] * W + best_at[1]
    return y, (indices, x.shape)


def adaptive_max_pool2d_indices(saved: Saved) -> Array:
    """Tell where each maximum stands: int64, flat in one H*W plane, shaped like y."""
    indices: Array = saved[0]
    return indices


def adaptive_max_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each window's gradient to the cell that held its maximum; a cell may collect from several windows."""
    indices, x_shape = saved
    dx = np.zeros(x_shape, dy.dtype)
    for n, c, i, j in np.ndindex(dy.shape):
        row, column = divmod(int(indices[n, c, i, j]), x_shape[3])
        dx[n, c, row, column] += dy[n, c, i, j]
    return dx
