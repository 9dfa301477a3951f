"""Borders that are made of the image itself, strip by strip.

First the columns at the left and right of the image's own rows, then whole rows above and below, which by then have
their corners:

    . . . . .        . . . . .        e d e f e
    . a b c .   ->   b a b c b   ->   b a b c b        (reflect)
    . d e f .        e d e f e        e d e f e
    . . . . .        . . . . .        b a b c b

Backward goes the other way: rows are added to those that they were copied from, then columns.

The loops this replaces: scratch/naive/pad.py. It is the same on the GPU: `namespace_of` finds the functions.
"""

from collections.abc import Iterator
from typing import Any

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.contracts.pad import Mode
from scratch.geometry import Padding, Pair


def pad2d(x: Array, padding: Padding, mode: Mode) -> tuple[Array, Saved]:
    """Copy the image, then strips of it.

    Parameters, returns: as `scratch.naive.pad.pad2d`; y lies in memory as x does.
    """
    (top, bottom), (left, right) = padding
    H, W = x.shape[2:]
    y: Array = namespace_of(x).empty_like(x, shape=(*x.shape[:2], top + H + bottom, left + W + right))
    y[:, :, top : top + H, left : left + W] = x
    for border, source, _ in strips((H, W), padding, mode):
        y[border] = y[source]
    return y, (padding, mode)


def pad2d_backward(dy: Array, saved: Saved) -> Array:
    """Add the strips to where they were copied from, in reverse order.

    Parameters, returns: as `scratch.naive.pad.pad2d_backward`; dx is a view of the inner part of dy, which is changed.
    """
    padding, mode = saved
    (top, bottom), (left, right) = padding
    H, W = dy.shape[2] - top - bottom, dy.shape[3] - left - right
    for border, source, axis in reversed(list(strips((H, W), padding, mode))):
        dy[source] += dy[border].sum(axis=axis, keepdims=True) if mode == "replicate" else dy[border]
    return dy[:, :, top : top + H, left : left + W]


def strips(size: Pair, padding: Padding, mode: Mode) -> Iterator[tuple[Any, Any, int]]:
    """Name the strips of the border, and what each is a copy of, as indices of the padded image; and the axis."""
    top = padding[0][0]
    own_rows = slice(top, top + size[0])
    for border, source in along(size[1], *padding[1], mode):
        yield (..., own_rows, border), (..., own_rows, source), 3
    for border, source in along(size[0], *padding[0], mode):
        yield (..., border, slice(None)), (..., source, slice(None)), 2


def along(n: int, before: int, after: int, mode: Mode) -> Iterator[tuple[slice, slice]]:
    """The two borders of one axis, and what they are copies of.

    >>> list(along(4, 2, 1, "circular"))
    [(slice(0, 2, None), slice(4, 6, None)), (slice(6, 7, None), slice(2, 3, None))]
    """
    end = before + n
    if mode == "circular":
        first, last = slice(n, end), slice(before, before + after)
    elif mode == "replicate":
        first, last = slice(before, before + 1), slice(end - 1, end)
    else:
        stop = end - 2 - after  # it may be before the first cell of all, which only None can say
        first, last = slice(2 * before, before, -1), slice(end - 2, stop if stop >= 0 else None, -1)
    if before:
        yield slice(0, before), first
    if after:
        yield slice(end, end + after), last
