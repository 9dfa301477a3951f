"""Numbers that carry a bound of their rounding error: running error analysis.

A law is derived by writing an operation's formula once with these numbers. Each operation passes on the errors of its
operands, by its derivatives, and adds its own rounding:

    a + b        error(a) + error(b)                                  + eps |a + b|
    a * b        |b| error(a) + |a| error(b) + error(a) error(b)      + eps |a * b|
    a / b        error(a) / |b| + |a| error(b) / b**2                 + eps |a / b|
    f(a)         |f'(a)| error(a)                                     + a few eps |f(a)|
    sum of n     sum of the errors                                    + n eps sum of |a|      in any order of summation

Two errors are carried side by side: the *hard* one as above; and the *scale*, where a sum counts one eps rather than n,
which is the size that errors have in practice. eps is the machine epsilon, twice the largest relative error of one
rounding; the other half pays for another arrangement of the same formula, and for the oracle's own error in float64.

Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.3.
"""

import math
from typing import Any, TypeAlias

import numpy as np

from parity_tests.harness.comparison import Law
from scratch.array import HostArray

Errors: TypeAlias = tuple[HostArray, HostArray]
Operand: TypeAlias = "Rounded | HostArray | float"

TINY = float(np.finfo(np.float32).tiny)
"""What an underflow loses at most (in float64 less, but no tensor here is that small)."""

FUNCTION_ROUNDINGS = 4  # exp and log of NumPy, CUDA and the C libraries err by at most this many eps


