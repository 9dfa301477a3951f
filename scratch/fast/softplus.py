"""Softplus in blocks, by formulas for any namespace.

The loops this replaces: scratch/naive/smooth.py. On the GPU, with blocks of its own: gpu/smooth.py.
"""

from functools import partial

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast.curves import sigmoid
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
    """Fill y."""
    xp = namespace_of(x)
    xp.multiply(x, beta, out=y)
    linear = y > threshold
    xp.logaddexp(y, 0, out=y)
    y /= beta
    xp.copyto(y, x, where=linear)


def gradient(beta: float, threshold: float, x: Array, dy: Array, dx: Array) -> None:
    """Fill dx."""
    scaled = x * beta
    sigmoid(scaled, dx)
    dx *= dy
    namespace_of(x).copyto(dx, dy, where=scaled > threshold)


softplus = Softplus(by_blocks)
