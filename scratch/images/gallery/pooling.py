"""Pooling: the maximum and the average of each window, and what that does to a picture that moves."""

from dataclasses import dataclass

import numpy as np

from scratch.array import Array
from scratch.images.gallery.picture import Shown
from scratch.images.pooling import Moved, average_pool, max_pool, translation_invariance

WINDOWS = (2, 4)
SHIFTS = (0, 1, 2, 3, 4, 8)


@dataclass(frozen=True)
class Pooled:
    """A part of the picture, pooled.

    Attributes
    ----------
    numbers : (4, 4) uint8 array, a few pixels in grey
    their_maximum, their_average : (2, 2) uint8 arrays, of windows of 2
    detail : (h, w) or (h, w, 3) uint8 array, where the picture is busy
    maximum, average : window: uint8 array
    moved : window: one row for each of SHIFTS, of the whole picture in grey; empty for a black one
    """

    numbers: Array
    their_maximum: Array
    their_average: Array
    detail: Array
    maximum: dict[int, Array]
    average: dict[int, Array]
    moved: dict[int, list[Moved]]


def pooled(shown: Shown) -> Pooled:
    """Pool a detail, and the picture as it moves."""
    detail = shown.image[shown.detail(48, 64)]
    numbers = shown.grey[shown.detail(4, 4)]
    return Pooled(
        numbers,
        max_pool(numbers),
        rounded(average_pool(numbers)),
        detail,
        {window: max_pool(detail, window) for window in WINDOWS},
        {window: rounded(average_pool(detail, window)) for window in WINDOWS},
        {window: translation_invariance(shown.grey, SHIFTS, window) if shown.grey.any() else [] for window in WINDOWS},
    )


def rounded(average: Array) -> Array:
    """Round to whole grey levels."""
    return np.rint(average).astype(np.uint8)
