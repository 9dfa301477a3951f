"""ELU in blocks that stay in the cache.

Its loops: scratch/naive/smooth.py. On the GPU: gpu/activation.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.relu import in_blocks


def elu(x: Array, alpha: float) -> tuple[Array, Saved]:
    """Compute x, or where it is not above 0, alpha * (exp(x) - 1); x above 0 counts as 0 there, so exp never overflows.

    Parameters, returns: as `scratch.naive.smooth.elu`.
    """
    y, scale = np.empty_like(x), x.dtype.type(alpha)

    def work(x: Array, y: Array) -> None:
        np.minimum(x, 0, out=y)
        np.expm1(y, out=y)
        y *= scale
        np.copyto(y, x, where=x > 0)

    in_blocks(work, x, y)
    return y, (x, scale)


def elu_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy, or where x is not above 0, dy * alpha * exp(x)."""
    x, scale = saved
    dx: Array = np.empty_like(x)

    def work(x: Array, dy: Array, dx: Array) -> None:
        np.minimum(x, 0, out=dx)
        np.exp(dx, out=dx)
        dx *= scale
        dx *= dy
        np.copyto(dx, dy, where=x > 0)

    in_blocks(work, x, dy, dx)
    return dx
