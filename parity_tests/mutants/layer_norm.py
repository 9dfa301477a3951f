# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Layer and group normalisation, and what goes wrong in them."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Layer, Parameter
from parity_tests.mutants.table import Mutant


class Rows(Layer):
    """z = (x - mean) / sqrt(var + eps), y = z * weight + bias, for each row of numbers.

    Inside, x has the shape `shaped`, and the axes of a row are `axes`.
    """

    eps: float
    weight: Parameter | None
    bias: Parameter | None

    def forward(self, x: Array) -> Array:
        rows = self.shaped(x)
        mean = self.mean(rows)
        self.s = self.deviation(self.variance(rows - mean))
        self.z = (rows - mean) / self.s
        y = self.scaled(self.z)
        if self.bias is not None:
            y = y + self.per_number(self.bias.data)
        return self.unshaped(y, x.shape)

    def backward(self, dy: Array) -> Array:
        rows = self.shaped(dy)
        for parameter, gradient in ((self.weight, rows * self.z), (self.bias, rows)):
            if parameter is not None:
                parameter.accumulate(self.summed(gradient).reshape(parameter.data.shape))
        return self.unshaped(self.weighed_gradient(rows) / self.s, dy.shape)

    def shaped(self, x: Array) -> Array:
        """x, so that rows can be told."""
        raise NotImplementedError

    def unshaped(self, y: Array, shape: tuple[int, ...]) -> Array:
        """The way back."""
        return y.reshape(shape)

    def axes(self, x: Array) -> tuple[int, ...]:
        """The axes of a row."""
        raise NotImplementedError

    def per_number(self, values: Array) -> Array:
        """The weight or the bias, to be combined with the rows."""
        raise NotImplementedError

    def summed(self, values: Array) -> Array:
        """The sum over all that shares a weight."""
        raise NotImplementedError

    def mean(self, x: Array) -> Array:
        """The mean of each row."""
        return x.mean(axis=self.axes(x), keepdims=True)

    def variance(self, deviation: Array) -> Array:
        """The variance of each row."""
        return self.mean(deviation**2)

    def deviation(self, var: Array) -> Array:
        """What is divided by."""
        return np.sqrt(var + self.eps)

    def scaled(self, values: Array) -> Array:
        """Times the weight."""
        return values.copy() if self.weight is None else values * self.per_number(self.weight.data)

    def weighed_gradient(self, dy: Array) -> Array:
        """The gradient before it is divided by the deviation."""
        return self.through(self.scaled(dy))

    def through(self, dz: Array) -> Array:
        """The gradient through mean and variance."""
        return dz - self.mean(dz) - self.z * self.mean(dz * self.z)


