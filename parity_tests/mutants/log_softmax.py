# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""The logarithm of softmax, and what goes wrong in it."""

import numpy as np

from parity_tests.mutants.activation import Softmax
from parity_tests.mutants.base import Array, Layer
from parity_tests.mutants.table import Mutant


class LogSoftmax(Layer):
    """y = (x - max) - log of the sum of exp(x - max) along an axis; dx = dy - exp(y) * sum of dy."""

    def __init__(self, dim: int | None = None) -> None:
        self.softmax = Softmax(dim)

    def forward(self, x: Array) -> Array:
        axis = self.axis(x)
        self.y: Array = self.logarithm(self.softmax.shifted(x, axis), axis)
        return self.y.copy()

    def backward(self, dy: Array) -> Array:
        return dy - self.share() * dy.sum(axis=self.axis(dy), keepdims=True)

    def axis(self, x: Array) -> int | None:
        """Along which axis."""
        return self.softmax.axis(x)

    def logarithm(self, shifted: Array, axis: int | None) -> Array:
        """y."""
        y: Array = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
        return y

    def share(self) -> Array:
        """How much of the sum of dy each dx loses."""
        return np.exp(self.y)


class LogOfSoftmax(LogSoftmax):
    """Takes the logarithm of softmax's result, which may have been rounded to 0."""

    def logarithm(self, shifted: Array, axis: int | None) -> Array:
        powers = np.exp(shifted)
        return np.log(powers / powers.sum(axis=axis, keepdims=True))


class ExponentialForgotten(LogSoftmax):
    """Gives dx = dy - y * sum of dy."""

    def share(self) -> Array:
        return self.y


class JacobianForgotten(LogSoftmax):
    """Gives dy for dx."""

    def backward(self, dy: Array) -> Array:
        return dy.copy()


class LastAxis(LogSoftmax):
    """Goes along the last axis, whatever dim is."""

    def axis(self, x: Array) -> int | None:
        return None if x.ndim == 0 else -1


MUTANTS = [
    Mutant.of(LogOfSoftmax, "LogSoftmax"),
    Mutant.of(ExponentialForgotten, "LogSoftmax", "exponential-forgotten"),
    Mutant.of(JacobianForgotten, "LogSoftmax", "jacobian-forgotten"),
    Mutant.of(LastAxis, "LogSoftmax", "wrong-axis"),
]
