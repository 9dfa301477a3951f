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
from scratch.fast.columns import by_planes
from scratch.fast.layout import nchw_view, nhwc_view
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


class Lattice(NamedTuple):
    """Cells that are s apart, and the taps that meet them: each of these meets one cell after the other."""

    cells: slice
    taps: tuple[Meeting, ...]


@lru_cache(maxsize=4096)
def lattices(axis: Axis, windows: Pair, cells: Pair) -> tuple[Lattice, ...]:
    """All of some cells, lattice by lattice; the cells of each meeting are counted in its lattice.

    >>> for lattice in lattices(Axis(k=3, s=2, p=1, d=1, cells=6, windows=3), windows=(0, 3), cells=(0, 6)):
    ...     print(lattice.cells, *((meeting.tap, meeting.windows, meeting.cells) for meeting in lattice.taps))
    slice(1, 6, 2) (0, slice(1, 3, None), slice(0, 2, None)) (2, slice(0, 3, None), slice(0, 3, None))
    slice(0, 6, 2) (1, slice(0, 3, None), slice(0, 3, None))
    """
    found, count = [], cells[1] - cells[0]
    for residue in range(axis.s):
        start = (residue - axis.p - cells[0]) % axis.s
        if start < count:
            taps = tuple(
                Meeting(tap, at, slice((met.start - start) // axis.s, (met.stop - 1 - start) // axis.s + 1))
                for tap, at, met in meetings(axis, windows, cells)
                if tap * axis.d % axis.s == residue
            )
            found.append(Lattice(slice(start, count, axis.s), taps))
    return tuple(found)


def dense(values: Array, name: str) -> Array:
    """The block itself where it is C-contiguous, else a copy in reused memory of that name."""
    if values.flags.c_contiguous:
        return values
    copy = workspace.empty(name, values.shape, values.dtype)
    np.copyto(copy, values)
    return copy


def as_it_lies(x: Array, outW: int) -> Array:
    """View (N, C, H, W) as images (n, H, W, c) that are long runs of memory: N of C channels, or N * C planes of one.

    What is pooled has no sum over channels, so a plane is an image of its own.
    """
    N, C, H, W = x.shape
    return x.reshape(N * C, H, W, 1) if by_planes(x, outW) else nhwc_view(x)


def with_channels(y: Array, C: int) -> Array:
    """View images (n, outH, outW, c) as (N, C, outH, outW), the way back from `as_it_lies`."""
    n, outH, outW, c = y.shape
    return nchw_view(y) if c == C else y.reshape(n // C, C, outH, outW)


def is_first(axis: Axis, tap: int) -> bool:
    """Whether no tap before meets a cell that this one meets: such a tap may write where others add."""
    return axis.d == 1 and tap < axis.s
