"""Boards whose cells have colours of their own: pixels, channels, the cells under a window."""

from dataclasses import dataclass

import numpy as np

from lessons.boards import INK, Board
from scratch.array import HostArray
from scratch.images.files import BT601

CHANNELS = ("red", "green", "blue")
INKS = np.array([(190, 50, 40), (40, 130, 60), (50, 80, 190)], np.uint8)
"""A colour for each channel in which its numbers can be read."""


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


def channels(picture: HostArray) -> list[Tiles]:
    """A board for each channel of an (H, W, 3) uint8 array, each number on the light that it stands for."""
    return [
        Tiles(name, picture[..., channel], grounds=picture * np.eye(3, dtype=np.uint8)[channel])
        for channel, name in enumerate(CHANNELS)
    ]


def memory(name: str, array: HostArray, pixel: int) -> Tiles:
    """The numbers of a small picture as they lie in memory, in the colours of their channels.

    Parameters
    ----------
    array : contiguous, in any order of its axes; number n is of pixel n // 3 and of channel n % 3
    pixel : the one whose numbers have strong colours
    """
    numbers = array.ravel()
    colours = INKS[numbers % 3]
    pale = 255 - (255 - colours) // 4
    chosen = (numbers // 3 == pixel)[:, None]
    return Tiles(f"{name}, strides {array.strides}", numbers[None], grounds=np.where(chosen, colours, pale)[None])
