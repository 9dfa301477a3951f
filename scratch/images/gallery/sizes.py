"""Stride and padding, and the size of the result: a formula, and what really came out."""

from dataclasses import dataclass

import numpy as np

from scratch.array import Array
from scratch.images.filters import PaddingLike, correlate2d, padding_of
from scratch.images.gallery.picture import Shown
from scratch.images.kernels import GAUSSIAN

STRIDES = (1, 2, 4, 8)
# (kernel size, padding, stride)
ROWS: tuple[tuple[int, PaddingLike, int], ...] = (
    (3, "valid", 1),
    (3, "same", 1),
    (3, "full", 1),
    (3, "valid", 2),
    (3, 1, 2),
    (5, 2, 1),
    (5, "same", 3),
    (4, "same", 1),
)


@dataclass(frozen=True)
class Size:
    """One row of the table.

    Attributes
    ----------
    kernel, padding, stride : as given to `correlate2d`
    heights, widths : the formula with its numbers, and its result
    shape : of what `correlate2d` returned
    """

    kernel: int
    padding: PaddingLike
    stride: int
    heights: str
    widths: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Sizes:
    """Everything about sizes.

    Attributes
    ----------
    rows : of the table
    strided : stride: (h, w) uint8 array, the blurred picture of which only every so many-th pixel is computed
    """

    rows: list[Size]
    strided: dict[int, Array]


def table(shown: Shown) -> Sizes:
    """Filter the picture with many strides and paddings."""
    rows = []
    for k, padding, stride in ROWS:
        y = correlate2d(shown.grey, np.full((k, k), 1 / k**2), stride=stride, padding=padding)
        sides = padding_of(padding, (k, k), flip=False)
        heights, widths = (formula(n, *side, k, stride) for n, side in zip(shown.grey.shape, sides, strict=True))
        rows.append(Size(k, padding, stride, heights, widths, y.shape))
    strided = {
        stride: correlate2d(shown.image, GAUSSIAN, stride=stride, border="replicate", dtype=np.uint8)
        for stride in STRIDES
    }
    return Sizes(rows, strided)


def formula(n: int, before: int, behind: int, k: int, stride: int) -> str:
    """The output-size formula with its numbers.

    >>> formula(240, 1, 1, 3, 2)
    '⌊(240 + 1 + 1 − 3) / 2⌋ + 1 = 120'
    """
    return f"⌊({n} + {before} + {behind} − {k}) / {stride}⌋ + 1 = {(n + before + behind - k) // stride + 1}"
