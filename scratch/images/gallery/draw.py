"""Arrays as pictures inside a page: PNG, which keeps every pixel, written into the address itself."""

import base64
import io
from dataclasses import dataclass

import numpy as np

from scratch.array import Array
from scratch.images.files import to_pillow

# Colours from the lowest number to the highest, evenly spaced; between them they are mixed.
GREYS = ((0, 0, 0), (255, 255, 255))
SIGNED = ((20, 60, 120), (92, 145, 200), (250, 249, 246), (226, 140, 80), (130, 50, 15))
WAVES = ((8, 8, 20), (66, 24, 104), (160, 46, 108), (236, 110, 82), (252, 240, 190))

LEVELS = 65
"""So many shades of each are enough to see everything, and take half the bytes of 256. One of them is the middle."""


@dataclass(frozen=True)
class Drawn:
    """A picture as an <img> needs it: an address that holds everything, and the size in pixels."""

    src: str
    width: int
    height: int


def plain(array: Array) -> Drawn:
    """Show grey levels or colours as they are: 0 black, 255 white, what is beyond clipped.

    Parameters
    ----------
    array : (H, W) or (H, W, 3) array
    """
    return png(np.rint(np.clip(array, 0, 255)).astype(np.uint8))


def greys(array: Array, low: float, high: float) -> Drawn:
    """Show numbers in grey: low and below black, high and above white.

    Parameters
    ----------
    array : (H, W) array
    """
    return png(levels(array, low, high), GREYS)


def stretched(array: Array) -> Drawn:
    """Show numbers of any size in grey: the weakest 1 % black, the strongest 1 % white."""
    return greys(array, *np.percentile(array, (1, 99)))


def signed(array: Array, reach: float) -> Drawn:
    """Show numbers of both signs: 0 white, +reach and above dark orange, -reach and below dark blue.

    Parameters
    ----------
    array : (H, W) array
    reach : above 0, or the array is all 0
    """
    return png(levels(array, -reach, reach), SIGNED)


def waves(array: Array, low: float, high: float) -> Drawn:
    """Show how strong waves are: low and below dark, high and above bright.

    Parameters
    ----------
    array : (H, W) array
    """
    return png(levels(array, low, high), WAVES)


def levels(array: Array, low: float, high: float) -> Array:
    """Bring low ... high to 0 ... 64.

    >>> levels(np.array([-9.0, -2.0, 0.0, 2.0]), -2, 2)
    array([ 0,  0, 32, 64], dtype=uint8)
    """
    share = (array - low) / (high - low) if high > low else np.full(array.shape, 0.5)
    return np.rint(np.clip(share, 0, 1) * (LEVELS - 1)).astype(np.uint8)


def png(pixels: Array, colours: tuple[tuple[int, int, int], ...] = ()) -> Drawn:
    """Write a uint8 array as PNG; with colours, its numbers are levels."""
    picture = to_pillow(pixels)
    if colours:
        at, stops = np.linspace(0, 1, LEVELS), np.linspace(0, 1, len(colours))
        palette = np.stack([np.interp(at, stops, channel) for channel in zip(*colours, strict=True)], axis=1)
        picture.putpalette(np.rint(palette).astype(np.uint8).tobytes())
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    H, W = pixels.shape[:2]
    return Drawn("data:image/png;base64," + base64.b64encode(out.getvalue()).decode(), W, H)


def reach(array: Array) -> float:
    """How far `signed` shall reach: all but the strongest 0.5 % of the numbers are told apart.

    >>> reach(np.arange(-1000, 1))
    995.0
    """
    return float(np.percentile(np.abs(array), 99.5))
