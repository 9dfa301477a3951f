# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Max pooling, and what goes wrong in it."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array
from parity_tests.mutants.table import Mutant
from parity_tests.mutants.window import Pair, Pool, cropped, padded, pair


class MaxPool2d(Pool):
    """The largest number of each window; its gradient goes to the first cell that has it.

    The windows are scanned row by row, all at once: first tap (0, 0) of every window, then (0, 1), and so on. Cells are
    counted in the plane without padding; those of the padding are -1.
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.place(kernel_size, kernel_size if stride is None else stride, padding, dilation)
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, x: Array) -> Any:
        self.x_shape = x.shape
        H, W = x.shape[-2:]
        out = self.windows(H, 0), self.windows(W, 1)
        self.borders_of_x = self.around((H, W), out)
        self.x = padded(x, self.borders_of_x)
        self.cells = padded(np.arange(H * W).reshape(H, W), self.borders_of_x, -1)
        self.scan(out)
        return (self.best, self.indices()) if self.gives_indices() else self.best

    def backward(self, dy: Array) -> Array:
        *_, outH, outW = dy.shape
        H, W = self.x_shape[-2:]
        dx = np.zeros((dy.size // (outH * outW), H * W), dy.dtype)
        self.scatter(dx, self.winner.reshape(len(dx), outH * outW), dy.reshape(len(dx), outH * outW))
        return dx.reshape(self.x_shape)

    def scan(self, out: Pair) -> None:
        """Find the best number of every window, and its cell."""
        at = (*self.x_shape[:-2], *out)
        self.best, self.winner, started = np.zeros(at, self.x.dtype), np.full(at, -1), np.zeros(at, bool)
        for _, _, here in self.taps(out):
            value, cell = self.x[here], self.cells[here]
            wins = self.takes_part(cell) & (~started | self.beats(value, self.best))
            self.best, self.winner = np.where(wins, value, self.best), np.where(wins, cell, self.winner)
            started |= self.takes_part(cell)

    def takes_part(self, cell: Array) -> Array:
        """Whether a cell counts: the padding does not."""
        return cell >= 0

    def beats(self, value: Array, best: Array) -> Array:
        """Whether a number takes the place of the best so far; NaN is the largest."""
        return (value > best) | np.isnan(value)

    def gives_indices(self) -> bool:
        """Whether forward returns the indices, too."""
        return self.return_indices

    def indices(self) -> Array:
        """The cells of the largest numbers, as torch gives them: in a plane, int64."""
        return self.winner

    def scatter(self, dx: Array, cells: Array, dy: Array) -> None:
        """Add dy to the cells of dx; a row is a plane."""
        np.add.at(dx, (np.arange(len(dx))[:, None], cells), dy)


class TiesToAll(MaxPool2d):
    """Gives the whole gradient to every cell that is as large as the maximum."""

    def backward(self, dy: Array) -> Array:
        dpadded = np.zeros(self.x.shape, dy.dtype)
        for _, _, here in self.taps(dy.shape):
            dpadded[here] += dy * self.share(here)
        return cropped(dpadded, self.borders_of_x)

    def share(self, here: Any) -> Array:
        """What part of dy these cells get."""
        return (self.x[here] == self.best) & (self.cells[here] >= 0)


class TiesShared(TiesToAll):
    """Shares the gradient evenly among all cells that are as large as the maximum."""

    def share(self, here: Any) -> Array:
        ties: Any = sum(super(TiesShared, self).share(tap) for _, _, tap in self.taps(self.best.shape))
        return super().share(here) / np.maximum(ties, 1).astype(self.best.dtype)


class GradientToWholeWindow(TiesToAll):
    """Gives the gradient to every cell of the window."""

    def share(self, here: Any) -> Array:
        return self.cells[here] >= 0


class TiesToLast(MaxPool2d):
    """The last of several equal maxima wins."""

    def beats(self, value: Array, best: Array) -> Array:
        return (value >= best) | np.isnan(value)


class PaddingZero(MaxPool2d):
    """Pads with 0, which beats what is negative."""

    def takes_part(self, cell: Array) -> Array:
        return np.ones(cell.shape, bool)

    def scatter(self, dx: Array, cells: Array, dy: Array) -> None:
        super().scatter(dx, cells, np.where(cells >= 0, dy, 0))


class RaggedEdgeDropped(MaxPool2d):
    """Drops the last window where it hangs over, in spite of ceil_mode."""

    def rounds_up(self) -> bool:
        return False

    def backward(self, dy: Array) -> Array:
        outH, outW = self.winner.shape[-2:]
        return super().backward(dy[..., :outH, :outW])


class RaggedEdgeKept(MaxPool2d):
    """Keeps the last window where it hangs over, without ceil_mode."""

    def rounds_up(self) -> bool:
        return True


class KernelSwapped(MaxPool2d):
    """Takes kernel_size for (kW, kH)."""

    def place(self, kernel_size: int | Pair, stride: int | Pair, padding: Any, dilation: int | Pair) -> None:
        super().place(pair(kernel_size)[::-1], stride, padding, dilation)


class StrideSwapped(MaxPool2d):
    """Takes stride for (sW, sH)."""

    def steps(self, stride: Pair) -> Pair:
        return stride[::-1]


class IndicesWithinWindow(MaxPool2d):
    """Gives the number of the winning tap within the window for an index."""

    def indices(self) -> Array:
        return winning_taps(self)


class IndicesInPaddedPlane(MaxPool2d):
    """Counts indices in the plane with its padding."""

    def indices(self) -> Array:
        row, column = np.divmod(self.winner, self.x_shape[-1])
        (top, _), (left, right) = self.borders
        return (row + top) * (left + self.x_shape[-1] + right) + left + column


class IndicesThroughChannels(MaxPool2d):
    """Counts indices through all channels."""

    def indices(self) -> Array:
        C, H, W = self.x_shape[-3:]
        return self.winner + (np.arange(C) * H * W)[:, None, None]


class IndicesDownColumns(MaxPool2d):
    """Counts indices down the columns, as in Fortran."""

    def indices(self) -> Array:
        row, column = np.divmod(self.winner, self.x_shape[-1])
        return column * self.x_shape[-2] + row


class IndicesFromOne(MaxPool2d):
    """Counts indices from 1."""

    def indices(self) -> Array:
        return self.winner + 1


class IndicesInt32(MaxPool2d):
    """Gives indices of 32 bits."""

    def indices(self) -> Array:
        return self.winner.astype(np.int32)


class DxOverwritten(MaxPool2d):
    """Writes into dx, where it should add: of windows that overlap the last one wins."""

    def scatter(self, dx: Array, cells: Array, dy: Array) -> None:
        dx[np.arange(len(dx))[:, None], cells] = dy


class NanIgnored(MaxPool2d):
    """Passes over NaN, unless a window begins with one: no number is larger than that."""

    def beats(self, value: Array, best: Array) -> Array:
        return (value > best) & ~np.isnan(value)


class FirstNanWins(MaxPool2d):
    """Of several NaN in a window the first wins, as np.argmax has it; in torch it is the last."""

    def beats(self, value: Array, best: Array) -> Array:
        return (value > best) | (np.isnan(value) & ~np.isnan(best))


class WinnerInAByte(MaxPool2d):
    """Keeps the number of the winning tap in a byte, which is too small for a window of more than 256 cells."""

    def scan(self, out: Pair) -> None:
        super().scan(out)
        kept, kW = winning_taps(self).astype(np.uint8), self.kernel_size[1]
        for u, v, here in self.taps(out):
            self.winner = np.where(kept == u * kW + v, self.cells[here], self.winner)


def winning_taps(pool: MaxPool2d) -> Array:
    """The number of the winning tap of each window, counted row by row."""
    number, kW = np.zeros_like(pool.winner), pool.kernel_size[1]
    for u, v, here in pool.taps(pool.winner.shape):
        number = np.where(pool.winner == pool.cells[here], u * kW + v, number)
    return number


class FirstTapTooFar(MaxPool2d):
    """In a window of -inf only, skips as many taps as cells of padding: with dilation those are too many."""

    def scan(self, out: Pair) -> None:
        super().scan(out)
        rows, columns = self.first_cells(0, out[0]), self.first_cells(1, out[1])
        first = rows[:, None] * self.x_shape[-1] + columns
        self.winner = np.where(self.best == -np.inf, first, self.winner)

    def first_cells(self, axis: int, windows: int) -> Array:
        """Where each window is thought to begin within the image."""
        start = np.arange(windows) * self.stride[axis] - self.borders[axis][0]
        first: Array = start + self.dilation[axis] * np.clip(-start, 0, self.kernel_size[axis] - 1)
        return first


class NoIndicesInEvaluation(MaxPool2d):
    """Returns indices in training only."""

    def gives_indices(self) -> bool:
        return self.return_indices and self.training


class StrideIgnored(MaxPool2d):
    """Moves by the size of the window, whatever the stride."""

    def steps(self, stride: Pair) -> Pair:
        return self.kernel_size


class StrideOfOne(MaxPool2d):
    """Moves by one cell where no stride is given, as a convolution does; a pool moves by its window."""

    def steps(self, stride: Pair) -> Pair:
        return (1, 1) if stride == self.kernel_size else stride


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "MaxPool2d", *suspects)


MUTANTS = [
    row(TiesToAll, "ties-to-all"),
    row(TiesShared, "ties-shared"),
    row(TiesToLast, "ties-to-last"),
    row(GradientToWholeWindow, "gradient-to-whole-window"),
    row(PaddingZero, "padding-zero"),
    row(RaggedEdgeDropped, "ragged-edge-dropped"),
    row(RaggedEdgeKept, "ragged-edge-kept"),
    row(KernelSwapped, "kernel_size-swapped"),
    row(StrideSwapped, "stride-swapped"),
    row(StrideIgnored, "stride-ignored"),
    row(StrideOfOne, "stride-one-by-default"),
    row(IndicesWithinWindow, "indices-within-window"),
    row(IndicesInPaddedPlane, "indices-in-the-padded-plane"),
    row(IndicesThroughChannels, "indices-through-all-channels"),
    row(IndicesDownColumns, "indices-down-the-columns"),
    row(IndicesFromOne, "indices-from-one"),
    row(IndicesInt32, "dtype-differs"),
    row(DxOverwritten, "dx-overwritten-where-windows-overlap"),
    row(NanIgnored, "nan-ignored"),
    row(FirstNanWins, "first-nan-wins"),
    row(WinnerInAByte),
    row(FirstTapTooFar),
    row(NoIndicesInEvaluation),
]
