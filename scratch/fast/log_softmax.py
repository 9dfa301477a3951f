"""The logarithm of softmax on whole arrays, those of NumPy and those of a GPU: y itself holds the exponentials first.

The loops this replaces: scratch/naive/activation.py.
"""

from scratch.array import Array, namespace_of
from scratch.contracts import Saved


def log_softmax(x: Array, dim: int) -> tuple[Array, Saved]:
    """Compute y = (x - max) - log of the sum of exp(x - max).

    Parameters, returns: as `scratch.naive.activation.log_softmax`.
    """
    if x.size == 0:
        return x.copy(), (x, dim)
    xp = namespace_of(x)
    largest = x.max(axis=dim, keepdims=True)
    y: Array = x - largest
    xp.exp(y, out=y)
    logarithms = xp.log(y.sum(axis=dim, keepdims=True))
    y[...] = x
    y -= largest
    y -= logarithms  # in this order: the sum of both would round away a logarithm beside a large maximum
    return y, (y, dim)


def log_softmax_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy - exp(y) * sum of dy."""
    y, dim = saved
    dx: Array = namespace_of(y).exp(y)
    dx *= -dy.sum(axis=dim, keepdims=True)
    dx += dy
    return dx
