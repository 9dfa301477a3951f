"""ReLU, leaky ReLU, softmax and its logarithm by their definition, one number or one vector at a time.

The same in NumPy at full speed: scratch/fast/activation.py, leaky_relu.py and log_softmax.py. On the GPU:
gpu/activation.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved


def relu(x: Array) -> tuple[Array, Saved]:
    """Replace what is negative by 0; a NaN stays.

        y = max(x, 0)

    Parameters
    ----------
    x : array of any shape, not modified

    Returns
    -------
    y : array like x
    saved : what `relu_backward` needs

    References
    ----------
    torch.nn.ReLU.
    """
    y = np.empty_like(x)
    for at in np.ndindex(x.shape):
        y[at] = max(x[at], 0)  # in this order: a comparison with NaN is false, so NaN is not replaced
    return y, x


def relu_backward(dy: Array, saved: Saved) -> Array:
    """Let the gradient pass where x was positive (or NaN), and nowhere else: at 0 it is 0."""
    x = saved
    dx = np.empty_like(dy)
    for at in np.ndindex(x.shape):
        dx[at] = 0 if x[at] <= 0 else dy[at]
    return dx


def leaky_relu(x: Array, negative_slope: float) -> tuple[Array, Saved]:
    """Multiply what is not above 0 by a slope.

        y = x if x > 0 else negative_slope * x

    Parameters
    ----------
    x : floating array of any shape, not modified
    negative_slope : any number

    Returns
    -------
    y : array like x
    saved : what `leaky_relu_backward` needs

    References
    ----------
    torch.nn.LeakyReLU.
    """
    slope = x.dtype.type(negative_slope)
    y = np.empty_like(x)
    for at in np.ndindex(x.shape):
        y[at] = x[at] if x[at] > 0 else x[at] * slope
    return y, (x, slope)


def leaky_relu_backward(dy: Array, saved: Saved) -> Array:
    """Let the gradient pass where x was positive, and multiply it by the slope elsewhere, at 0 and NaN, too."""
    x, slope = saved
    dx = np.empty_like(dy)
    for at in np.ndindex(x.shape):
        dx[at] = dy[at] if x[at] > 0 else dy[at] * slope
    return dx


def softmax(x: Array, dim: int) -> tuple[Array, Saved]:
    """Turn each vector along `dim` into positive numbers that sum to 1.

        y_i = exp(x_i - m) / sum over j of exp(x_j - m),     m = max over j of x_j

    The maximum cancels; without it exp would overflow above 88 in float32.

    Parameters
    ----------
    x : floating array of any shape, not modified
    dim : the dimension along which y sums to 1

    Returns
    -------
    y : array like x
    saved : what `softmax_backward` needs

    References
    ----------
    torch.nn.Softmax.
    """
    y = np.empty_like(x)
    for vector in vectors(x.shape, dim):
        powers = np.exp(x[vector] - np.max(x[vector]))
        y[vector] = powers / np.sum(powers)
    return y, (y, dim)


def softmax_backward(dy: Array, saved: Saved) -> Array:
    """Take each gradient relative to the vector's weighted mean, since the y of a vector sum to 1.

    dx_i = y_i * (dy_i - sum over j of dy_j * y_j)
    """
    y, dim = saved
    dx = np.empty_like(dy)
    for vector in vectors(dy.shape, dim):
        dx[vector] = y[vector] * (dy[vector] - np.sum(dy[vector] * y[vector]))
    return dx


def vectors(shape: tuple[int, ...], dim: int) -> list[tuple[int | slice, ...]]:
    """List the index of every vector along `dim`.

    shape (2, 3), dim 1:     (0, :), (1, :)
    """
    if shape[dim] == 0:
        return []
    others = (*shape[:dim], 1, *shape[dim + 1 :])
    return [(*at[:dim], slice(None), *at[dim + 1 :]) for at in np.ndindex(others)]


def log_softmax(x: Array, dim: int) -> tuple[Array, Saved]:
    """Turn each vector along `dim` into logarithms of numbers that sum to 1.

        y_i = (x_i - m) - log(sum over j of exp(x_j - m)),     m = max over j of x_j

    The logarithm of softmax's result would be -infinity where that rounds to 0.

    Parameters
    ----------
    x : floating array of any shape, not modified
    dim : the dimension along which the exponentials of y sum to 1

    Returns
    -------
    y : array like x
    saved : what `log_softmax_backward` needs

    References
    ----------
    torch.nn.LogSoftmax.
    """
    y = np.empty_like(x)
    for vector in vectors(x.shape, dim):
        shifted = x[vector] - np.max(x[vector])
        y[vector] = shifted - np.log(np.sum(np.exp(shifted)))
    return y, (y, dim)


def log_softmax_backward(dy: Array, saved: Saved) -> Array:
    """Take from each gradient its share of their sum: exp(y_i) is softmax's result.

    dx_i = dy_i - exp(y_i) * sum over j of dy_j
    """
    y, dim = saved
    dx = np.empty_like(dy)
    for vector in vectors(dy.shape, dim):
        dx[vector] = dy[vector] - np.exp(y[vector]) * np.sum(dy[vector])
    return dx