class LayerNorm(Rows):
    """Rows are the last dimensions, and each of their numbers has a weight."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        self.shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.weight = Parameter(np.ones(self.shape, dtype)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.shape, dtype)) if elementwise_affine and bias else None

    def shaped(self, x: Array) -> Array:
        return x

    def axes(self, x: Array) -> tuple[int, ...]:
        return tuple(range(-len(self.shape), 0))

    def per_number(self, values: Array) -> Array:
        return values

    def summed(self, values: Array) -> Array:
        return values.sum(axis=tuple(range(values.ndim - len(self.shape))))


class GroupNorm(Rows):
    """Rows are groups of neighbouring channels of a sample, and each channel has a weight."""

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, dtype: Any = np.float32
    ) -> None:
        self.groups, self.channels, self.eps = num_groups, num_channels, eps
        self.weight = Parameter(np.ones(num_channels, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_channels, dtype)) if affine else None

    def shaped(self, x: Array) -> Array:
        return x.reshape(len(x), self.groups, self.channels // self.groups, int(np.prod(x.shape[2:])))

    def axes(self, x: Array) -> tuple[int, ...]:
        return (2, 3)

    def per_number(self, values: Array) -> Array:
        return values.reshape(self.groups, -1, 1)

    def summed(self, values: Array) -> Array:
        return values.sum(axis=(0, 3))


class LayerUnbiased(LayerNorm):
    """Divides the sum of squares by one less than there are numbers."""

    def variance(self, deviation: Array) -> Array:
        K = int(np.prod(self.shape))
        squares = (deviation**2).sum(axis=self.axes(deviation), keepdims=True)
        return np.asarray(squares / deviation.dtype.type(K - 1))


class LayerEpsOutside(LayerNorm):
    """Divides by sqrt(var) + eps."""

    def deviation(self, var: Array) -> Array:
        return np.sqrt(var) + self.eps


class LayerEpsMissing(LayerNorm):
    """Divides by sqrt(var)."""

    def deviation(self, var: Array) -> Array:
        return np.sqrt(var)


class LayerConstant(LayerNorm):
    """Takes mean and variance for constants in backward."""

    def through(self, dz: Array) -> Array:
        return dz


class LastDimensionOnly(LayerNorm):
    """Normalises along the last dimension, however many there are."""

    def axes(self, x: Array) -> tuple[int, ...]:
        return (-1,)


class LayerWeightAfterSums(LayerNorm):
    """Multiplies by the weight at the end of backward, after the sums over a row."""

    def weighed_gradient(self, dy: Array) -> Array:
        return self.scaled(self.through(dy))


class GroupUnbiased(GroupNorm):
    """Divides the sum of squares by one less than there are numbers."""

    def variance(self, deviation: Array) -> Array:
        K = deviation.shape[2] * deviation.shape[3]
        return super().variance(deviation) * (K / max(1, K - 1))


class GroupEpsMissing(GroupNorm):
    """Divides by sqrt(var)."""

    def deviation(self, var: Array) -> Array:
        return np.sqrt(var)


class GroupEpsOutside(GroupNorm):
    """Divides by sqrt(var) + eps."""

    def deviation(self, var: Array) -> Array:
        return np.sqrt(var) + self.eps


class GroupConstant(GroupNorm):
    """Takes mean and variance for constants in backward."""

    def through(self, dz: Array) -> Array:
        return dz


class EachChannelAlone(GroupNorm):
    """Normalises each channel by itself."""

    def axes(self, x: Array) -> tuple[int, ...]:
        return (3,)


class GroupWeightAfterSums(GroupNorm):
    """Multiplies by the weight at the end of backward, after the sums over a row."""

    def weighed_gradient(self, dy: Array) -> Array:
        return self.scaled(self.through(dy))


class WeightOfFirstGroup(GroupNorm):
    """Counts the weights within a group: each group has those of the first."""

    def per_number(self, values: Array) -> Array:
        return np.broadcast_to(super().per_number(values)[:1], (self.groups, self.channels // self.groups, 1))


class GroupOfEveryNth(GroupNorm):
    """Takes channels that lie num_groups apart for a group, not neighbouring ones."""

    def shaped(self, x: Array) -> Array:
        return x.reshape(len(x), self.channels // self.groups, self.groups, -1 if x.size else 0).swapaxes(1, 2)

    def unshaped(self, y: Array, shape: tuple[int, ...]) -> Array:
        return y.swapaxes(1, 2).reshape(shape)

    def per_number(self, values: Array) -> Array:
        return values.reshape(-1, self.groups, 1).swapaxes(0, 1)

    def summed(self, values: Array) -> Array:
        return values.sum(axis=(0, 3)).T


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "LayerNorm" if issubclass(layer, LayerNorm) else "GroupNorm", *suspects)


MUTANTS = [
    row(LayerUnbiased, "unbiased-variance"),
    row(LayerEpsOutside, "eps-outside-root"),
    row(LayerEpsMissing, "eps-missing"),
    row(LayerConstant, "statistics-constant-in-backward"),
    row(LastDimensionOnly),
    row(LayerWeightAfterSums, "weight-after-the-sums"),
    row(GroupUnbiased, "unbiased-variance"),
    row(GroupEpsMissing, "eps-missing"),
    row(GroupEpsOutside, "eps-outside-root"),
    row(GroupConstant, "statistics-constant-in-backward"),
    row(EachChannelAlone, "each-channel-alone"),
    row(GroupWeightAfterSums, "weight-after-the-sums"),
    row(WeightOfFirstGroup),
    row(GroupOfEveryNth, "groups-interleaved"),
]
