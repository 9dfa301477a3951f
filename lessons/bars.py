"""A few numbers as bars, one below the other: times, bytes."""

from collections.abc import Callable, Mapping

from lessons.boards import FRAME, GAP, svg, text
from lessons.pieces import Piece

NAMES, BAR, NUMBERS = 190, 260, 110
HEIGHT, STEP = 20, 30


def bars(alt: str, values: Mapping[str, float], words: Callable[[float], str]) -> Piece:
    """Draw a bar for each; the largest one fills the width.

    Parameters
    ----------
    alt : what it shows, for those who do not see it
    values : by name, none negative and one above 0
    words : writes a number, with its unit
    """
    most, out = max(values.values()), []
    for n, (name, value) in enumerate(values.items()):
        y = GAP + n * STEP
        width = max(1.0, BAR * value / most)
        out.append(text(GAP + NAMES - 10, y + 15, name, anchor="end", size=14))
        out.append(f'<rect x="{GAP + NAMES}" y="{y}" width="{width:.1f}" height="{HEIGHT}" fill="{FRAME}"/>')
        out.append(text(GAP + NAMES + width + 8, y + 15, words(value), anchor="start", size=14))
    return svg(alt, 2 * GAP + NAMES + BAR + NUMBERS, 2 * GAP + STEP * len(values) - 10, "".join(out))
