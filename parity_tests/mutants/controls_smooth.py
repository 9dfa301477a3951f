# ruff: noqa: D102  (the base says what a method is for, the class says what is different)
"""Smooth activations that are right, each computed in its own way."""

import math

import numpy as np

from parity_tests.mutants.base import Array
from parity_tests.mutants.log_softmax import LogSoftmax
from parity_tests.mutants.smooth import ELU, GELU, LeakyReLU, Sigmoid, SiLU, Tanh, by_tanh
from parity_tests.mutants.softplus import Softplus
from parity_tests.mutants.table import Control


class TwoParts(LeakyReLU):
    """The part above 0 and the part below it, added."""

    def forward(self, x: Array) -> Array:
        self.x = x
        if not np.isfinite(x).all():  # of infinity one part may be 0 * infinity
            return super().forward(x)
        return np.maximum(x, 0) + self.slope(x) * np.minimum(x, 0)


class AsWritten(Sigmoid):
    """1 / (1 + exp(-x)) as it is written: where exp overflows, y is the right 0."""

    def curve(self, x: Array) -> Array:
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-x))


class ByExpm1(Tanh):
    """(1 - z) / (1 + z) with z = exp(-2|x|), by exp(a) - 1, which keeps its digits at 0."""

    def curve(self, x: Array) -> Array:
        less = np.expm1(-2 * np.abs(x))
        return np.copysign(-less / (2 + less), x)


class ByItsOwnValue(SiLU):
    """The derivative as s + y * (1 - s)."""

    def derivative(self) -> Array:
        return self.s + self.x * self.s * (1 - self.s)


class ByErfc(GELU):
    """P = erfc(-x / sqrt(2)) / 2, which keeps all digits far below 0."""

    def probability(self, x: Array) -> tuple[Array, Array]:
        if self.approximate == "tanh":
            return by_tanh(x)
        erfc = np.vectorize(math.erfc, otypes=[np.float64])
        return erfc(-x / math.sqrt(2)) / 2, np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


class BothParts(ELU):
    """The part above 0 and the part below it, added: one of them is 0."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.maximum(x, 0) + self.below(np.minimum(x, 0))


class ByLogAddExp(Softplus):
    """The logarithm of a sum of exponentials, by the function for that."""

    def logarithm(self, scaled: Array) -> Array:
        return np.logaddexp(scaled, scaled.dtype.type(0))


class LogSumExp(LogSoftmax):
    """The sum's logarithm by logarithms alone, added up in pairs."""

    def logarithm(self, shifted: Array, axis: int | None) -> Array:
        if shifted.ndim == 0 or shifted.size == 0:
            return super().logarithm(shifted, axis)
        return shifted - np.logaddexp.reduce(shifted, axis=axis, keepdims=True)


CONTROLS = [
    Control(TwoParts, "LeakyReLU"),
    Control(AsWritten, "Sigmoid"),
    Control(ByExpm1, "Tanh"),
    Control(ByItsOwnValue, "SiLU"),
    Control(ByErfc, "GELU"),
    Control(BothParts, "ELU"),
    Control(ByLogAddExp, "Softplus"),
    Control(LogSumExp, "LogSoftmax"),
]
