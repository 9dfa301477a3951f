"""Borders that are made of the image itself, one cell at a time.

    x            a b c d                    two cells on either side
    reflect      c b | a b c d | c b        a mirror stands in the outermost cell, which is not repeated
    replicate    a a | a b c d | d d        the outermost cell goes on
    circular     c d | a b c d | a b        the other end, as if the image were a ring

The same in NumPy at full speed: scratch/fast/pad.py. On the GPU: gpu/pad.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.pad import Mode
from scratch.geometry import Padding


def pad2d(x: Array, padding: Padding, mode: Mode) -> tuple[Array, Saved]:
    """Surround every image.

        y[n, c, i, j] = x[n, c, source(i - top, H), source(j - left, W)]

    Parameters
    ----------
    x : (N, C, H, W) array, not modified
    padding : ((top, bottom), (left, right)), in cells; less than the size to reflect, no more than it to go around
    mode : what the border is

    Returns
    -------
    y : (N, C, top + H + bottom, left + W + right) array
    saved : what `pad2d_backward` needs

    References
    ----------
    torch.nn.functional.pad.
    """
    N, C, H, W = x.shape
    (top, bottom), (left, right) = padding
    y = np.empty((N, C, top + H + bottom, left + W + right), x.dtype)
    for i, j in np.ndindex(y.shape[2:]):
        y[:, :, i, j] = x[:, :, source(i - top, H, mode), source(j - left, W, mode)]
    return y, (x.shape, padding, mode)


def pad2d_backward(dy: Array, saved: Saved) -> Array:
    """Add every gradient to the cell that was copied: one near the border collects several.

    Parameters
    ----------
    dy : array like y, the gradient of the loss with respect to y; others may use its memory up
    saved : from `pad2d`

    Returns
    -------
    dx : (N, C, H, W) array
    """
    x_shape, ((top, _), (left, _)), mode = saved
    dx = np.zeros(x_shape, dy.dtype)
    H, W = x_shape[2:]
    for i, j in np.ndindex(dy.shape[2:]):
        dx[:, :, source(i - top, H, mode), source(j - left, W, mode)] += dy[:, :, i, j]
    return dx


def source(i: int, n: int, mode: Mode) -> int:
    """Which of n cells in a row stands at place i, which may lie before or behind them.

    >>> [source(i, 4, "reflect") for i in range(-2, 6)]
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    if mode == "circular":
        return i % n
    if mode == "replicate":
        return min(max(i, 0), n - 1)
    return (n - 1) - abs((n - 1) - abs(i))
