"""Upsampling by its definition, one number at a time.

An image is thought of as squares of its numbers, side by side; the output as other squares on the same ground. Three
cells upsampled to five, without align_corners:

    x     |    0    |    1    |    2    |       the middle of output j is (j + 0.5) * 3/5 - 0.5, counted in cells:
    y     |  0  |  1  |  2  |  3  |  4  |       -0.2  0.4  1.0  1.6  2.2, so y[1] = 0.6 x[0] + 0.4 x[1]

With align_corners the middles of the first and of the last squares meet: 0  0.5  1.0  1.5  2.0.

The same in NumPy at full speed: scratch/fast/upsample.py. On the GPU: gpu/upsample.py.
"""

import math

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.upsample import Scale
from scratch.geometry import Pair


def upsample2d(x: Array, out: Pair, scale: Scale, mode: str, align_corners: bool) -> tuple[Array, Saved]:
    """Make each output of the cell that it lies on, or of the four around its middle.

        nearest     y[n, c, i, j] = x[n, c, floor(i / scale), floor(j / scale)]
        bilinear    y[n, c, i, j] = sum over both rows r and both columns s of  w_r * w_s * x[n, c, r, s]

    Parameters
    ----------
    x : (N, C, H, W) floating array, not modified ("nearest": of any dtype)
    out : the size of y
    scale : the factors that were asked for, down and across; None means out / (H, W)
    mode : "nearest" or "bilinear"
    align_corners : see above; of "bilinear" only

    Returns
    -------
    y : (N, C, *out) array
    saved : what `upsample2d_backward` needs

    References
    ----------
    torch.nn.Upsample, and ATen's UpSample.h.
    """
    size = x.shape[2:]
    cells = [
        [source(j, n, m, s, mode, align_corners) for j in range(m)] for n, m, s in zip(size, out, scale, strict=True)
    ]
    y = np.zeros((*x.shape[:2], *out), x.dtype)
    for n, c, i, j in np.ndindex(y.shape):
        for row, w_row in cells[0][i]:
            for column, w_column in cells[1][j]:
                y[n, c, i, j] += x.dtype.type(w_row * w_column) * x[n, c, row, column]
    return y, (x.shape, cells)


def upsample2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each output's gradient to the cells that it is made of, by their weights."""
    x_shape, cells = saved
    dx = np.zeros(x_shape, dy.dtype)
    for n, c, i, j in np.ndindex(dy.shape):
        for row, w_row in cells[0][i]:
            for column, w_column in cells[1][j]:
                dx[n, c, row, column] += dy.dtype.type(w_row * w_column) * dy[n, c, i, j]
    return dx


def source(j: int, n: int, m: int, scale: float | None, mode: str, align_corners: bool) -> list[tuple[int, float]]:
    """The cells, of n, that output j of m is made of, each with its weight.

    Two neighbours are named even where one has the weight 0, as in torch: 0 times infinity is NaN. The cell of
    "nearest" is computed in float32, whatever the dtype of x, as in torch, except for factors of 1 and 2.

    >>> source(1, 3, 5, None, "bilinear", align_corners=True), source(1, 3, 5, None, "nearest", False)
    ([(0, 0.5), (1, 0.5)], [(0, 1.0)])
    """
    if mode == "nearest":
        if m in (n, 2 * n):
            return [(j * n // m, 1.0)]
        per_output = np.float32(n) / np.float32(m) if scale is None else np.float32(1 / scale)
        return [(min(math.floor(np.float32(j) * per_output), n - 1), 1.0)]
    if m == n:
        return [(j, 1.0), (j, 0.0)]
    if align_corners:
        middle = j * ((n - 1) / (m - 1) if m > 1 else 0.0)
    else:
        middle = max((n / m if scale is None else 1 / scale) * (j + 0.5) - 0.5, 0.0)
    left = min(math.floor(np.float32(middle)), n - 1)
    weight = min(max(middle - left, 0.0), 1.0)
    return [(left, 1 - weight), (min(left + 1, n - 1), weight)]
