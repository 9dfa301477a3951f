"""Which windows meet which cells, tap by tap along one axis, without any padding.

Tap u of window i meets cell i*s + u*d - p. Where that lies outside the image, the window is left out, so that nobody
has to copy the image into a border first:

    cells               0  1  2  3  4  5            k = 3, s = 2, p = 1
    window 0        .   0  1                        tap 0 meets  1 3    in windows 1 2
    window 1               1  2  3                  tap 1 meets  0 2 4  in windows 0 1 2
    window 2                     3  4  5            tap 2 meets  1 3 5  in windows 0 1 2

Both are slices: the windows follow one another, their cells are s apart. Each is known from the shapes alone, so it is
computed once.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from scratch.array import Array
from scratch.fast import workspace
from scratch.geometry import Pair, Window2d


class Axis(NamedTuple):
    """One direction of a window on an image.

    Attributes
    ----------
    k, s, p, d : kernel size, stride, padding before, dilation
    cells, windows : how many there are
    """

    k: int
    s: int
    p: int
    d: int
    cells: int
    windows: int

    def cells_of(self, start: int, stop: int) -> Pair:
        """The first and last cell (exclusive) that windows start ... stop - 1 reach."""
        beyond = (stop - 1) * self.s - self.p + (self.k - 1) * self.d + 1
        return max(start * self.s - self.p, 0), min(beyond, self.cells)

    def windows_of(self, start: int, stop: int) -> Pair:
        """The first and last window (exclusive) that reach cells start ... stop - 1; perhaps none."""
        first = max(-((self.p + (self.k - 1) * self.d - start) // self.s), 0)
        return first, max(min((stop - 1 + self.p) // self.s + 1, self.windows), first)

    def reached(self, tap: int, windows: Pair, cells: Pair) -> Pair:
        """The first and last (exclusive) of some windows in which a tap meets one of some cells; perhaps none."""
        offset = tap * self.d - self.p
        first = max(windows[0], -((offset - cells[0]) // self.s))
        return first, max(min(windows[1], (cells[1] - 1 - offset) // self.s + 1), first)

    def met(self, tap: int, windows: Pair, origin: int) -> slice:
        """The cells that a tap meets in some windows, at least one, counted from the cell `origin`."""
        start = windows[0] * self.s + tap * self.d - self.p - origin
        return slice(start, start + (windows[1] - windows[0] - 1) * self.s + 1, self.s)


class Meeting(NamedTuple):
    """What one tap meets: cell j of `cells` in window j of `windows`."""

    tap: int
    windows: slice
    cells: slice


@lru_cache(maxsize=1024)
def axes(window: Window2d, size: Pair) -> tuple[Axis, Axis]:
    """Both directions of a window on an image of size (H, W)."""
    out = window.output_size(size)
    rows, columns = (
        Axis(window.kernel_size[a], window.stride[a], window.padding[a][0], window.dilation[a], size[a], out[a])
        for a in (0, 1)
    )
    return rows, columns


@lru_cache(maxsize=4096)
def meetings(axis: Axis, windows: Pair, cells: Pair) -> tuple[Meeting, ...]:
    """What each tap meets of some windows and some cells, counted from the first of them; empty meetings left out.

    >>> for meeting in meetings(Axis(k=3, s=2, p=1, d=1, cells=6, windows=3), windows=(0, 3), cells=(0, 6)):
    ...     print(meeting.tap, meeting.windows, meeting.cells)
    0 slice(1, 3, None) slice(1, 4, 2)
    1 slice(0, 3, None) slice(0, 5, 2)
    2 slice(0, 3, None) slice(1, 6, 2)
    """
    found = []
    for tap in range(axis.k):
        first, last = axis.reached(tap, windows, cells)
        if first < last:
            here = slice(first - windows[0], last - windows[0])
            found.append(Meeting(tap, here, axis.met(tap, (first, last), cells[0])))
    return tuple(found)


def dense(values: Array, name: str) -> Array:
    """The block itself where it is C-contiguous, else a copy in reused memory of that name."""
    if values.flags.c_contiguous:
        return values
    copy = workspace.empty(name, values.shape, values.dtype)
    np.copyto(copy, values)
    return copy


def is_first(axis: Axis, tap: int) -> bool:
    """Whether no tap before meets a cell that this one meets: such a tap may write where others add."""
    return axis.d == 1 and tap < axis.s


def clear_unmet(block: Array, down: Axis, across: Axis, start: int) -> None:
    """Write 0 to those cells of a block that no first tap writes: all, for windows with gaps; else those at the end.

    Parameters
    ----------
    block : (n, rows, W, C), rows from `start` on
    """
    if down.d > 1 or across.d > 1 or down.k < down.s or across.k < across.s:
        block[...] = 0
        return
    block[:, max(down.windows * down.s - down.p - start, 0) :] = 0
    block[:, :, across.windows * across.s - across.p :] = 0
