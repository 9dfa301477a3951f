# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Convolution: what goes wrong with a border that is made of the image."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array
from parity_tests.mutants.conv import Conv2d
from parity_tests.mutants.table import Mutant
from parity_tests.mutants.window import Pair


class PaddingModeIgnored(Conv2d):
    """Pads with zeros, whatever the padding_mode."""

    def place(self, kernel_size: int | Pair, stride: int | Pair, padding: Any, dilation: int | Pair) -> None:
        super().place(kernel_size, stride, padding, dilation)
        self.padding_mode = "zeros"


class EdgeReflected(Conv2d):
    """Reflects at the outer side of the outermost pixels, and so repeats them."""

    def copied(self, n: int, before: int, after: int) -> Array:
        source = super().copied(n, before, after)
        if self.padding_mode != "reflect":
            return source
        places = np.arange(-before, n + after) % (2 * n)
        return np.minimum(places, 2 * n - 1 - places)


class CircularOffByOne(Conv2d):
    """Goes around by one cell too few: the outermost pixels are on both sides of the seam."""

    def copied(self, n: int, before: int, after: int) -> Array:
        source = super().copied(n, before, after)
        if self.padding_mode == "circular":
            source[:before] = (source[:before] + 1) % n
        return source


class BorderNotCollected(Conv2d):
    """Cuts the border off dx, whatever it was made of."""

    def collected(self, dpadded: Array, source: Array, axis: int) -> Array:
        before, after = self.borders[axis - 2]
        inside = (*[slice(None)] * axis, slice(before, dpadded.shape[axis] - after))
        return dpadded[inside]


class BorderOverwrites(Conv2d):
    """Gives each cell the gradient of its last copy, where it should be the sum over all of them."""

    def collected(self, dpadded: Array, source: Array, axis: int) -> Array:
        total = np.zeros_like(super().collected(dpadded, source, axis))
        np.moveaxis(total, axis, 0)[source] = np.moveaxis(dpadded, axis, 0)
        return total


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "Conv2d", *suspects)


MUTANTS = [
    row(PaddingModeIgnored, "padding-mode-ignored"),
    row(EdgeReflected, "reflection-repeats-the-edge"),
    row(CircularOffByOne),
    row(BorderNotCollected, "border-not-collected"),
    row(BorderOverwrites),
]
