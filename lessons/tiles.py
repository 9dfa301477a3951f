"""Boards whose cells have colours of their own: pixels, channels, the cells under a window."""

from dataclasses import dataclass

import numpy as np

from lessons.boards import INK, Board
from scratch.array import HostArray
from scratch.images.files import BT601


@dataclass(frozen=True, kw_only=True)
class Tiles(Board):
    """An array whose cells have colours of their own.

    Attributes
    ----------
    grounds : (H, W, 3) uint8 array, red, green and blue of each cell; on a dark one the number is white
    """

    grounds: HostArray

    def colours(self, i: int, j: int) -> tuple[str, str]:
        """Of the ground of a cell, and of the number on it."""
        red, green, blue = (int(level) for level in self.grounds[i, j])
        dark = np.dot(BT601, (red, green, blue)) < 128
        return f"#{red:02x}{green:02x}{blue:02x}", "#ffffff" if dark else INK
