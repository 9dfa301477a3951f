"""Sigmoid, tanh, SiLU, GELU, ELU and softplus by their formulas, one number at a time.

                x = -4     -2      0      2      4
    sigmoid      0.02   0.12   0.50   0.88   0.98
    tanh        -1.00  -0.96   0.00   0.96   1.00
    SiLU        -0.07  -0.24   0.00   1.76   3.93       x * sigmoid(x)
    GELU        -0.00  -0.05   0.00   1.95   4.00       x * (the probability that a normal number is below x)
    ELU         -0.98  -0.86   0.00   2.00   4.00       exp(x) - 1 below 0
    softplus     0.02   0.13   0.69   2.13   4.02       log(1 + exp(x)), whose derivative is the sigmoid

Derivatives are written by what forward has computed: that of sigmoid is y (1 - y), that of tanh 1 - y**2.

The same in NumPy at full speed: scratch/fast/smooth.py, elu.py and softplus.py. On the GPU: gpu/smooth.py,
and gpu/activation.py for ELU.
"""

import math

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved

SQRT_2_PI = math.sqrt(2 / math.pi)
CUBIC = 0.044715


def sigmoid(x: Array) -> tuple[Array, Saved]:
    """Squeeze each number into 0 ... 1.

        y = 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x))

    The first form is for x >= 0, the second for x < 0: so exp never overflows.

    Parameters
    ----------
    x : floating array of any shape, not modified

    Returns
    -------
    y : array like x
    saved : what `sigmoid_backward` needs

    References
    ----------
    torch.nn.Sigmoid.
    """
    y = np.empty_like(x)
    for at in np.ndindex(x.shape):
        z = np.exp(-abs(x[at]))
        y[at] = z / (1 + z) if x[at] < 0 else 1 / (1 + z)
    return y, y


def sigmoid_backward(dy: Array, saved: Saved) -> Array:
    """Multiply by the derivative: dx = dy * y * (1 - y)."""
    y = saved
    dx = np.empty_like(dy)
    for at in np.ndindex(dy.shape):
        dx[at] = dy[at] * y[at] * (1 - y[at])
    return dx


def tanh(x: Array) -> tuple[Array, Saved]:
    """Squeeze each number into -1 ... 1.

        y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Parameters, returns: as `sigmoid`.

    References
    ----------
    torch.nn.Tanh.
    """
    y = np.empty_like(x)
    for at in np.ndindex(x.shape):
        y[at] = np.tanh(x[at])
    return y, y


def tanh_backward(dy: Array, saved: Saved) -> Array:
    """Multiply by the derivative: dx = dy * (1 - y**2)."""
    y = saved
    dx = np.empty_like(dy)
    for at in np.ndindex(dy.shape):
        dx[at] = dy[at] * (1 - y[at] * y[at])
    return dx


def silu(x: Array) -> tuple[Array, Saved]:
    """Let each number pass as far as its own sigmoid s is open.

        y = x * s,      s = sigmoid(x)

    Parameters, returns: as `sigmoid`.

    References
    ----------
    torch.nn.SiLU.
    """
    s, _ = sigmoid(x)
    y = np.empty_like(x)
    for at in np.ndindex(x.shape):
        y[at] = x[at] * s[at]
    return y, (x, s)


def silu_backward(dy: Array, saved: Saved) -> Array:
    """Multiply by the derivative of a product: dx = dy * (s + x * s * (1 - s))."""
    x, s = saved
    dx = np.empty_like(dy)
    for at in np.ndindex(dy.shape):
        dx[at] = dy[at] * (s[at] * (1 + x[at] * (1 - s[at])))
    return dx


def gelu(x: Array, approximate: str) -> tuple[Array, Saved]:
    """Let each number pass as far as it is probable that a normal number is below it.

        "none"      y = x * P,               P = (1 + erf(x / sqrt(2))) / 2
        "tanh"      y = x * (1 + t) / 2,     t = tanh(sqrt(2/pi) * (x + 0.044715 * x**3))

    Parameters
    ----------
    x : floating array of any shape, not modified
    approximate : "none" or "tanh"

    Returns
    -------
    y : array like x
    saved : what `gelu_backward` needs

    References
    ----------
    torch.nn.GELU. Hendrycks and Gimpel, "Gaussian error linear units", 2016.
    """
    y = np.empty_like(x)
    for at in np.ndindex(x.shape):
        if approximate == "tanh":
            y[at] = x[at] * ((1 + math.tanh(inner(float(x[at])))) / 2)
        else:
            y[at] = x[at] * ((1 + math.erf(x[at] / math.sqrt(2))) / 2)
    return y, (x, approximate)


