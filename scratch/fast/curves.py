"""The formulas of sigmoid, tanh, SiLU and GELU, on whole arrays of any namespace; all arrays have one shape.

Each fills its last argument, which is none of the others, and goes through it many times, so they are called on blocks:
by scratch/fast/smooth.py in NumPy, by gpu/smooth.py on the GPU.

The loops that they replace: scratch/naive/smooth.py.
"""

import math

import numpy as np

from scratch.array import Array, namespace_of
from scratch.fast import workspace
from scratch.fast.erf import erf
from scratch.fast.normal import odds_against

SQRT_2_PI = math.sqrt(2 / math.pi)
CUBIC = 0.044715
SATURATED = 40
"""Where 1 - tanh(u)**2 is 0 in float64, too: beyond it x counts as this, so that it is not multiplied by infinity."""


def sigmoid(x: Array, y: Array) -> None:
    """Compute 1 / (1 + exp(-x)); where exp overflows, 1 / infinity is the right 0 (NumPy must be told not to warn)."""
    xp = namespace_of(x)
    xp.negative(x, out=y)
    xp.exp(y, out=y)
    y += 1
    xp.divide(1, y, out=y)


def sigmoid_gradient(y: Array, dy: Array, dx: Array) -> None:
    """Compute dy * y * (1 - y)."""
    namespace_of(y).subtract(1, y, out=dx)
    dx *= y
    dx *= dy


def tanh(x: Array, y: Array) -> None:
    """Compute tanh(x)."""
    namespace_of(x).tanh(x, out=y)


def tanh_gradient(y: Array, dy: Array, dx: Array) -> None:
    """Compute dy * (1 - y**2)."""
    xp = namespace_of(y)
    xp.multiply(y, y, out=dx)
    xp.subtract(1, dx, out=dx)
    dx *= dy


def silu(x: Array, y: Array) -> None:
    """Compute x / (1 + exp(-x))."""
    xp = namespace_of(x)
    xp.negative(x, out=y)
    xp.exp(y, out=y)
    y += 1
    xp.divide(x, y, out=y)


def silu_gradient(x: Array, dy: Array, dx: Array) -> None:
    """Compute dy * s * (1 + x * (1 - s)), s = sigmoid(x)."""
    xp = namespace_of(x)
    s = temporary("sigmoid", x)
    sigmoid(x, s)
    xp.subtract(1, s, out=dx)
    dx *= x
    dx += 1
    dx *= s
    dx *= dy


def gelu(x: Array, y: Array) -> None:
    """Compute x * P, P = (1 + erf(x / sqrt(2))) / 2."""
    xp = namespace_of(x)
    if x.dtype == np.float32:
        odds_against(x, temporary("square", x), y)
        y += 1
        xp.divide(x, y, out=y)
    else:
        xp.multiply(x, probability(x), out=y)


def gelu_gradient(x: Array, dy: Array, dx: Array) -> None:
    """Compute dy * (P + x * p): P the probability, p its density, which is the derivative of P."""
    xp = namespace_of(x)
    density = temporary("square", x)
    if x.dtype == np.float32:
        odds_against(x, density, dx)
        dx += 1
        xp.divide(1, dx, out=dx)
    else:
        dx[...] = probability(x)
        xp.multiply(x, x, out=density)
    density *= -0.5
    xp.exp(density, out=density)
    density *= 1 / math.sqrt(2 * math.pi)
    density *= x
    dx += density
    dx *= dy


def probability(x: Array) -> Array:
    """That a normal number is below x: (1 + erf(x / sqrt(2))) / 2."""
    P = erf(x * math.sqrt(0.5))
    P += 1
    P *= 0.5
    return P


def gelu_tanh(x: Array, y: Array) -> None:
    """Compute x * (1 + t) / 2."""
    square = temporary("square", x)
    tanh_of_cubic(x, square, square, y)
    y += 1
    y *= 0.5
    y *= x


def gelu_tanh_gradient(x: Array, dy: Array, dx: Array) -> None:
    """Compute dy * ((1 + t) / 2 + x / 2 * (1 - t**2) * u'), where t = tanh(u)."""
    xp = namespace_of(x)
    t, square = temporary("tanh", x), temporary("square", x)
    xp.minimum(x, SATURATED, out=t)
    xp.maximum(t, -SATURATED, out=t)
    tanh_of_cubic(t, square, dx, t)
    square *= 3 * CUBIC * SQRT_2_PI
    square += SQRT_2_PI  # u'
    xp.multiply(t, t, out=dx)
    xp.subtract(1, dx, out=dx)
    dx *= square
    dx *= x
    dx += t
    dx += 1
    dx *= 0.5
    dx *= dy


def tanh_of_cubic(x: Array, square: Array, factor: Array, t: Array) -> None:
    """Fill square with x**2, factor with u / x, u = sqrt(2/pi) * (x + 0.044715 * x**3), and t with tanh(u).

    factor may be the same array as square, and t the same as x.
    """
    xp = namespace_of(x)
    xp.multiply(x, x, out=square)
    xp.multiply(square, CUBIC * SQRT_2_PI, out=factor)
    factor += SQRT_2_PI
    xp.multiply(factor, x, out=t)
    xp.tanh(t, out=t)


def temporary(name: str, like: Array) -> Array:
    """Memory for the numbers of one block: NumPy's is used again, and so is CuPy's, by its own allocator."""
    xp = namespace_of(like)
    if xp is np:
        return workspace.empty(name, like.shape, like.dtype)
    return xp.empty_like(like)  # type: ignore[no-any-return]
