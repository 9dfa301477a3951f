"""Curves over powers of ten."""

from collections.abc import Mapping, Sequence

import numpy as np

from lessons.boards import INK, LINE, svg, text
from lessons.pieces import Piece
from scratch.array import HostArray

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 130, 30, 46
COLOURS = ("#b0421f", "#0f6e7c")


def loglog(alt: str, x: HostArray, curves: Mapping[str, Sequence[float]], across: str, up: str) -> Piece:
    """Draw curves, both axes logarithmic.

    Parameters
    ----------
    x : (n,) array of positive numbers
    curves : name: n numbers each, none negative; zeros are left out, they have no logarithm
    across, up : names of the axes
    """
    both = np.concatenate([np.asarray(y) for y in curves.values()])
    ends = [(np.floor(np.log10(v.min())), np.ceil(np.log10(v.max()))) for v in (x, both[both > 0])]

    def place(value: float, axis: int) -> float:
        low, high = ends[axis]
        share = float((np.log10(value) - low) / (high - low))
        return LEFT + share * (WIDTH - LEFT - RIGHT) if axis == 0 else HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    out = []
    for power in range(int(ends[0][0]), int(ends[0][1]) + 1, 2):
        at = place(10.0**power, 0)
        out.append(f'<line x1="{at:g}" x2="{at:g}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="{LINE}" opacity="0.5"/>')
        out.append(text(at, HEIGHT - BOTTOM + 18, f"1e{power}", size=12))
    for power in range(int(ends[1][0]), int(ends[1][1]) + 1, 2):
        at = place(10.0**power, 1)
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:g}" y2="{at:g}" stroke="{LINE}" opacity="0.5"/>')
        out.append(text(LEFT - 8, at + 4, f"1e{power}", anchor="end", size=12))
    for (name, y), colour, dashes in zip(curves.items(), COLOURS, ("", "7 4"), strict=True):
        points = [(place(a, 0), place(b, 1)) for a, b in zip(x, y, strict=True) if b > 0]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        out.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"/>'
        )
        end = max(points)
        out.append(text(end[0] + 8, end[1] + 4, name, anchor="start", size=13).replace(INK, colour))
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, size=13))
    out.append(text(LEFT, TOP - 14, up, anchor="middle", size=13))
    return svg(alt, WIDTH, HEIGHT, "".join(out))