def gelu_backward(dy: Array, saved: Saved) -> Array:
    """Multiply by the derivative of a product.

    "none"      dx = dy * (P + x * p),      p = exp(-x**2 / 2) / sqrt(2 pi)
    "tanh"      dx = dy * ((1 + t) / 2 + x / 2 * (1 - t**2) * sqrt(2/pi) * (1 + 3 * 0.044715 * x**2))
    """
    x, approximate = saved
    dx = np.empty_like(dy)
    for at in np.ndindex(dy.shape):
        number = float(x[at])
        if approximate == "tanh":
            t = math.tanh(inner(number))
            slope = (1 + t) / 2 + number / 2 * (1 - t * t) * SQRT_2_PI * (1 + 3 * CUBIC * number * number)
        else:
            density = math.exp(-number * number / 2) / math.sqrt(2 * math.pi)
            slope = (1 + math.erf(number / math.sqrt(2))) / 2 + number * density
        dx[at] = dy[at] * x.dtype.type(slope)
    return dx


def inner(x: float) -> float:
    """What GELU's tanh is taken of."""
    return SQRT_2_PI * (x + CUBIC * x * x * x)


def elu(x: Array, alpha: float) -> tuple[Array, Saved]:
    """Let what is below 0 approach -alpha.

        y = x if x > 0 else alpha * (exp(x) - 1)

    exp(x) - 1 is computed in one, since near 0 the difference would have few digits.

    Parameters
    ----------
    x : floating array of any shape, not modified
    alpha : any number

    Returns
    -------
    y : array like x
    saved : what `elu_backward` needs

    References
    ----------
    torch.nn.ELU. Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear
    units", 2016.
    """
    scale = x.dtype.type(alpha)
    y = np.empty_like(x)
    for at in np.ndindex(x.shape):
        y[at] = x[at] if x[at] > 0 else np.expm1(x[at]) * scale
    return y, (x, scale)


def elu_backward(dy: Array, saved: Saved) -> Array:
    """Let the gradient pass where x was positive; elsewhere multiply it by the derivative, alpha * exp(x)."""
    x, scale = saved
    dx = np.empty_like(dy)
    for at in np.ndindex(x.shape):
        dx[at] = dy[at] if x[at] > 0 else dy[at] * (scale * np.exp(x[at]))
    return dx


def softplus(x: Array, beta: float, threshold: float) -> tuple[Array, Saved]:
    """Round off the corner of ReLU, the less the larger beta is.

        y = x if beta * x > threshold else log(1 + exp(beta * x)) / beta

    The logarithm is that of a sum of exponentials, exp(0) + exp(beta * x), from which the larger one is taken out
    first: so nothing overflows, whatever the threshold is.

    Parameters
    ----------
    x : floating array of any shape, not modified
    beta, threshold : any numbers

    Returns
    -------
    y : array like x
    saved : what `softplus_backward` needs

    References
    ----------
    torch.nn.Softplus.
    """
    scale = x.dtype.type(beta)
    y = np.empty_like(x)
    for at in np.ndindex(x.shape):
        scaled = scale * x[at]
        y[at] = x[at] if scaled > threshold else np.logaddexp(x.dtype.type(0), scaled) / scale
    return y, (x, scale, threshold)


def softplus_backward(dy: Array, saved: Saved) -> Array:
    """Let the gradient pass where y is x; elsewhere multiply it by the derivative, the sigmoid of beta * x."""
    x, scale, threshold = saved
    scaled = np.asarray(scale * x)
    s, _ = sigmoid(scaled)
    dx = np.empty_like(dy)
    for at in np.ndindex(x.shape):
        dx[at] = dy[at] if scaled[at] > threshold else dy[at] * s[at]
    return dx
