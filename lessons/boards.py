"""Small arrays as pictures: boards of numbers, side by side, with signs between them. SVG, so that they stay sharp."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from lessons.pieces import Piece
from scratch.array import HostArray

CELL = 40
GAP = 16
SIGN = 34
TITLE = 26

INK, LINE, FRAME = "#22262b", "#b9b4a8", "#0f6e7c"
PLUS, MINUS, ZERO, UNKNOWN = "#f8dfcc", "#d5e3f2", "#ffffff", "#efece4"


@dataclass(frozen=True)
class Board:
    """An array with its name above it.

    Attributes
    ----------
    title : above it
    numbers : (H, W) array; positive ones lie on orange, negative ones on blue
    framed : rows and columns of the cells that are framed
    known : (H, W) bool array, the cells of which the number is shown; all of them if None
    """

    title: str
    numbers: HostArray
    framed: tuple[slice, slice] | None = None
    known: HostArray | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in the picture, the title included."""
        H, W = self.numbers.shape
        return max(W * CELL, 9 * len(self.title)), H * CELL + TITLE

    def colours(self, i: int, j: int) -> tuple[str, str]:
        """Of the ground of a cell, and of the number on it."""
        number = self.numbers[i, j]
        return PLUS if number > 0 else MINUS if number < 0 else ZERO, INK

    def drawn(self, left: float, top: float) -> str:
        """The SVG elements of it."""
        H, W = self.numbers.shape
        out = [text(left, top + TITLE - 10, self.title, anchor="start", weight=600)]
        for i, j in np.ndindex(H, W):
            known = self.known is None or bool(self.known[i, j])
            ground, ink = self.colours(i, j) if known else (UNKNOWN, INK)
            x, y = left + j * CELL, top + TITLE + i * CELL
            out.append(f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{ground}" stroke="{LINE}"/>')
            if known:
                number = plain(self.numbers[i, j])
                size = 15 if len(number) < 5 else 12  # so that it stays in its cell
                out.append(text(x + CELL / 2, y + CELL / 2 + 5, number, size=size, colour=ink))
        if self.framed is not None:
            rows, columns = (part.indices(n)[:2] for part, n in zip(self.framed, (H, W), strict=True))
            out.append(
                f'<rect x="{left + columns[0] * CELL}" y="{top + TITLE + rows[0] * CELL}" '
                f'width="{(columns[1] - columns[0]) * CELL}" height="{(rows[1] - rows[0]) * CELL}" '
                f'fill="none" stroke="{FRAME}" stroke-width="4"/>'
            )
        return "".join(out)


def row(alt: str, *parts: Board | str) -> Piece:
    """Boards side by side, and signs such as "×" between them.

    Parameters
    ----------
    alt : what it shows, for those who do not see it
    """
    heights = [part.size[1] for part in parts if isinstance(part, Board)]
    height, left, out = max(heights) + 2 * GAP, float(GAP), []
    for part in parts:
        if isinstance(part, str):
            out.append(text(left + SIGN / 2 - GAP / 2, (height + TITLE) / 2 + 6, part, size=20))
            left += SIGN
            continue
        # In the middle of the highest one.
        out.append(part.drawn(left, GAP + (max(heights) - part.size[1]) / 2))
        left += part.size[0] + GAP
    return svg(alt, left, height, "".join(out))


def svg(alt: str, width: float, height: float, inside: str) -> Piece:
    """A picture on white, so that it can be read on a dark page too; on a narrow one it shrinks."""
    words = escape(alt, quote=True)
    return Piece(
        f'<svg role="img" aria-label="{words}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" style="max-width:100%;height:auto;display:block;margin:0.5em 0" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{words}</title>'
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#ffffff"/>{inside}</svg>'
    )


def text(
    x: float, y: float, words: str, *, anchor: str = "middle", size: int = 15, weight: int = 400, colour: str = INK
) -> str:
    """Words in a picture."""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'font-family="system-ui, sans-serif">{escape(words)}</text>'
    )


def plain(number: Any) -> str:
    """A number with few digits, and a minus sign that can be told from a hyphen.

    >>> plain(-3.0), plain(0.0625), plain(2 / 3)
    ('−3', '0.062', '0.667')
    """
    return f"{round(float(number), 3) + 0.0:g}".replace("-", "−")  # + 0.0: there is no "−0"


def product(a: Any, b: Any) -> str:
    """A product as one writes it.

    >>> product(2, -3)
    '2·(−3)'
    """
    second = plain(b)
    return f"{plain(a)}·{f'({second})' if second.startswith('−') else second}"


def sum_of_products(a: HostArray, b: HostArray) -> str:
    """Every product, in the order of the rows, and what they come to.

    >>> sum_of_products(np.array([1, 2]), np.array([3, -1]))
    '1·3 + 2·(−1) = 1'
    """
    terms = [product(x, y) for x, y in zip(a.flat, b.flat, strict=True)]
    return f"{added(terms)} = {plain(np.sum(a * b))}"


def added(terms: Sequence[str]) -> str:
    """Products with a plus between them; no minus follows upon it.

    >>> added([product(-1, 2), product(-1, -3)])
    '−1·2 + (−1)·(−3)'
    """
    return re.sub(r"\+ (−[^·]+)·", r"+ (\1)·", " + ".join(terms))
