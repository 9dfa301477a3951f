"""The picture of the page: read, on white if it is transparent, reduced if it is large."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from scratch.array import Array
from scratch.images.errors import PictureError
from scratch.images.files import grayscale, is_address, read_image, resize
from scratch.images.filters import correlate2d
from scratch.images.grid import visible
from scratch.images.kernels import SOBEL_X, SOBEL_Y
from scratch.images.pooling import average_pool

ASTRONAUT = Path(__file__).parent / "astronaut.jpg"
CREDIT = "Eileen Collins, photograph by NASA, in the public domain"
MOST_PIXELS = 225 * 300
"""Of more, the page would have more than 6 MB."""

SMALLEST_SIDE = 16
"""Below that there is nothing to see, and not enough for the larger windows."""

LONGEST = 16
"""So many times the shorter side: a longer strip would be a line on the page."""


@dataclass(frozen=True)
class Shown:
    """What the whole page is about.

    Attributes
    ----------
    name : the file's, without its folders
    image : (H, W) or (H, W, 3) uint8 array
    read : the shape before transparency was laid on white and the picture was reduced
    credit : who made it, if it is ours
    """

    name: str
    image: Array
    read: tuple[int, ...]
    credit: str

    @cached_property
    def grey(self) -> Array:
        """The (H, W) uint8 array of its brightness."""
        return grayscale(self.image)

    @property
    def colour(self) -> bool:
        """Whether it has three channels."""
        return self.image.ndim == 3

    def detail(self, height: int, width: int) -> tuple[slice, slice]:
        """The rows and columns of so many pixels where the edges are strongest: what is worth being enlarged."""
        size = min(height, self.grey.shape[0]), min(width, self.grey.shape[1])
        edges = np.hypot(*(correlate2d(self.grey, sobel, border="replicate") for sobel in (SOBEL_X, SOBEL_Y)))
        step = max(1, size[0] // 4), max(1, size[1] // 4)
        strength = average_pool(edges, size, stride=step)
        row, column = np.unravel_index(np.argmax(strength), strength.shape)
        top, left = int(row) * step[0], int(column) * step[1]
        return slice(top, top + size[0]), slice(left, left + size[1])


@dataclass(frozen=True)
class Parts:
    """What a picture consists of.

    Attributes
    ----------
    channels : name: (H, W) uint8 array; empty for a grey picture
    top, left : where the patch is
    patch : (8, 8) uint8 array, of the grey picture
    """

    channels: dict[str, Array]
    top: int
    left: int
    patch: Array


def parts(shown: Shown) -> Parts:
    """Take a picture apart: its channels, and a few pixels where it is busy."""
    rows, columns = shown.detail(8, 8)
    channels = {name: shown.image[..., c] for c, name in enumerate(("red", "green", "blue"))} if shown.colour else {}
    return Parts(channels, rows.start, columns.start, shown.grey[rows, columns])


def load(source: str | None) -> Shown:
    """Read a picture for the page.

    Parameters
    ----------
    source : a path or an http(s) address; None for the one that is here

    Raises
    ------
    PictureError
        if it cannot be read, see `read_image`; if it is too small or too long
    ImportError
        if Pillow is missing
    """
    credit = CREDIT if source is None else ""
    source = str(ASTRONAUT) if source is None else source
    image = read_image(source)
    read = image.shape
    shorter, longer = sorted(read[:2])
    if shorter < SMALLEST_SIDE or longer > LONGEST * shorter:
        raise PictureError(
            f"{source}: the picture is {read[0]} pixels high and {read[1]} wide; a page can show one of at least "
            f"{SMALLEST_SIDE} both ways, of which one side is at most {LONGEST} times the other."
        )
    size = reduced(read[0], read[1])
    if size != read[:2]:
        image = resize(image, size)
    if read[2:] == (4,):
        image = visible(image)
    name = urlsplit(source).path if is_address(source) else source
    # A name that is no text (it may hold any bytes) must not keep the page from being written.
    return Shown(Path(name).name.encode("utf-8", "replace").decode(), image, read, credit)


def reduced(H: int, W: int) -> tuple[int, int]:
    """The size of a picture on the page.

    >>> reduced(100, 200), reduced(3000, 4000)
    ((100, 200), (225, 300))
    """
    factor = min(1.0, (MOST_PIXELS / (H * W)) ** 0.5)
    return round(H * factor), round(W * factor)
