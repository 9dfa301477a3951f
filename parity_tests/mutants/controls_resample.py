# ruff: noqa: D102  (the base says what a method is for, the class says what is different)
"""Adaptive pools and upsampling that are right, each computed in its own way."""

from typing import Any

import numpy as np

from parity_tests.mutants.adaptive_pool import AdaptiveAvgPool2d, AdaptiveMaxPool2d
from parity_tests.mutants.base import Array
from parity_tests.mutants.table import Control
from parity_tests.mutants.upsample import Upsample


class MeanOfMeans(AdaptiveAvgPool2d):
    """The mean of each row of a window first, then the mean of those."""

    def forward(self, x: Array) -> Array:
        y = self.start(x)
        for i, j in np.ndindex(*self.out):
            y[..., i, j] = x[self.here(i, j)].mean(axis=-1).mean(axis=-1)
        return y


class RunningMaximum(AdaptiveMaxPool2d):
    """The numbers of a window one after the other, as torch does it."""

    def chosen(self, cells: Array) -> Array:
        best, at = cells[..., 0], np.zeros(cells.shape[:-1], int)
        for k in range(1, cells.shape[-1]):
            wins = (cells[..., k] > best) | np.isnan(cells[..., k])
            best, at = np.where(wins, cells[..., k], best), np.where(wins, k, at)
        return at


class RowsThenColumns(Upsample):
    """Between rows first, then between columns."""

    def forward(self, x: Array) -> Array:
        super().forward(x)
        return mixed(mixed(x, self.sources[0], -2), self.sources[1], -1)


def mixed(x: Array, sources: list[Any], axis: int) -> Array:
    """The weighted sums of cells along an axis."""
    slices = np.moveaxis(x, axis, 0)
    found = [added([x.dtype.type(weight) * slices[cell] for cell, weight in source]) for source in sources]
    return np.moveaxis(np.stack(found), 0, axis)


def added(parts: list[Array]) -> Array:
    """The sum of one or two arrays."""
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


CONTROLS = [
    Control(MeanOfMeans, "AdaptiveAvgPool2d"),
    Control(RunningMaximum, "AdaptiveMaxPool2d"),
    Control(RowsThenColumns, "Upsample"),
]
