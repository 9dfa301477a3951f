# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Softplus, and what goes wrong in it."""

import numpy as np

from parity_tests.mutants.base import Array, Layer
from parity_tests.mutants.smooth import sigmoid
from parity_tests.mutants.table import Mutant


class Softplus(Layer):
    """y = x, dx = dy where beta * x > threshold; else log(1 + exp(beta * x)) / beta, dy * sigmoid(beta * x)."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.where(self.linear(), x, self.curve(self.scaled()))

    def backward(self, dy: Array) -> Array:
        return np.where(self.linear(), dy, dy * self.derivative(self.scaled()))

    def scaled(self) -> Array:
        """beta * x."""
        return self.x * self.x.dtype.type(self.beta)

    def linear(self) -> Array:
        """Where y is x."""
        return self.scaled() > self.threshold

    def curve(self, scaled: Array) -> Array:
        """y elsewhere."""
        return self.logarithm(scaled) / scaled.dtype.type(self.beta)

    def logarithm(self, scaled: Array) -> Array:
        """log(1 + exp(beta * x))."""
        return np.maximum(scaled, 0) + np.log1p(np.exp(-np.abs(scaled)))

    def derivative(self, scaled: Array) -> Array:
        """dy/dx elsewhere."""
        return sigmoid(scaled)


class BetaNotDivided(Softplus):
    """Gives log(1 + exp(beta * x)), not divided by beta."""

    def curve(self, scaled: Array) -> Array:
        return self.logarithm(scaled)


class BetaInGradient(Softplus):
    """Gives dx = dy * beta * sigmoid(beta * x), as if y were not divided by beta."""

    def derivative(self, scaled: Array) -> Array:
        return sigmoid(scaled) * scaled.dtype.type(self.beta)


class ThresholdOfX(Softplus):
    """Compares x with the threshold, rather than beta * x."""

    def linear(self) -> Array:
        return self.x > self.threshold


class LogOfOnePlus(Softplus):
    """Takes the logarithm of 1 + exp(beta * x), which has few digits of a small exponential."""

    def logarithm(self, scaled: Array) -> Array:
        return np.maximum(scaled, 0) + np.log(1 + np.exp(-np.abs(scaled)))


MUTANTS = [
    Mutant.of(BetaNotDivided, "Softplus", "beta-not-divided"),
    Mutant.of(BetaInGradient, "Softplus", "beta-in-gradient"),
    Mutant.of(ThresholdOfX, "Softplus", "threshold-of-x"),
    Mutant.of(LogOfOnePlus, "Softplus"),
]
