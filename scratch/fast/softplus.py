"""Softplus in blocks, by formulas for any namespace.

The loops this replaces: scratch/naive/smooth.py. On the GPU, with blocks of its own: gpu/smooth.py.
"""

from functools import partial

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast.curves import sigmoid, temporary
from scratch.fast.smooth import ByBlocks, by_blocks


class Softplus:
    """The operation and its backward, with the contract of scratch/contracts/activation.py.

    Parameters, returns: as the functions of `scratch.naive.smooth`.
    """

    def __init__(self, by_blocks: ByBlocks) -> None:
        self.by_blocks = by_blocks

    def softplus(self, x: Array, beta: float, threshold: float) -> tuple[Array, Saved]:
        """Compute log(1 + exp(beta * x)) / beta, or x where beta * x is above the threshold."""
        return self.by_blocks(partial(curve, beta, threshold), x), (x, beta, threshold)

    def softplus_backward(self, dy: Array, saved: Saved) -> Array:
        """Compute dx = dy * sigmoid(beta * x), or dy where y is x."""
        x, beta, threshold = saved
        return self.by_blocks(partial(gradient, beta, threshold), x, dy)


def curve(beta: float, threshold: float, x: Array, y: Array) -> None:
    """Fill y with (max(z, 0) + log(1 + exp(-|z|))) / beta, where z = beta * x: exp does not overflow."""
    xp = namespace_of(x)
    z = temporary("scaled", x)
    xp.multiply(x, beta, out=z)
    linear = z > threshold
    xp.negative(z, out=y)
    xp.minimum(y, z, out=y)
    xp.exp(y, out=y)
    xp.log1p(y, out=y)
    xp.maximum(z, 0, out=z)
    y += z
    y /= beta
    xp.copyto(y, x, where=linear)


def gradient(beta: float, threshold: float, x: Array, dy: Array, dx: Array) -> None:
    """Fill dx."""
    xp = namespace_of(x)
    z = temporary("scaled", x)
    xp.multiply(x, beta, out=z)
    sigmoid(z, dx)
    dx *= dy
    xp.copyto(dx, dy, where=z > threshold)


softplus = Softplus(by_blocks)
