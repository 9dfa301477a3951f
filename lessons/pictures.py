"""Photographs in a lesson."""

from html import escape
from typing import NamedTuple

from lessons.pieces import Piece
from scratch.images.gallery.draw import Drawn


class Shot(NamedTuple):
    """A picture, its caption, and what it shows for those who do not see it."""

    drawn: Drawn
    caption: str
    alt: str


def pictures(*shots: Shot, width: int = 200) -> Piece:
    """Pictures side by side, each above its caption; every one holds its own pixels.

    Parameters
    ----------
    width : of each, in pixels of the page
    """
    figures = (
        f'<figure style="margin:0;width:{width}px;max-width:100%"><img src="{shot.drawn.src}" '
        f'alt="{escape(shot.alt, quote=True)}" width="{shot.drawn.width}" height="{shot.drawn.height}" '
        f'style="width:100%;height:auto;display:block;border-radius:4px"><figcaption style="font-size:0.85em">'
        f"{escape(shot.caption)}</figcaption></figure>"
        for shot in shots
    )
    return Piece(f'<div style="display:flex;flex-wrap:wrap;gap:12px;margin:0.6em 0">{"".join(figures)}</div>')
