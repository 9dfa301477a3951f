# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Upsampling, and what goes wrong in it."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Layer
from parity_tests.mutants.table import Mutant

Source = list[tuple[int, float]]
"""The cells that an output is made of, each with its weight."""


class Upsample(Layer):
    """Every output is one cell of x ("nearest"), or made of four ("bilinear")."""

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        self.size, self.scale_factor = size, scale_factor
        self.mode, self.align_corners, self.recompute_scale_factor = mode, align_corners, recompute_scale_factor

    def forward(self, x: Array) -> Array:
        self.x_shape = x.shape
        self.sources = [
            [self.source(j, n, m, s) for j in range(m)] for n, (m, s) in zip(x.shape[2:], self.sides(x), strict=True)
        ]
        y = np.zeros((*x.shape[:2], *map(len, self.sources)), x.dtype)
        for i, j in np.ndindex(*y.shape[2:]):
            for row, w_row in self.sources[0][i]:
                for column, w_column in self.sources[1][j]:
                    y[..., i, j] += x.dtype.type(w_row * w_column) * x[..., row, column]
        return y

    def backward(self, dy: Array) -> Array:
        dx = np.zeros(self.x_shape, dy.dtype)
        for i, j in np.ndindex(*dy.shape[2:]):
            for row, w_row in self.sources[0][i]:
                for column, w_column in self.sources[1][j]:
                    self.give(dx, row, column, dy.dtype.type(w_row * w_column) * dy[..., i, j])
        return dx

    def give(self, dx: Array, row: int, column: int, share: Array) -> None:
        """Add to the gradient of a cell."""
        dx[..., row, column] += share

    def sides(self, x: Array) -> list[tuple[int, float | None]]:
        """How many outputs there are along each axis, and the factor that counts; None for the sizes' own."""
        if self.size is not None:
            return [(m, None) for m in two(self.size)]
        factors = two(self.scale_factor)
        return [(int(n * s), self.factor(s)) for n, s in zip(x.shape[2:], factors, strict=True)]

    def factor(self, given: float) -> float | None:
        """The factor that counts."""
        return None if self.recompute_scale_factor else given

    def source(self, j: int, n: int, m: int, factor: float | None) -> Source:
        """What output j of m is made of."""
        if self.mode == "nearest":
            return [(self.nearest(j, n, m, factor), 1.0)]
        if m == n:
            return [(j, 1.0), (j, 0.0)]
        middle = self.middle(j, n, m, n / m if factor is None else 1 / factor)
        left = min(int(np.floor(np.float32(middle))), n - 1)
        weight = min(max(middle - left, 0.0), 1.0)
        return [(left, 1 - weight), (min(left + 1, n - 1), weight)]

    def nearest(self, j: int, n: int, m: int, factor: float | None) -> int:
        """The cell of "nearest", in float32 as in torch."""
        if m in (n, 2 * n):
            return j * n // m
        step = np.float32(n) / np.float32(m) if factor is None else np.float32(1 / factor)
        return min(int(np.float32(j) * step), n - 1)

    def middle(self, j: int, n: int, m: int, step: float) -> float:
        """Where the middle of output j lies."""
        if self.aligns():
            return j * (n - 1) / (m - 1) if m > 1 else 0.0
        return max(step * (j + 0.5) - 0.5, 0.0)

    def aligns(self) -> bool:
        """Whether the corners' middles meet."""
        return bool(self.align_corners)


def two(value: Any) -> tuple[Any, Any]:
    """A pair, of one value twice."""
    return value if isinstance(value, tuple) else (value, value)


class AlignCornersIgnored(Upsample):
    """Takes align_corners for False."""

    def aligns(self) -> bool:
        return False


class AlignCornersAlways(Upsample):
    """Takes align_corners for True, as other libraries do by default."""

    def aligns(self) -> bool:
        return True


class NearestMiddle(Upsample):
    """Takes the cell under the middle of an output, floor((j + 1/2) / factor): torch calls this nearest-exact."""

    def nearest(self, j: int, n: int, m: int, factor: float | None) -> int:
        step = np.float32(n) / np.float32(m) if factor is None else np.float32(1 / factor)
        return min(int(np.float32(j + 0.5) * step), n - 1)


class HalfForgotten(Upsample):
    """Takes j / factor for the middle of output j, without the two halves."""

    def middle(self, j: int, n: int, m: int, step: float) -> float:
        return super().middle(j, n, m, step) if self.aligns() else j * step


class FactorRecomputed(Upsample):
    """Takes the factor from the sizes, always."""

    def factor(self, given: float) -> float | None:
        return None


class FactorKept(Upsample):
    """Takes the factor that was given, in spite of recompute_scale_factor."""

    def factor(self, given: float) -> float | None:
        return given


class SizeSwapped(Upsample):
    """Takes size and scale_factor for (width, height)."""

    def sides(self, x: Array) -> list[tuple[int, float | None]]:
        if self.size is not None:
            return super().sides(x)[::-1]
        self.scale_factor = two(self.scale_factor)[::-1]
        found = super().sides(x)
        self.scale_factor = self.scale_factor[::-1]
        return found


class GradientOverwritten(Upsample):
    """Writes into dx, where it should add: the last output that a cell is in wins."""

    def give(self, dx: Array, row: int, column: int, share: Array) -> None:
        dx[..., row, column] = share


class GradientAveraged(Upsample):
    """Averages the gradients of a cell's outputs, where it should add them up."""

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        area = dy.shape[-1] * dy.shape[-2] / (dx.shape[-1] * dx.shape[-2])
        return dx / dx.dtype.type(area)


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "Upsample", *suspects)


MUTANTS = [
    row(AlignCornersIgnored, "align_corners-ignored"),
    row(AlignCornersAlways, "align_corners-always"),
    row(NearestMiddle, "nearest-exact"),
    row(HalfForgotten),
    row(FactorRecomputed, "scale_factor-recomputed"),
    row(FactorKept, "scale_factor-not-recomputed"),
    row(SizeSwapped, "size-swapped"),
    row(GradientOverwritten),
    row(GradientAveraged, "gradient-averaged"),
]
