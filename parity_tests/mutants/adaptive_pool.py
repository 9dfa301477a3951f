# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Adaptive pooling, and what goes wrong in it."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Layer
from parity_tests.mutants.table import Mutant


class Adaptive(Layer):
    """A window for each output: from floor(i * n / out) to ceil((i + 1) * n / out) along each axis."""

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def start(self, x: Array) -> Array:
        """Remember x, and make a y for it."""
        self.x = x
        sides = self.output_size if isinstance(self.output_size, tuple) else (self.output_size, self.output_size)
        self.out = self.sides(sides, x.shape[-2:])
        return np.zeros((*x.shape[:-2], *self.out), x.dtype)

    def sides(self, given: Any, size: Any) -> Any:
        """How many outputs there are."""
        return tuple(n if side is None else side for n, side in zip(size, given, strict=True))

    def here(self, i: int, j: int) -> Any:
        """The cells of window (i, j)."""
        H, W = self.x.shape[-2:]
        return (..., self.window(i, H, self.out[0]), self.window(j, W, self.out[1]))

    def window(self, i: int, n: int, out: int) -> slice:
        """The cells of window i of an axis."""
        return slice(i * n // out, -(-(i + 1) * n // out))


class AdaptiveAvgPool2d(Adaptive):
    """The mean of each window."""

    def forward(self, x: Array) -> Array:
        y = self.start(x)
        for i, j in np.ndindex(*self.out):
            cells = x[self.here(i, j)]
            y[..., i, j] = cells.sum(axis=(-2, -1)) / self.divisor(cells)
        return y

    def backward(self, dy: Array) -> Array:
        dx = np.zeros_like(self.x)
        for i, j in np.ndindex(*self.out):
            self.give(dx, self.here(i, j), self.share(dy[..., i, j, None, None], self.x[self.here(i, j)]))
        return dx

    def divisor(self, cells: Array) -> Any:
        """What the sum of a window is divided by."""
        return cells.dtype.type(cells.shape[-2] * cells.shape[-1])

    def share(self, dy: Array, cells: Array) -> Array:
        """What each cell of a window gets."""
        return dy / self.divisor(cells)

    def give(self, dx: Array, here: Any, share: Array) -> None:
        """Add to the cells of a window."""
        dx[here] += share


class AdaptiveMaxPool2d(Adaptive):
    """The largest number of each window; its gradient goes to the first cell that has it."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, x: Array) -> Any:
        y = self.start(x)
        H, W = x.shape[-2:]
        plane = np.arange(H * W).reshape(H, W)
        self.winner = np.zeros(y.shape, np.int64)
        for i, j in np.ndindex(*self.out):
            numbers = plane[self.here(i, j)].reshape(-1)
            cells = x[self.here(i, j)].reshape(*x.shape[:-2], len(numbers))
            chosen = self.chosen(cells)
            y[..., i, j] = np.take_along_axis(cells, chosen[..., None], -1)[..., 0]
            self.winner[..., i, j] = numbers[chosen]
        return (y, self.indices()) if self.return_indices else y

    def chosen(self, cells: Array) -> Array:
        """The first of the largest numbers of each row; the last NaN, if there is one."""
        nan = np.isnan(cells)
        last_nan = cells.shape[-1] - 1 - nan[..., ::-1].argmax(axis=-1)
        return np.where(nan.any(axis=-1), last_nan, np.where(nan, -np.inf, cells).argmax(axis=-1))

    def indices(self) -> Array:
        """The cells of the largest numbers, counted in the plane."""
        return self.winner

    def backward(self, dy: Array) -> Array:
        H, W = self.x.shape[-2:]
        dx = np.zeros((dy.size // (dy.shape[-2] * dy.shape[-1]), H * W), dy.dtype)
        self.scatter(
            dx, self.winner.reshape(len(dx), self.out[0] * self.out[1]), dy.reshape(len(dx), self.out[0] * self.out[1])
        )
        return dx.reshape(self.x.shape)

    def scatter(self, dx: Array, cells: Array, dy: Array) -> None:
        """Add dy to the cells of dx; a row is a plane."""
        np.add.at(dx, (np.arange(len(dx))[:, None], cells), dy)


class EndRoundedDown(AdaptiveAvgPool2d):
    """Ends each window where the next one begins: none overlap."""

    def window(self, i: int, n: int, out: int) -> slice:
        start = i * n // out
        return slice(start, max((i + 1) * n // out, start + 1))


class EqualWindows(AdaptiveAvgPool2d):
    """Takes windows of one size at equal distances, n // out, as one would tell a plain pool."""

    def window(self, i: int, n: int, out: int) -> slice:
        step = n // out
        return slice(i * step, i * step + n - (out - 1) * step)


class SidesSwapped(AdaptiveAvgPool2d):
    """Takes output_size for (width, height)."""

    def sides(self, given: Any, size: Any) -> Any:
        return super().sides(given[::-1], size)


class GradientNotDivided(AdaptiveAvgPool2d):
    """Gives every cell of the window the whole gradient."""

    def share(self, dy: Array, cells: Array) -> Array:
        return dy


class AverageDivisor(AdaptiveAvgPool2d):
    """Divides every window by the mean of their sizes, H * W / (outH * outW)."""

    def divisor(self, cells: Array) -> Any:
        H, W = self.x.shape[-2:]
        return cells.dtype.type(H * W / (self.out[0] * self.out[1]))


class SharesOverwritten(AdaptiveAvgPool2d):
    """Writes into dx, where it should add: where windows overlap the last one wins."""

    def give(self, dx: Array, here: Any, share: Array) -> None:
        dx[here] = share


class MaxEndRoundedDown(AdaptiveMaxPool2d):
    """Ends each window where the next one begins: none overlap."""

    def window(self, i: int, n: int, out: int) -> slice:
        start = i * n // out
        return slice(start, max((i + 1) * n // out, start + 1))


class MaxEqualWindows(AdaptiveMaxPool2d):
    """Takes windows of one size at equal distances, n // out, as one would tell a plain pool."""

    def window(self, i: int, n: int, out: int) -> slice:
        step = n // out
        return slice(i * step, i * step + n - (out - 1) * step)


class MaxSidesSwapped(AdaptiveMaxPool2d):
    """Takes output_size for (width, height)."""

    def sides(self, given: Any, size: Any) -> Any:
        return super().sides(given[::-1], size)


class DxOverwritten(AdaptiveMaxPool2d):
    """Writes into dx, where it should add: of windows that overlap the last one wins."""

    def scatter(self, dx: Array, cells: Array, dy: Array) -> None:
        dx[np.arange(len(dx))[:, None], cells] = dy


class TiesToLast(AdaptiveMaxPool2d):
    """The last of several equal maxima wins."""

    def chosen(self, cells: Array) -> Array:
        backwards = super().chosen(cells[..., ::-1])
        last = cells.shape[-1] - 1 - backwards
        return np.where(np.isnan(cells).any(axis=-1), super().chosen(cells), last)


class FirstNanWins(AdaptiveMaxPool2d):
    """Of several NaN in a window the first wins, as np.argmax has it; in torch it is the last."""

    def chosen(self, cells: Array) -> Array:
        return cells.argmax(axis=-1)


class IndicesWithinWindow(AdaptiveMaxPool2d):
    """Counts indices within the window."""

    def indices(self) -> Array:
        W = self.x.shape[-1]
        found = np.zeros_like(self.winner)
        for i, j in np.ndindex(*self.out):
            _, rows, columns = self.here(i, j)
            row, column = np.divmod(self.winner[..., i, j], W)
            found[..., i, j] = (row - rows.start) * (columns.stop - columns.start) + column - columns.start
        return found


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    base = AdaptiveAvgPool2d if issubclass(layer, AdaptiveAvgPool2d) else AdaptiveMaxPool2d
    return Mutant.of(layer, base.__name__, *suspects)


MUTANTS = [
    row(EndRoundedDown, "window-ends-rounded-down"),
    row(EqualWindows, "windows-of-one-size"),
    row(SidesSwapped, "output_size-swapped"),
    row(GradientNotDivided, "gradient-not-divided"),
    row(AverageDivisor),
    row(SharesOverwritten, "dx-overwritten-where-windows-overlap"),
    row(MaxEndRoundedDown, "window-ends-rounded-down"),
    row(MaxEqualWindows, "windows-of-one-size"),
    row(MaxSidesSwapped, "output_size-swapped"),
    row(DxOverwritten, "dx-overwritten-where-windows-overlap"),
    row(TiesToLast, "ties-to-last"),
    row(FirstNanWins, "first-nan-wins"),
    row(IndicesWithinWindow, "indices-within-window"),
]
