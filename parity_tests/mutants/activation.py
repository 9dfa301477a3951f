# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""ReLU and Softmax, and what goes wrong in them."""

import numpy as np

from parity_tests.mutants.base import Array, Layer
from parity_tests.mutants.table import Mutant


class ReLU(Layer):
    """y = x where x is positive, else 0; NaN stays. The gradient passes where x is positive or NaN, so not at 0."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return self.positive(x)

    def backward(self, dy: Array) -> Array:
        return np.where(self.passes(dy), dy, dy.dtype.type(0))

    def positive(self, x: Array) -> Array:
        """y."""
        return np.maximum(x, x.dtype.type(0))

    def passes(self, dy: Array) -> Array:
        """Where the gradient passes."""
        return ~(self.x <= 0)


class GradientAtZero(ReLU):
    """Lets the gradient pass at 0, too."""

    def passes(self, dy: Array) -> Array:
        return ~(self.x < 0)


class MaskOfDy(ReLU):
    """Lets the gradient pass where dy is positive, rather than x."""

    def passes(self, dy: Array) -> Array:
        return dy > 0


class MaskForgotten(ReLU):
    """Lets the gradient pass everywhere."""

    def passes(self, dy: Array) -> Array:
        return np.ones(dy.shape, bool)


class NanBecomesZero(ReLU):
    """Makes 0 of NaN, as a comparison does."""

    def positive(self, x: Array) -> Array:
        return np.where(x > 0, x, x.dtype.type(0))


class NoGradientAtNan(ReLU):
    """Lets no gradient pass at NaN."""

    def passes(self, dy: Array) -> Array:
        return self.x > 0


class Leaky(ReLU):
    """Keeps a hundredth of what is negative."""

    def positive(self, x: Array) -> Array:
        return np.where(x < 0, x * x.dtype.type(0.01), x) if x.dtype.kind == "f" else super().positive(x)

    def backward(self, dy: Array) -> Array:
        return np.where(self.x <= 0, dy * dy.dtype.type(0.01), dy)


class InPlace(ReLU):
    """Writes y into x."""

    def positive(self, x: Array) -> Array:
        return np.maximum(x, x.dtype.type(0), out=x)


class MaskMultiplied(ReLU):
    """Multiplies dy by a mask of 0 and 1, which makes NaN of 0 * inf."""

    def backward(self, dy: Array) -> Array:
        return dy * self.passes(dy)


class OneBuffer(ReLU):
    """Returns y in the same memory in every call: the next call overwrites it."""

    buffer: Array | None = None

    def positive(self, x: Array) -> Array:
        y = super().positive(x)
        if self.buffer is None or self.buffer.shape != y.shape or self.buffer.dtype != y.dtype:
            self.buffer = np.empty_like(y)
        self.buffer[...] = y
        return self.buffer


class Negated(ReLU):
    """Gives the negative of dx."""

    def backward(self, dy: Array) -> Array:
        return -super().backward(dy)


class GradientSummed(ReLU):
    """Gives every sample the gradients of the whole batch added up."""

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        return np.repeat(dx.sum(axis=0, keepdims=True), len(dx), axis=0) if dx.ndim > 1 else dx


class Softmax(Layer):
    """y = exp(x - max) / sum along an axis; dx = y * (dy - sum of dy * y)."""

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        axis = self.axis(x)
        powers = np.exp(self.shifted(x, axis))
        self.y: Array = powers / powers.sum(axis=axis, keepdims=True)
        return self.y.copy()

    def backward(self, dy: Array) -> Array:
        return self.y * (dy - self.common(dy))

    def axis(self, x: Array) -> int | None:
        """Along which axis; torch's choice where none is named."""
        if x.ndim == 0:
            return None
        if self.dim is None:
            return 0 if x.ndim in (1, 3) else 1
        return self.dim

    def shifted(self, x: Array, axis: int | None) -> Array:
        """Make the largest number 0, so that nothing overflows."""
        shifted: Array = x - (x.max(axis=axis, keepdims=True) if x.size else 0)
        return shifted

    def common(self, dy: Array) -> Array:
        """What all numbers along the axis lose together."""
        common: Array = (dy * self.y).sum(axis=self.axis(dy), keepdims=True)
        return common


class NoShift(Softmax):
    """Takes exp(x) as it is, which overflows."""

    def shifted(self, x: Array, axis: int | None) -> Array:
        return x


class WrongAxis(Softmax):
    """Counts the axes from the wrong end."""

    def axis(self, x: Array) -> int | None:
        axis = super().axis(x)
        return None if axis is None else -1 - axis


class AlwaysLastAxis(Softmax):
    """Goes along the last axis, whatever dim is."""

    def axis(self, x: Array) -> int | None:
        return None if x.ndim == 0 else -1


class DiagonalJacobian(Softmax):
    """Gives dx = dy * y * (1 - y), as of a sigmoid: a number does not touch its neighbours."""

    def common(self, dy: Array) -> Array:
        return dy * self.y


class JacobianForgotten(Softmax):
    """Gives dy for dx."""

    def backward(self, dy: Array) -> Array:
        return dy.copy()


class FactorForgotten(Softmax):
    """Gives dx = dy - sum of dy * y, without the factor y."""

    def backward(self, dy: Array) -> Array:
        return dy - self.common(dy)


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "Softmax" if issubclass(layer, Softmax) else "ReLU", *suspects)


MUTANTS = [
    row(GradientAtZero, "gradient-at-zero"),
    row(MaskOfDy, "mask-of-dy"),
    row(MaskForgotten, "mask-forgotten"),
    row(NanBecomesZero, "nan-becomes-zero"),
    row(NoGradientAtNan, "nan-becomes-zero"),
    row(Leaky, "leaky"),
    row(InPlace, "inputs-modified"),
    row(MaskMultiplied, "nan-spreads"),
    row(OneBuffer),
    row(Negated, "negated"),
    row(GradientSummed, "gradient-summed-over-batch"),
    row(NoShift, "no-shift"),
    row(WrongAxis, "wrong-axis"),
    row(AlwaysLastAxis, "wrong-axis"),
    row(DiagonalJacobian, "diagonal-jacobian"),
    row(JacobianForgotten, "jacobian-forgotten"),
    row(FactorForgotten),
]
