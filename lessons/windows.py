"""Where a sliding window stands: on a padded picture, and along one side of it, all windows below each other."""

import numpy as np

from lessons.tiles import Tiles
from scratch.array import HostArray
from scratch.geometry import Pair, Window2d, pad2d

INSIDE, OUTSIDE = (255, 255, 255), (226, 222, 210)
TAKEN, TAKEN_OUTSIDE = (248, 200, 160), (222, 190, 160)
"""Colours of cells in the picture and outside of it; those that a window takes are orange."""


def under_window(title: str, x: HostArray, window: Window2d, i: int, j: int) -> Tiles:
    """Draw a picture in its padding; the cells that window (i, j) takes are orange, what it reaches over is framed.

    Parameters
    ----------
    x : (H, W) array
    """
    inside = pad2d(np.ones(x.shape), window.padding) > 0
    taken = np.zeros_like(inside)
    at = window.at(i, j)
    taken[np.ix_(*(np.arange(padded)[part] for padded, part in zip(inside.shape, at, strict=True)))] = True
    reach = (slice(at[0].start, at[0].stop), slice(at[1].start, at[1].stop))
    return Tiles(title, pad2d(x, window.padding), reach, grounds=colours(inside, taken))


def staircase(title: str, window: Window2d, n: int) -> Tiles:
    """Draw every window along a side of n cells, one in each row; cells outside are below 0, or from n on."""
    size: Pair = (n, n)
    (before, behind), count = window.covering(size)[1], window.output_size(size)[1]
    cells = np.arange(-before, n + behind)
    taken = np.zeros((count, len(cells)), bool)
    for position in range(count):
        taken[position, window.at(0, position)[1]] = True
    numbers = np.broadcast_to(cells, taken.shape)
    return Tiles(title, numbers, grounds=colours((numbers >= 0) & (numbers < n), taken))


def colours(inside: HostArray, taken: HostArray) -> HostArray:
    """The (H, W, 3) ground of each cell of two (H, W) bool arrays."""
    outside = np.where(taken[..., None], TAKEN_OUTSIDE, OUTSIDE)
    return np.where(inside[..., None], np.where(taken[..., None], TAKEN, INSIDE), outside).astype(np.uint8)
