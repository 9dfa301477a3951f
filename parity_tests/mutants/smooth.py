# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Leaky ReLU, sigmoid, tanh, SiLU, GELU and ELU, and what goes wrong in them."""

import math

import numpy as np

from parity_tests.mutants.base import Array, Layer
from parity_tests.mutants.table import Mutant

erf = np.vectorize(math.erf, otypes=[np.float64])
K = math.sqrt(2 / math.pi)


class LeakyReLU(Layer):
    """y = x where x is positive, else negative_slope * x; dx likewise."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.where(x > 0, x, x * self.slope(x))

    def backward(self, dy: Array) -> Array:
        return np.where(self.passes(dy), dy, dy * self.slope(dy))

    def slope(self, like: Array) -> Array:
        """The slope below 0."""
        slope: Array = like.dtype.type(self.negative_slope)
        return slope

    def passes(self, dy: Array) -> Array:
        """Where the gradient passes as it is."""
        return self.x > 0


class BackwardOfReLU(LeakyReLU):
    """Lets no gradient pass where x is not positive."""

    def backward(self, dy: Array) -> Array:
        return np.where(self.passes(dy), dy, dy.dtype.type(0))


class FixedSlope(LeakyReLU):
    """Takes 0.01 for the slope, whatever it should be."""

    def slope(self, like: Array) -> Array:
        slope: Array = like.dtype.type(0.01)
        return slope


class SlopedWhereDyIs(LeakyReLU):
    """Lets the gradient pass as it is where dy is positive, rather than x."""

    def passes(self, dy: Array) -> Array:
        return dy > 0


class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)), dx = dy * y * (1 - y)."""

    def forward(self, x: Array) -> Array:
        self.x = x if x.dtype.kind == "f" else x.astype(np.float32)
        self.y = self.curve(self.x)
        return self.y.copy()

    def backward(self, dy: Array) -> Array:
        return dy * self.derivative()

    def curve(self, x: Array) -> Array:
        """y."""
        return sigmoid(x)

    def derivative(self) -> Array:
        """dy/dx."""
        return self.y * (1 - self.y)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without an overflow."""
    z = np.exp(-np.abs(x))
    return np.where(x < 0, z / (1 + z), 1 / (1 + z))


class SigmoidOfX(Sigmoid):
    """Takes the derivative for one of x: dx = dy * x * (1 - x)."""

    def derivative(self) -> Array:
        return self.x * (1 - self.x)


class FactorForgotten(Sigmoid):
    """Gives dx = dy * (1 - y), without the factor y."""

    def derivative(self) -> Array:
        return 1 - self.y


class Overflowing(Sigmoid):
    """Computes exp(x) / (1 + exp(x)), which is NaN for large x."""

    def curve(self, x: Array) -> Array:
        return np.exp(x) / (1 + np.exp(x))


class Tanh(Sigmoid):
    """y = tanh(x), dx = dy * (1 - y**2)."""

    def curve(self, x: Array) -> Array:
        return np.tanh(x)

    def derivative(self) -> Array:
        return 1 - self.y * self.y


class TanhOfX(Tanh):
    """Takes the derivative for one of x: dx = dy * (1 - x**2)."""

    def derivative(self) -> Array:
        return 1 - self.x * self.x


class SquareForgotten(Tanh):
    """Gives dx = dy * (1 - y)."""

    def derivative(self) -> Array:
        return 1 - self.y


class SiLU(Layer):
    """y = x * s, dx = dy * (s + x * s * (1 - s)), where s = sigmoid(x)."""

    def forward(self, x: Array) -> Array:
        self.x, self.s = x, sigmoid(x)
        return x * self.s

    def backward(self, dy: Array) -> Array:
        return dy * self.derivative()

    def derivative(self) -> Array:
        """dy/dx."""
        return self.s * (1 + self.x * (1 - self.s))


class OfSigmoidOnly(SiLU):
    """Gives dx = dy * s * (1 - s), as of a sigmoid."""

    def derivative(self) -> Array:
        return self.s * (1 - self.s)


class OfFactorOnly(SiLU):
    """Gives dx = dy * s, as if s did not depend on x."""

    def derivative(self) -> Array:
        return self.s


class GELU(Layer):
    """y = x * P, dx = dy * (P + x * p), where p is the derivative of P."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, x: Array) -> Array:
        self.x = x
        self.P, self.p = (each.astype(x.dtype) for each in self.probability(x.astype(np.float64)))
        return x * self.P

    def backward(self, dy: Array) -> Array:
        return dy * self.derivative()

    def probability(self, x: Array) -> tuple[Array, Array]:
        """P and its derivative, by the form that is asked for."""
        return by_tanh(x) if self.approximate == "tanh" else by_erf(x)

    def derivative(self) -> Array:
        """dy/dx."""
        return self.P + self.x * self.p


