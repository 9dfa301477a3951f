"""ELU in blocks that stay in the cache, without deciding number by number where alpha is in 0 ... 1.

    low         min(x, 0): nothing overflows, and where x is positive, expm1(low) is 0 and exp(low) is 1
    forward     the larger one of x and alpha * expm1(low): expm1(x) is never below x
    backward    the larger one of alpha * exp(low) and x > 0, which is 0 or 1; times dy

Another alpha, a negative one or one above 1, needs the decision. Its loops: scratch/naive/smooth.py. On the GPU:
gpu/activation.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.relu import in_blocks, zeros
from scratch.fast.smooth import SHARE


def elu(x: Array, alpha: float) -> tuple[Array, Saved]:
    """Compute x, or where it is not above 0, alpha * (exp(x) - 1).

    Parameters, returns: as `scratch.naive.smooth.elu`.
    """
    y, scale = np.empty_like(x), x.dtype.type(alpha)

    def work(x: Array, y: Array) -> None:
        np.minimum(x, zeros(x.shape, x.dtype), out=y)
        np.expm1(y, out=y)
        if scale != 1:
            y *= scale
        if 0 <= scale <= 1:
            np.maximum(x, y, out=y)
        else:
            np.copyto(y, x, where=x > 0)

    in_blocks(work, x, y, share=SHARE)
    return y, (x, scale)


def elu_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy, or where x is not above 0, dy * alpha * exp(x)."""
    x, scale = saved
    dx: Array = np.empty_like(x)

    def work(x: Array, dy: Array, dx: Array) -> None:
        np.minimum(x, zeros(x.shape, x.dtype), out=dx)
        np.exp(dx, out=dx)
        if scale != 1:
            dx *= scale
            if 0 <= scale < 1:
                np.maximum(dx, x > 0, out=dx)
            else:
                np.copyto(dx, 1, where=x > 0)
        dx *= dy

    in_blocks(work, x, dy, dx, share=SHARE)
    return dx