class Rounded:
    """A float64 array with the errors that the same computation has in a format of epsilon `eps`.

    Attributes
    ----------
    value : the array
    errors : two arrays that broadcast against it: the hard bound, and the scale
    """

    __array_ufunc__ = None  # an array on the left of an operator leaves it to this class

    def __init__(self, value: Any, eps: float, errors: Errors | None = None) -> None:
        self.value: HostArray = np.asarray(value, np.float64)
        self.eps = eps
        self.errors = (np.zeros(()), np.zeros(())) if errors is None else errors

    def _of(self, other: Operand) -> "Rounded":
        """An operand as a Rounded: arrays and integers are exact, a float constant of the formula is rounded once."""
        if isinstance(other, Rounded):
            return other
        exact = Rounded(other, self.eps)
        return self._rounded(exact.value, exact.errors) if isinstance(other, float) else exact

    def _rounded(self, value: HostArray, passed_on: Errors, roundings: int = 1) -> "Rounded":
        own = roundings * self.eps * np.abs(value) + TINY
        return Rounded(value, self.eps, (passed_on[0] + own, passed_on[1] + own))

    def __add__(self, other: Operand) -> "Rounded":
        b = self._of(other)
        hard, scale = (mine + its for mine, its in zip(self.errors, b.errors, strict=True))
        return self._rounded(self.value + b.value, (hard, scale))

    def __sub__(self, other: Operand) -> "Rounded":
        b = self._of(other)
        return self + Rounded(-b.value, self.eps, b.errors)

    def __mul__(self, other: Operand) -> "Rounded":
        b = self._of(other)
        size, its_size = np.abs(self.value), np.abs(b.value)
        hard, scale = ((its_size + its) * mine + size * its for mine, its in zip(self.errors, b.errors, strict=True))
        return self._rounded(self.value * b.value, (hard, scale))

    def __truediv__(self, other: Operand) -> "Rounded":
        b = self._of(other)
        value = self.value / b.value
        size, its_size = np.abs(value), np.abs(b.value)
        hard, scale = ((mine + size * its) / its_size for mine, its in zip(self.errors, b.errors, strict=True))
        return self._rounded(value, (hard, scale))

    def _function(self, value: HostArray, derivative: HostArray, roundings: int) -> "Rounded":
        hard, scale = (np.where(derivative == 0, 0.0, np.abs(derivative) * mine) for mine in self.errors)
        return self._rounded(value, (hard, scale), roundings)

    def exp(self) -> "Rounded":
        """The exponential."""
        value = np.exp(self.value)
        return self._function(value, value, FUNCTION_ROUNDINGS)

    def expm1(self) -> "Rounded":
        """The exponential less 1, of one rounding."""
        return self._function(np.expm1(self.value), np.exp(self.value), FUNCTION_ROUNDINGS)

    def log(self) -> "Rounded":
        """The natural logarithm."""
        return self._function(np.log(self.value), 1 / self.value, FUNCTION_ROUNDINGS)

    def log1p(self) -> "Rounded":
        """The natural logarithm of 1 + a, of one rounding."""
        return self._function(np.log1p(self.value), 1 / (1 + self.value), FUNCTION_ROUNDINGS)

    def sqrt(self) -> "Rounded":
        """The square root; at 0, whose error would be infinite, 0 is taken to be exact."""
        value = np.sqrt(self.value)
        return self._function(value, np.divide(0.5, value, out=np.zeros_like(value), where=value != 0), 1)

    def tanh(self) -> "Rounded":
        """The hyperbolic tangent."""
        return self._function(np.tanh(self.value), 1 / np.cosh(self.value) ** 2, FUNCTION_ROUNDINGS)

    def erf(self) -> "Rounded":
        """The error function, as the C library computes it."""
        value = np.vectorize(math.erf, otypes=[float])(self.value)
        return self._function(value, 2 / math.sqrt(math.pi) * np.exp(-self.value * self.value), FUNCTION_ROUNDINGS)

    def power(self, exponent: float) -> "Rounded":
        """A positive power of what is not negative; at 0, whose error would be infinite below 1, 0 is exact."""
        value, positive = self.value**exponent, self.value > 0
        slope = np.divide(exponent * value, self.value, out=np.zeros_like(value), where=positive)
        return self._function(value, slope, FUNCTION_ROUNDINGS)

    def flat(self) -> "Rounded":
        """All numbers in a row."""
        hard, scale = (np.broadcast_to(mine, self.value.shape).reshape(-1) for mine in self.errors)
        return Rounded(self.value.reshape(-1), self.eps, (hard, scale))

    def sum(self, axis: int | tuple[int, ...], keepdims: bool = False) -> "Rounded":
        """The sum along some axes."""
        count = int(np.prod([self.value.shape[a] for a in np.atleast_1d(axis)]))
        size = np.abs(self.value).sum(axis=axis, keepdims=keepdims)
        hard, scale = (
            np.broadcast_to(mine, self.value.shape).sum(axis=axis, keepdims=keepdims) + roundings * self.eps * size
            for mine, roundings in zip(self.errors, (count, 1), strict=True)
        )
        return Rounded(self.value.sum(axis=axis, keepdims=keepdims), self.eps, (hard, scale))

    def max(self, axis: int) -> "Rounded":
        """The maximum along one axis, kept with length 1: selected, not rounded."""
        hard, scale = (np.broadcast_to(mine, self.value.shape).max(axis=axis, keepdims=True) for mine in self.errors)
        return Rounded(self.value.max(axis=axis, keepdims=True), self.eps, (hard, scale))

    def larger(self, other: "Rounded") -> "Rounded":
        """Of two numbers the larger one: selected, not rounded; where they are close, it may be either."""
        hard, scale = (np.maximum(mine, its) for mine, its in zip(self.errors, other.errors, strict=True))
        return Rounded(np.maximum(self.value, other.value), self.eps, (hard, scale))

    def where(self, condition: HostArray, other: "Rounded") -> "Rounded":
        """Itself where the condition holds, elsewhere the other number: selected, not rounded."""
        hard, scale = (np.where(condition, mine, its) for mine, its in zip(self.errors, other.errors, strict=True))
        return Rounded(np.where(condition, self.value, other.value), self.eps, (hard, scale))

    def or_worse(self, other: "Rounded") -> "Rounded":
        """The same number by another formula: an implementation may use either, so the larger error counts."""
        hard, scale = (np.maximum(mine, its) for mine, its in zip(self.errors, other.errors, strict=True))
        return Rounded(self.value, self.eps, (hard, scale))

    def law(self, shape: tuple[int, ...]) -> Law:
        """The law of a tensor of that shape whose formula this is."""
        hard, scale = (np.broadcast_to(error, self.value.shape).reshape(shape) for error in self.errors)
        return Law(hard, scale, self.value.reshape(shape))
