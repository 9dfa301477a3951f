"""Leaky ReLU in blocks that stay in the cache, without deciding number by number where the slope is in 0 ... 1.

    forward     the larger one of x and slope * x
    backward    the larger one of slope and x > 0, which is 0 or 1; times dy

Another slope, a negative one or one above 1, needs the decision. Its loops: scratch/naive/activation.py. On the GPU:
gpu/activation.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.relu import in_blocks

SHARE = 8
"""Blocks of 512 KiB, which a core's own cache holds while they are gone through two or three times."""


def leaky_relu(x: Array, negative_slope: float) -> tuple[Array, Saved]:
    """Compute x, or where it is not above 0, slope * x.

    Parameters, returns: as `scratch.naive.activation.leaky_relu`.
    """
    y, slope = np.empty_like(x), x.dtype.type(negative_slope)

    def work(x: Array, y: Array) -> None:
        np.multiply(x, slope, out=y)
        if 0 < slope <= 1:  # for 0 infinity would become NaN
            np.maximum(x, y, out=y)
        else:
            np.copyto(y, x, where=x > 0)

    in_blocks(work, x, y, share=SHARE)
    return y, (x, slope)


def leaky_relu_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy, or where x is not above 0, slope * dy."""
    x, slope = saved
    dx: Array = np.empty_like(x)

    def work(x: Array, dy: Array, dx: Array) -> None:
        if 0 <= slope <= 1:
            np.greater(x, 0, out=dx)
            np.maximum(dx, slope, out=dx)
        else:
            dx[...] = slope
            np.copyto(dx, 1, where=x > 0)
        np.multiply(dx, dy, out=dx)

    in_blocks(work, x, dy, dx, share=SHARE)
    return dx
