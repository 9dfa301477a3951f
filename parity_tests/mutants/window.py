"""Where the windows of convolution and pooling are."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from parity_tests.mutants.base import Array, Layer

Pair: TypeAlias = tuple[int, int]
Borders: TypeAlias = tuple[Pair, Pair]
"""Cells of padding: ((top, bottom), (left, right))."""
Tap: TypeAlias = tuple[int, int, Any]
"""Row and column in the kernel, and the index of what it sees in all windows at once."""


class Windowed(Layer):
    """A layer with a window that moves over an image.

        padded axis   . . x x x x x x . .      2 cells of padding on both sides
        window 0      ^   ^   ^                taps u = 0, 1, 2 of a kernel of 3, dilation 2
        window 1            ^   ^   ^          stride 3

    Attributes
    ----------
    kernel_size, stride, dilation : (of the height, of the width)
    borders : the padding
    """

    def place(self, kernel_size: int | Pair, stride: int | Pair, padding: Any, dilation: int | Pair) -> None:
        """Take the arguments."""
        self.kernel_size = pair(kernel_size)
        self.stride = self.steps(pair(stride))
        self.dilation = self.spacing(pair(dilation))
        self.borders = self.margins(padding)

    def steps(self, stride: Pair) -> Pair:
        """From one window to the next."""
        return stride

    def spacing(self, dilation: Pair) -> Pair:
        """From one tap to the next."""
        return dilation

    def margins(self, padding: Any) -> Borders:
        """The cells of padding at each border."""
        pH, pW = pair(padding)
        return (pH, pH), (pW, pW)

    def extent(self, axis: int) -> int:
        """The cells from the first to the last tap of a window."""
        return self.dilation[axis] * (self.kernel_size[axis] - 1) + 1

    def windows(self, n: int, axis: int) -> int:
        """How many windows an axis of n cells has."""
        return (n + sum(self.borders[axis]) - self.extent(axis)) // self.stride[axis] + 1

    def taps(self, out: tuple[int, ...]) -> Iterator[Tap]:
        """Go through the taps of the kernel, for a result whose last two axes are out[-2:]."""
        for u, v in np.ndindex(*self.kernel_size):
            yield u, v, (..., self.seen(0, u, out[-2]), self.seen(1, v, out[-1]))

    def seen(self, axis: int, tap: int, windows: int) -> slice:
        """The cells of a padded axis that a tap sees."""
        first, step = tap * self.dilation[axis], self.stride[axis]
        return slice(first, first + step * (windows - 1) + 1, step)

    def taps_back(self, out: tuple[int, ...]) -> Iterator[Tap]:
        """The same for backward."""
        return self.taps(out)

    def add(self, dx: Array, here: Any, share: Array) -> None:
        """Add to the cells that a tap sees."""
        dx[here] += share


class Overwriting(Windowed):
    """A bug of several layers: goes through the windows and writes into dx, where it should add."""

    def taps_back(self, out: tuple[int, ...]) -> Iterator[Tap]:
        """In reverse: the last window to see a cell sees it with its first tap."""
        return reversed(list(super().taps_back(out)))

    def add(self, dx: Array, here: Any, share: Array) -> None:
        """Write."""
        dx[here] = share


class Pool(Windowed):
    """A window of which the last may hang over the border."""

    ceil_mode: bool

    def windows(self, n: int, axis: int) -> int:
        """With ceil_mode, a window that hangs over counts, too, if it starts within the image or the padding before."""
        before, after = self.borders[axis]
        room, step = n + before + after - self.extent(axis), self.stride[axis]
        count = (-(-room // step) if self.rounds_up() else room // step) + 1
        return count - 1 if (count - 1) * step >= n + before else count

    def rounds_up(self) -> bool:
        """Whether a window that hangs over counts."""
        return self.ceil_mode

    def around(self, shape: Pair, out: Pair) -> Borders:
        """What the image is padded with: the padding before, and after it all that the last window needs."""
        ends = [self.stride[axis] * (out[axis] - 1) + self.extent(axis) for axis in (0, 1)]
        (top, _), (left, _) = self.borders
        return (top, max(0, ends[0] - top - shape[0])), (left, max(0, ends[1] - left - shape[1]))


def pair(value: int | Pair) -> Pair:
    """One number for both axes, or one for each."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def padded(x: Array, borders: Borders, value: float = 0) -> Array:
    """An image, or a stack of images, with a border."""
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [*borders], constant_values=value)


def cropped(x: Array, borders: Borders) -> Array:
    """The image without its border."""
    (top, bottom), (left, right) = borders
    return x[..., top : x.shape[-2] - bottom, left : x.shape[-1] - right]
