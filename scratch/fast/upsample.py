"""Upsampling on whole arrays: a linear map down the rows and one across, the same for all images and channels.

Which cells an output is made of, and their weights, follow from the sizes alone (`nearest`, `bilinear`); backward is
the adjoint of both maps. They are computed once for each geometry, in NumPy, and serve gpu/upsample.py, too.

The loops this replaces: scratch/naive/upsample.py. On the GPU: gpu/upsample.py.
"""

from functools import lru_cache

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.upsample import Scale
from scratch.fast.axis_map import AxisMap, apply2d
from scratch.fast.through_blocks import through_blocks
from scratch.geometry import Pair


def upsample2d(x: Array, out: Pair, scale: Scale, mode: str, align_corners: bool) -> tuple[Array, Saved]:
    """Map each image down and across.

    Parameters, returns: as `scratch.naive.upsample.upsample2d`.
    """
    down, across = maps(x.shape[2:], out, scale, mode, align_corners)
    return through_blocks(lambda images: apply2d(images, down, across), x, out), (down, across)


def upsample2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each output's gradient to the cells that it is made of, by their weights."""
    down, across = saved
    size = down.n, across.n
    return through_blocks(lambda images: apply2d(images, down.adjoint, across.adjoint), dy, size)


@lru_cache(maxsize=256)
def maps(size: Pair, out: Pair, scale: Scale, mode: str, align_corners: bool) -> tuple[AxisMap, AxisMap]:
    """The map down the rows, and that across the columns."""
    rows, columns = (
        nearest(n, m, s) if mode == "nearest" else bilinear(n, m, s, align_corners)
        for n, m, s in zip(size, out, scale, strict=True)
    )
    return rows, columns


def nearest(n: int, m: int, scale: float | None) -> AxisMap:
    """Take cell floor(j / scale), computed in float32 as torch does, whatever the dtype of x.

    >>> nearest(3, 7, None).cells
    array([[0, 0, 0, 1, 1, 2, 2]])
    """
    j = np.arange(m)
    if m in (n, 2 * n):
        cells = j // (m // n)
    else:
        step = np.float32(n) / np.float32(m) if scale is None else np.float32(1 / scale)
        cells = np.minimum(np.floor(j.astype(np.float32) * step).astype(int), n - 1)
    return AxisMap(n, cells[None])


def bilinear(n: int, m: int, scale: float | None, align_corners: bool) -> AxisMap:
    """Take two neighbours with weights 1 - w and w, also where w is 0; at the end a cell is its own neighbour.

    >>> bilinear(2, 4, None, align_corners=False).weights
    array([[1.  , 0.75, 0.25, 0.75],
           [0.  , 0.25, 0.75, 0.25]])
    """
    j = np.arange(m)
    if m == n:
        left, w = j, np.zeros(m)
    else:
        if align_corners:
            source = j * ((n - 1) / (m - 1) if m > 1 else 0.0)
        else:
            source = np.maximum((n / m if scale is None else 1 / scale) * (j + 0.5) - 0.5, 0)
        left = np.minimum(np.floor(source.astype(np.float32)).astype(int), n - 1)  # in float32, as torch does
        w = np.clip(source - left, 0, 1)
    right = np.minimum(left + (m != n), n - 1)
    return AxisMap(n, np.array([left, right]), np.array([1 - w, w]))
