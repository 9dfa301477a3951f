"""Max and average pooling by their definition, one window at a time.

The same in NumPy at full speed: scratch/fast/pool.py. On the GPU: gpu/pool.py.
"""

import numpy as np

from scratch.array import Array, divide
from scratch.contracts import Saved
from scratch.geometry import Window2d


def max_pool2d(x: Array, window: Window2d) -> tuple[Array, Saved]:
    """Find the largest value under each window, and where it stands.

        y[n, c, i, j] = max over u, v of  x[n, c, i*sH + u*dH - pH, j*sW + v*dW - pW],    cells outside x left out

    The window is scanned row by row and a value must be larger to replace the best one, so of equal values the
    first wins; a NaN replaces anything, so of several the last wins.

    Parameters
    ----------
    x : (N, C, H, W) floating or integer array, not modified
    window : already checked against x: no window is without a cell of x

    Returns
    -------
    y : (N, C, outH, outW) array
    saved : what `max_pool2d_backward` and `max_pool2d_indices` need

    References
    ----------
    torch.nn.MaxPool2d, and the scan in ATen's MaxPoolKernel.cpp.
    """
    H, W = x.shape[2:]
    y = np.empty((*x.shape[:2], *window.output_size((H, W))), x.dtype)
    indices = np.empty(y.shape, np.int64)

    for n, c, i, j in np.ndindex(y.shape):
        rows, columns = window.cells(i, j, (H, W))
        best, best_at = x[n, c, rows[0], columns[0]], (rows[0], columns[0])
        for row in rows:
            for column in columns:
                value = x[n, c, row, column]
                if value > best or np.isnan(value):
                    best, best_at = value, (row, column)
        y[n, c, i, j] = best
        indices[n, c, i, j] = best_at[0] * W + best_at[1]
    return y, (indices, x.shape)


def max_pool2d_indices(saved: Saved) -> Array:
    """Tell where each maximum stands: int64, flat in one unpadded H*W plane, shaped like y."""
    indices: Array = saved[0]
    return indices


def max_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each window's gradient to the cell that held its maximum; a cell may collect from several windows."""
    indices, x_shape = saved
    W = x_shape[3]
    dx = np.zeros(x_shape, dy.dtype)
    for n, c, i, j in np.ndindex(dy.shape):
        row, column = divmod(int(indices[n, c, i, j]), W)
        dx[n, c, row, column] += dy[n, c, i, j]
    return dx


def avg_pool2d(
    x: Array, window: Window2d, count_include_pad: bool = True, divisor_override: int | None = None
) -> tuple[Array, Saved]:
    """Average the values under each window.

        y[n, c, i, j] = (sum over u, v of  x[n, c, i*sH + u - pH, j*sW + v - pW]) / divisor

    Parameters
    ----------
    x : (N, C, H, W) floating or int64 array, not modified; integers are truncated towards zero
    window : already checked against x
    count_include_pad : whether padded cells count in the divisor (see `Window2d.cell_counts`)
    divisor_override : the divisor, for all windows

    Returns
    -------
    y : (N, C, outH, outW) array
    saved : what `avg_pool2d_backward` needs

    References
    ----------
    torch.nn.AvgPool2d.
    """
    size = x.shape[2:]
    heights, widths = window.cell_counts(size, count_include_pad)
    y = np.empty((*x.shape[:2], len(heights), len(widths)), x.dtype)
    for n, c, i, j in np.ndindex(y.shape):
        rows, columns = window.cells(i, j, size)
        total = np.sum(x[n, c, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        y[n, c, i, j] = divide(total, divisor_override or heights[i] * widths[j])
    return y, (x.shape, window, heights, widths, divisor_override)


def avg_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Spread each window's gradient evenly over the cells it averaged."""
    x_shape, window, heights, widths, divisor_override = saved
    dx = np.zeros(x_shape, dy.dtype)
    for n, c, i, j in np.ndindex(dy.shape):
        rows, columns = window.cells(i, j, x_shape[2:])
        share = dy[n, c, i, j] / (divisor_override or heights[i] * widths[j])
        dx[n, c, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] += share
    return dx
