# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""The dense layer, and what goes wrong in it."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Layer, Parameter
from parity_tests.mutants.table import Mutant


class Linear(Layer):
    """y = x @ weight.T + bias, with the weight in shape (out, in); any axes may stand before the last of x."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True, dtype: Any = np.float32) -> None:
        self.weight = Parameter(np.zeros((out_features, in_features), dtype))
        self.bias = Parameter(np.zeros(out_features, dtype)) if bias else None

    def forward(self, x: Array) -> Array:
        self.x = x
        return self.with_bias(self.times_weight(x))

    def backward(self, dy: Array) -> Array:
        self.weight.accumulate(self.weight_gradient(dy, self.x))
        if self.bias is not None:
            self.bias.accumulate(self.bias_gradient(dy))
        return self.x_gradient(dy)

    def times_weight(self, x: Array) -> Array:
        """y without bias."""
        return x @ self.weight.data.T

    def with_bias(self, y: Array) -> Array:
        """y."""
        return y if self.bias is None else y + self.bias.data

    def x_gradient(self, dy: Array) -> Array:
        """dx = dy @ weight."""
        return dy @ self.weight.data

    def weight_gradient(self, dy: Array, x: Array) -> Array:
        """dweight = dy.T @ x, a row for each sample."""
        return rows(dy).T @ rows(x)

    def bias_gradient(self, dy: Array) -> Array:
        """The sum over the samples."""
        return rows(dy).sum(axis=0)


def rows(x: Array) -> Array:
    """One row for each sample, whatever the axes before the last."""
    return x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])


class WeightTransposed(Linear):
    """Reads the memory of the weight as a matrix (in, out)."""

    def times_weight(self, x: Array) -> Array:
        return x @ self.weight.data.reshape(self.weight.data.T.shape)


class BiasMissing(Linear):
    """Adds no bias."""

    def with_bias(self, y: Array) -> Array:
        return y


class DweightTransposed(Linear):
    """Gives dweight as (in, out)."""

    def weight_gradient(self, dy: Array, x: Array) -> Array:
        return super().weight_gradient(dy, x).T


class DbiasNotSummed(Linear):
    """Overwrites dbias in the loop over the samples, so that the last one is left."""

    def bias_gradient(self, dy: Array) -> Array:
        return super().bias_gradient(dy[-1:] if dy.ndim > 1 else dy)


class DbiasOfEachSample(Linear):
    """Gives a dbias for each sample."""

    def bias_gradient(self, dy: Array) -> Array:
        return rows(dy)


class DbiasAveraged(Linear):
    """Averages dbias over the samples."""

    def bias_gradient(self, dy: Array) -> Array:
        return super().bias_gradient(dy) / max(1, len(rows(dy)))


class DweightAveraged(Linear):
    """Averages dweight over the samples."""

    def weight_gradient(self, dy: Array, x: Array) -> Array:
        return super().weight_gradient(dy, x) / max(1, len(rows(dy)))


class GradientAveraged(Linear):
    """Averages all gradients over the batch, which is the business of the loss."""

    def backward(self, dy: Array) -> Array:
        return super().backward(dy / max(1, len(dy)) if dy.ndim > 1 else dy)


class FirstSampleOnly(Linear):
    """Takes the gradients of the parameters from the first sample."""

    def weight_gradient(self, dy: Array, x: Array) -> Array:
        return super().weight_gradient(*(a[:1] if a.ndim > 1 else a for a in (dy, x)))

    def bias_gradient(self, dy: Array) -> Array:
        return super().bias_gradient(dy[:1] if dy.ndim > 1 else dy)


class LastSampleOnly(Linear):
    """Overwrites the gradients of the parameters in the loop over the samples."""

    def weight_gradient(self, dy: Array, x: Array) -> Array:
        return super().weight_gradient(*(a[-1:] if a.ndim > 1 else a for a in (dy, x)))

    def bias_gradient(self, dy: Array) -> Array:
        return super().bias_gradient(dy[-1:] if dy.ndim > 1 else dy)


class BatchReversed(Linear):
    """Returns the samples in reverse."""

    def times_weight(self, x: Array) -> Array:
        y = super().times_weight(x)
        return y[::-1] if y.ndim > 1 else y


class UpstreamIgnored(Linear):
    """Computes the gradients of y.sum(): dy is not looked at."""

    def backward(self, dy: Array) -> Array:
        return super().backward(np.ones_like(dy))


class WeightNotUsedInDx(Linear):
    """Gives the sum of dy for dx, as if all weights were 1."""

    def x_gradient(self, dy: Array) -> Array:
        return dy @ np.ones_like(self.weight.data)


class SumsIntoDy(Linear):
    """Keeps dy of a single sample for dbias as it is, and adds the next gradient into that memory."""

    def bias_gradient(self, dy: Array) -> Array:
        return rows(dy)[0] if len(rows(dy)) == 1 else super().bias_gradient(dy)

    def backward(self, dy: Array) -> Array:
        before = self.bias.grad if self.bias is not None else None
        dx = super().backward(dy)
        if self.bias is not None and before is not None:
            before += self.bias.grad - before
            self.bias.grad = before
        return dx


class InFloat32(Linear):
    """Computes in float32 whatever it is given, and returns the dtype that was asked for."""

    def times_weight(self, x: Array) -> Array:
        return super().times_weight(x.astype(np.float32)).astype(np.float32).astype(x.dtype)


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "Linear", *suspects)


MUTANTS = [
    row(WeightTransposed, "weight-transposed"),
    row(BiasMissing, "bias-missing"),
    row(DweightTransposed, "dweight-transposed"),
    row(DbiasNotSummed, "dbias-not-summed"),
    row(DbiasOfEachSample, "dbias-not-summed"),
    row(DbiasAveraged, "dbias-averaged"),
    row(DweightAveraged, "dweight-averaged"),
    row(GradientAveraged, "gradient-averaged-over-batch"),
    row(FirstSampleOnly, "first-sample-only"),
    row(LastSampleOnly, "last-sample-only"),
    row(BatchReversed, "batch-permuted"),
    row(UpstreamIgnored, "upstream-ignored"),
    row(WeightNotUsedInDx),
    row(SumsIntoDy),
    row(InFloat32, "arithmetic-in-float32"),
]