def by_erf(x: Array) -> tuple[Array, Array]:
    """(1 + erf(x / sqrt(2))) / 2, and its derivative."""
    return (1 + erf(x / math.sqrt(2))) / 2, np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def by_tanh(x: Array) -> tuple[Array, Array]:
    """(1 + tanh) / 2 of the cubic, and its derivative."""
    t = np.tanh(K * (x + 0.044715 * x**3))
    return (1 + t) / 2, (1 - t * t) / 2 * K * (1 + 3 * 0.044715 * x * x)


class AlwaysByTanh(GELU):
    """Takes the approximation by tanh, whatever is asked for."""

    def probability(self, x: Array) -> tuple[Array, Array]:
        return by_tanh(x)


class OfProbabilityOnly(GELU):
    """Gives dx = dy * P, as if P did not depend on x."""

    def derivative(self) -> Array:
        return self.P


class RootForgotten(GELU):
    """Takes erf of x rather than of x / sqrt(2)."""

    def probability(self, x: Array) -> tuple[Array, Array]:
        P, p = super().probability(x)
        return (P, p) if self.approximate == "tanh" else ((1 + erf(x)) / 2, np.exp(-x * x) / math.sqrt(math.pi))


class ELU(Layer):
    """y = x where x is positive, else alpha * (exp(x) - 1); dx = dy there, else dy * alpha * exp(x)."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.where(x > 0, x, self.below(np.minimum(x, 0)))

    def backward(self, dy: Array) -> Array:
        return np.where(self.x > 0, dy, dy * self.derivative(np.minimum(self.x, 0)))

    def below(self, x: Array) -> Array:
        """y where x is not positive."""
        return self.scale(x) * np.expm1(x)

    def derivative(self, x: Array) -> Array:
        """dy/dx where x is not positive."""
        return self.scale(x) * np.exp(x)

    def scale(self, like: Array) -> Array:
        """alpha."""
        scale: Array = like.dtype.type(self.alpha)
        return scale


class FixedAlpha(ELU):
    """Takes 1 for alpha, whatever it should be."""

    def scale(self, like: Array) -> Array:
        scale: Array = like.dtype.type(1)
        return scale


class AlphaNotInGradient(ELU):
    """Gives dx = dy * exp(x) where x is not positive, without alpha."""

    def derivative(self, x: Array) -> Array:
        return np.exp(x)


class AlphaNotAdded(ELU):
    """Gives dx = dy * y where x is not positive: it is y + alpha."""

    def derivative(self, x: Array) -> Array:
        return self.below(x)


class ExpLessOne(ELU):
    """Takes 1 from exp(x), of which near 0 few digits are left."""

    def below(self, x: Array) -> Array:
        return self.scale(x) * (np.exp(x) - 1)


MUTANTS = [
    Mutant.of(BackwardOfReLU, "LeakyReLU", "slope-forgotten"),
    Mutant.of(FixedSlope, "LeakyReLU", "slope-fixed"),
    Mutant.of(SlopedWhereDyIs, "LeakyReLU", "mask-of-dy"),
    Mutant.of(SigmoidOfX, "Sigmoid", "derivative-of-x"),
    Mutant.of(FactorForgotten, "Sigmoid", "factor-forgotten"),
    Mutant.of(Overflowing, "Sigmoid"),
    Mutant.of(TanhOfX, "Tanh", "derivative-of-x"),
    Mutant.of(SquareForgotten, "Tanh", "factor-forgotten"),
    Mutant.of(OfSigmoidOnly, "SiLU", "product-rule"),
    Mutant.of(OfFactorOnly, "SiLU", "product-rule"),
    Mutant.of(AlwaysByTanh, "GELU", "other-form"),
    Mutant.of(OfProbabilityOnly, "GELU", "product-rule"),
    Mutant.of(RootForgotten, "GELU"),
    Mutant.of(FixedAlpha, "ELU", "alpha-fixed"),
    Mutant.of(AlphaNotInGradient, "ELU", "alpha-not-in-gradient"),
    Mutant.of(AlphaNotAdded, "ELU", "alpha-not-added"),
    Mutant.of(ExpLessOne, "ELU"),
]
