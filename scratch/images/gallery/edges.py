"""What a kernel finds beyond the edge of the picture: the five borders at an enlarged corner."""

from dataclasses import dataclass
from typing import get_args

import numpy as np

from scratch.array import Array
from scratch.images.borders import Border, pad
from scratch.images.filters import correlate2d
from scratch.images.gallery.picture import Shown

INSIDE, OUTSIDE = 15, 5


@dataclass(frozen=True)
class Corner:
    """A corner of the picture, INSIDE pixels of it and OUTSIDE of its border in both directions.

    Attributes
    ----------
    border : its name
    padded : (20, 20) or (20, 20, 3) uint8 array
    blurred : (15, 15) or (15, 15, 3) uint8 array, the inside after the mean of 9 x 9 pixels
    """

    border: str
    padded: Array
    blurred: Array


@dataclass(frozen=True)
class Corners:
    """The same corner with each border.

    Attributes
    ----------
    bottom, right : which corner it is
    each : one for each border
    """

    bottom: bool
    right: bool
    each: list[Corner]


def five(shown: Shown) -> Corners:
    """Continue the picture beyond the corner at which most is to be seen, and blur it."""
    corners = [(bottom, right) for bottom in (False, True) for right in (False, True)]
    bottom, right = max(corners, key=lambda corner: float(shown.grey[at(corner, INSIDE)].std()))
    mean = np.full((9, 9), 1 / 81)
    planes = np.moveaxis(shown.image, 2, 0) if shown.colour else shown.image
    each = []
    for border in get_args(Border):
        padded = pad(planes, ((OUTSIDE, OUTSIDE), (OUTSIDE, OUTSIDE)), border)
        padded = np.moveaxis(padded, 0, 2) if shown.colour else padded
        blurred = correlate2d(shown.image, mean, border=border, clip=(0, 255), dtype=np.uint8)
        corner = bottom, right
        each.append(Corner(border, padded[at(corner, INSIDE + OUTSIDE)], blurred[at(corner, INSIDE)]))
    return Corners(bottom, right, each)


def at(corner: tuple[bool, bool], size: int) -> tuple[slice, slice]:
    """The rows and columns of so many pixels at a corner: (bottom, right).

    >>> at((True, False), 15)
    (slice(-15, None, None), slice(0, 15, None))
    """
    rows, columns = (slice(-size, None) if end else slice(0, size) for end in corner)
    return rows, columns
