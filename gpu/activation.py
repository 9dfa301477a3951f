"""ReLU, leaky ReLU, ELU, softmax and its logarithm on whole arrays of the GPU.

The loops this replaces: scratch/naive/activation.py, and smooth.py for ELU. The same in NumPy:
scratch/fast/activation.py, leaky_relu.py, elu.py and log_softmax.py.
"""

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast.activation import softmax_backward
from scratch.fast.log_softmax import log_softmax, log_softmax_backward

__all__ = [
    "elu",
    "elu_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "log_softmax",
    "log_softmax_backward",
    "relu",
    "relu_backward",
    "softmax",
    "softmax_backward",
]


def relu(x: Array) -> tuple[Array, Saved]:
    """Compute max(x, 0); `maximum` keeps a NaN.

    Parameters, returns: as `scratch.naive.activation.relu`.
    """
    return namespace_of(x).maximum(x, 0), x


def relu_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy where not x <= 0: a comparison with NaN is false, so the gradient passes there."""
    dx: Array = namespace_of(dy).where(saved <= 0, 0, dy)
    return dx


def leaky_relu(x: Array, negative_slope: float) -> tuple[Array, Saved]:
    """Compute x, or where it is not above 0, slope * x.

    Parameters, returns: as `scratch.naive.activation.leaky_relu`.
    """
    return namespace_of(x).where(x > 0, x, x * negative_slope), (x, negative_slope)


def leaky_relu_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy, or where x is not above 0, slope * dy."""
    x, slope = saved
    dx: Array = namespace_of(dy).where(x > 0, dy, dy * slope)
    return dx


def elu(x: Array, alpha: float) -> tuple[Array, Saved]:
    """Compute x, or where it is not above 0, alpha * (exp(x) - 1); x above 0 counts as 0 there, so exp never overflows.

    Parameters, returns: as `scratch.naive.smooth.elu`.
    """
    xp = namespace_of(x)
    return xp.where(x > 0, x, xp.expm1(xp.minimum(x, 0)) * alpha), (x, alpha)


def elu_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy, or where x is not above 0, dy * alpha * exp(x)."""
    x, alpha = saved
    xp = namespace_of(dy)
    dx: Array = xp.where(x > 0, dy, dy * (xp.exp(xp.minimum(x, 0)) * alpha))
    return dx


def softmax(x: Array, dim: int) -> tuple[Array, Saved]:
    """Compute y = exp(x - max) / sum.

    Parameters, returns: as `scratch.naive.activation.softmax`.
    """
    if x.size == 0:
        return x.copy(), (x, dim)
    xp = namespace_of(x)
    y = x - x.max(axis=dim, keepdims=True)
    xp.exp(y, out=y)
    y /= y.sum(axis=dim, keepdims=True)
    return y, (y, dim)
