"""The formulas of sigmoid, tanh, SiLU and GELU, on whole arrays of any namespace; all arrays have one shape.

Each takes a handful of arrays for temporaries, so they are called on blocks: by scratch/fast/smooth.py in NumPy, by
gpu/smooth.py on the GPU. The loops that they replace: scratch/naive/smooth.py.
"""

import math

from scratch.array import Array, namespace_of
from scratch.fast.erf import erf

SQRT_2_PI = math.sqrt(2 / math.pi)
CUBIC = 0.044715
SATURATED = 40
"""Where GELU's density, exp(-x**2 / 2), and 1 - tanh**2 are 0 in float64, too: beyond it x counts as this, so that no
power of x overflows."""


def sigmoid(x: Array) -> Array:
    """Compute 1 / (1 + exp(-x)); where exp overflows, 1 / infinity is the right 0 (NumPy must be told not to warn)."""
    y: Array = -x
    namespace_of(x).exp(y, out=y)
    y += 1
    return 1 / y


def sigmoid_gradient(y: Array, dy: Array) -> Array:
    """Compute dy * y * (1 - y)."""
    dx: Array = 1 - y
    dx *= y
    dx *= dy
    return dx


def tanh(x: Array) -> Array:
    """Compute tanh(x)."""
    y: Array = namespace_of(x).tanh(x)
    return y


def tanh_gradient(y: Array, dy: Array) -> Array:
    """Compute dy * (1 - y**2)."""
    dx = y * y
    dx = 1 - dx
    dx *= dy
    return dx


def silu(x: Array) -> Array:
    """Compute x * sigmoid(x)."""
    y = sigmoid(x)
    y *= x
    return y


def silu_gradient(x: Array, dy: Array) -> Array:
    """Compute dy * s * (1 + x * (1 - s))."""
    s = sigmoid(x)
    dx: Array = 1 - s
    dx *= x
    dx += 1
    dx *= s
    dx *= dy
    return dx


def gelu(x: Array) -> Array:
    """Compute x * (1 + erf(x / sqrt(2))) / 2."""
    y = probability(x)
    y *= x
    return y


def gelu_gradient(x: Array, dy: Array) -> Array:
    """Compute dy * (P + x * p): P the probability, p its density, which is the derivative of P."""
    xp = namespace_of(x)
    dx: Array = xp.clip(x, -SATURATED, SATURATED)
    dx *= dx
    dx *= -0.5
    xp.exp(dx, out=dx)
    dx *= 1 / math.sqrt(2 * math.pi)
    dx *= x
    dx += probability(x)
    dx *= dy
    return dx


def probability(x: Array) -> Array:
    """That a normal number is below x: (1 + erf(x / sqrt(2))) / 2."""
    P = erf(x * math.sqrt(0.5))
    P += 1
    P *= 0.5
    return P


def gelu_tanh(x: Array) -> Array:
    """Compute x * (1 + t) / 2."""
    y, _ = tanh_of_cubic(x)
    y += 1
    y *= 0.5
    y *= x
    return y


def gelu_tanh_gradient(x: Array, dy: Array) -> Array:
    """Compute dy * ((1 + t) / 2 + x / 2 * (1 - t**2) * u'), where t = tanh(u)."""
    t, square = tanh_of_cubic(x)
    dx = square  # becomes u'
    dx *= 3 * CUBIC * SQRT_2_PI
    dx += SQRT_2_PI
    dx *= 1 - t * t
    dx *= x
    dx += t
    dx += 1
    dx *= 0.5
    dx *= dy
    return dx


def tanh_of_cubic(x: Array) -> tuple[Array, Array]:
    """Compute t = tanh(u) with u = sqrt(2/pi) * (x + 0.044715 * x**3), and x**2."""
    xp = namespace_of(x)
    small = xp.clip(x, -SATURATED, SATURATED)
    square = small * small
    t = square * (CUBIC * SQRT_2_PI)
    t += SQRT_2_PI
    t *= small
    xp.tanh(t, out=t)
    return t, square
