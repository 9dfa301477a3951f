# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Average pooling, and what goes wrong in it."""

import numpy as np

from parity_tests.mutants.base import Array
from parity_tests.mutants.table import Mutant
from parity_tests.mutants.window import Overwriting, Pair, Pool, cropped, padded


class AvgPool2d(Pool):
    """The mean of each window.

    A window that reaches over the border is divided by its cells in image and padding, or without `count_include_pad`
    by those in the image; what hangs over beyond the padding, with `ceil_mode`, is never counted.
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.place(kernel_size, kernel_size if stride is None else stride, padding, 1)
        self.ceil_mode, self.count_include_pad, self.divisor_override = ceil_mode, count_include_pad, divisor_override

    def forward(self, x: Array) -> Array:
        self.x_shape = x.shape
        H, W = x.shape[-2:]
        out = self.windows(H, 0), self.windows(W, 1)
        self.borders_of_x = self.around((H, W), out)
        self.divisor = self.divisors((H, W), out)
        return self.quotient(self.total(padded(x, self.borders_of_x), out), self.divisor)

    def backward(self, dy: Array) -> Array:
        dpadded = padded(np.zeros(self.x_shape, dy.dtype), self.borders_of_x)
        shares = self.shares(dy)
        for _, _, here in self.taps_back(dy.shape):
            self.add(dpadded, here, shares)
        return cropped(dpadded, self.borders_of_x)

    def total(self, x: Array, out: Pair) -> Array:
        """The sum of each window."""
        total = np.zeros((*x.shape[:-2], *out), x.dtype)
        for _, _, here in self.taps(out):
            total += x[here]
        return total

    def divisors(self, shape: Pair, out: Pair) -> Array:
        """What the sum of each window is divided by."""
        if self.divisor_override is not None:
            return np.full(out, self.divisor_override)
        return np.multiply.outer(self.counted(shape[0], out[0], 0), self.counted(shape[1], out[1], 1))

    def counted(self, n: int, windows: int, axis: int) -> Array:
        """How many cells of an axis count in each window."""
        before, after = self.borders[axis]
        start = np.arange(windows) * self.stride[axis] - before
        end = start + self.kernel_size[axis]
        if self.counts_padding():
            return np.minimum(end, n + after) - start
        return np.minimum(end, n) - np.maximum(start, 0)

    def counts_padding(self) -> bool:
        """Whether the cells of the padding count."""
        return self.count_include_pad

    def quotient(self, total: Array, divisor: Array) -> Array:
        """Divide; integers are truncated, as in torch."""
        if total.dtype.kind == "f":
            return total / divisor.astype(total.dtype)
        return np.abs(total) // np.abs(divisor) * np.sign(total) * np.sign(divisor)

    def shares(self, dy: Array) -> Array:
        """What each cell of a window gets."""
        return dy / self.divisor.astype(dy.dtype)


class PaddingNotCounted(AvgPool2d):
    """Divides by the cells in the image only, in spite of count_include_pad."""

    def counts_padding(self) -> bool:
        return False


class PaddingCounted(AvgPool2d):
    """Counts the cells of the padding, in spite of count_include_pad=False."""

    def counts_padding(self) -> bool:
        return True


class OverhangCounted(AvgPool2d):
    """Divides every window by the whole kernel size."""

    def counted(self, n: int, windows: int, axis: int) -> Array:
        whole = np.full(windows, self.kernel_size[axis])
        return whole if self.counts_padding() else super().counted(n, windows, axis)


class RaggedEdgeDropped(AvgPool2d):
    """Drops the last window where it hangs over, in spite of ceil_mode."""

    def rounds_up(self) -> bool:
        return False

    def backward(self, dy: Array) -> Array:
        outH, outW = self.divisor.shape
        return super().backward(dy[..., :outH, :outW])


class DivisorOverrideIgnored(AvgPool2d):
    """Divides by the cells of the window, in spite of divisor_override."""

    def divisors(self, shape: Pair, out: Pair) -> Array:
        self.divisor_override = None
        return super().divisors(shape, out)


class GradientNotDivided(AvgPool2d):
    """Gives every cell of the window the whole gradient."""

    def shares(self, dy: Array) -> Array:
        return dy


class SumInsteadOfAverage(AvgPool2d):
    """Divides nothing."""

    def divisors(self, shape: Pair, out: Pair) -> Array:
        return np.ones(out, int)


class DxOverwritten(Overwriting, AvgPool2d):
    """Goes through the windows and writes into dx, where it should add: of windows that overlap the last one wins."""


class ThroughFloat64(AvgPool2d):
    """Averages integers in float64, which cannot hold those above 2**53."""

    def total(self, x: Array, out: Pair) -> Array:
        return super().total(x.astype(np.float64), out).astype(x.dtype)


class RoundedDown(AvgPool2d):
    """Rounds the averages of integers down; torch truncates, so that -7 / 4 is -1."""

    def quotient(self, total: Array, divisor: Array) -> Array:
        return total // divisor if total.dtype.kind == "i" else super().quotient(total, divisor)


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "AvgPool2d", *suspects)


MUTANTS = [
    row(PaddingNotCounted, "padding-not-counted"),
    row(PaddingCounted, "padding-counted"),
    row(OverhangCounted, "overhang-counted"),
    row(RaggedEdgeDropped, "ragged-edge-dropped"),
    row(DivisorOverrideIgnored, "divisor-override-ignored"),
    row(GradientNotDivided, "gradient-not-divided"),
    row(SumInsteadOfAverage, "sum-instead-of-average"),
    row(DxOverwritten, "dx-overwritten-where-windows-overlap"),
    row(ThroughFloat64),
    row(RoundedDown, "averages-rounded-down"),
]
