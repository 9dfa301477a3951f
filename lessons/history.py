"""Curves over epochs or steps: a loss that falls, an accuracy that rises."""

from collections.abc import Mapping, Sequence

from lessons.boards import FRAME, INK, LINE, plain, svg, text
from lessons.pieces import Piece

WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 50, 130, 16, 44
COLOURS = ("#b0421f", "#0f6e7c", "#6b4c9a")
DASHES = ("", "7 4", "2 3")
LABEL = 16
"""How far apart the names of two curves must be, to be read."""


def history(alt: str, curves: Mapping[str, Sequence[float]], across: str, marked: int | None = None) -> Piece:
    """Draw up to three curves from 0 upwards, one point for each step, the first of which is step 1.

    Parameters
    ----------
    alt : what it shows, for those who do not see it
    curves : name: as many numbers each, none negative
    across : the name of the axis
    marked : the step at which a line stands
    """
    steps = max(map(len, curves.values()))
    top = max(max(y) for y in curves.values())

    def place(step: int, value: float) -> tuple[float, float]:
        share = (step - 1) / max(1, steps - 1)
        return LEFT + share * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    out = []
    for part in range(5):
        x, y = place(1, top * part / 4)
        out.append(f'<line x1="{x:g}" x2="{WIDTH - RIGHT}" y1="{y:g}" y2="{y:g}" stroke="{LINE}" opacity="0.5"/>')
        out.append(text(x - 8, y + 4, plain(round(top * part / 4, 2)), anchor="end", size=12))
    ticks = sorted({1, *(round(steps * part / 3) for part in (1, 2, 3))})
    out += [text(place(step, 0)[0], HEIGHT - BOTTOM + 18, str(step), size=12) for step in ticks]
    if marked:
        x = place(marked, 0)[0]
        out.append(f'<line x1="{x:g}" x2="{x:g}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="{FRAME}" stroke-width="3"/>')
    names = []
    for (name, values), colour, dashes in zip(curves.items(), COLOURS, DASHES, strict=False):
        points = [place(step, value) for step, value in enumerate(values, 1)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"/>'
        )
        names.append((points[-1][1], name, colour))
    free = float(HEIGHT - BOTTOM)
    for y, name, colour in sorted(names, reverse=True):  # from below, so that none meets the axis
        at = min(y, free)
        out.append(text(WIDTH - RIGHT + 8, at + 4, name, anchor="start", size=13).replace(INK, colour))
        free = at - LABEL
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, across, size=13))
    return svg(alt, WIDTH, HEIGHT, "".join(out))
