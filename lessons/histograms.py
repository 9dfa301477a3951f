"""How often each level occurs in a picture, as bars."""

import numpy as np

from lessons.boards import FRAME, GAP, INK, LINE, svg, text
from lessons.pieces import Piece
from scratch.array import HostArray

LEVELS = 4
"""So many neighbouring levels share a bar."""

BAR, HEIGHT = 5, 120


def counted(image: HostArray) -> HostArray:
    """How many numbers of a uint8 array there are of each LEVELS neighbouring levels.

    >>> counted(np.array([[0, 3, 4, 255]], np.uint8))[[0, 1, 2, 63]].tolist()
    [2, 1, 0, 1]
    """
    return np.bincount(image.ravel() // LEVELS, minlength=256 // LEVELS)


def histogram(alt: str, title: str, image: HostArray, marked: int | None = None) -> Piece:
    """Draw a bar for every LEVELS levels; the highest one fills the height.

    Parameters
    ----------
    alt : what it shows, for those who do not see it
    image : uint8 array
    marked : the level whose bar has a colour of its own
    """
    counts = counted(image)
    left, bottom, width = GAP, HEIGHT + 2 * GAP + 14, BAR * len(counts)
    out = [text(left, GAP + 10, title, anchor="start", weight=600)]
    for n, count in enumerate(counts):
        height = HEIGHT * count / counts.max()
        chosen = marked is not None and n == marked // LEVELS
        out.append(
            f'<rect x="{left + n * BAR}" y="{bottom - height:.1f}" width="{BAR - 1}" height="{height:.1f}" '
            f'fill="{FRAME if chosen else INK}"/>'
        )
    out.append(f'<line x1="{left}" x2="{left + width}" y1="{bottom}" y2="{bottom}" stroke="{LINE}"/>')
    places = {level: left + level // LEVELS * BAR + BAR / 2 for level in (0, 64, 128, 192, 255)}
    below = "".join(text(x, bottom + 18, str(level), size=12) for level, x in places.items())
    return svg(alt, width + 2 * GAP, bottom + 28, "".join(out) + below)
