"""The way of an optimiser down a valley, seen from above."""

import numpy as np

from lessons.boards import LINE, svg, text
from lessons.curves import COLOURS
from lessons.pieces import Piece
from scratch.array import HostArray

WIDTH, HEIGHT = 560, 260
MIDDLE = (400.0, 130.0)
UNIT = 90.0


def paths(alt: str, steep: float, line: HostArray, dots: HostArray, names: tuple[str, str]) -> Piece:
    """Draw two ways in the valley (a**2 + steep * b**2) / 2, whose bottom is at 0: one as a line, one as dots.

    Parameters
    ----------
    alt : what it shows, for those who do not see it
    line, dots : (steps, 2) arrays of a, to the right, and b, upwards
    names : of both
    """
    (x0, y0), out = MIDDLE, []
    for height in (0.1, 0.5, 1.5, 3.5, 6.5):
        a, b = np.sqrt(2 * height) * UNIT, np.sqrt(2 * height / steep) * UNIT
        out.append(f'<ellipse cx="{x0}" cy="{y0}" rx="{a:.1f}" ry="{b:.1f}" fill="none" stroke="{LINE}"/>')
    places = [
        [(x0 + UNIT * a, y0 - UNIT * b) for a, b in np.clip(points, (-4.4, -1.4), (1.7, 1.4))]
        for points in (line, dots)
    ]
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places[0])
    out.append(f'<polyline points="{drawn}" fill="none" stroke="{COLOURS[0]}" stroke-width="2.5"/>')
    out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{COLOURS[1]}"/>' for x, y in places[1]]
    out.append(
        f'<line x1="16" x2="40" y1="{HEIGHT - 34}" y2="{HEIGHT - 34}" stroke="{COLOURS[0]}" stroke-width="2.5"/>'
    )
    out.append(text(48, HEIGHT - 30, names[0], anchor="start", size=13))
    out.append(f'<circle cx="28" cy="{HEIGHT - 15}" r="3.5" fill="{COLOURS[1]}"/>')
    out.append(text(48, HEIGHT - 11, names[1], anchor="start", size=13))
    return svg(alt, WIDTH, HEIGHT, "".join(out))
