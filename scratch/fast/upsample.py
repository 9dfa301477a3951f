"""Upsampling on whole arrays: a linear map down the rows and one across, the same for all images and channels.

"bilinear" is two matrix products (axis_product.py), "nearest" copies.

Which cells an output is made of, and their weights, follow from the sizes alone (`nearest`, `bilinear`); backward is
the adjoint of both maps. They are computed once for each geometry, in NumPy, and serve gpu/upsample.py, too.

The loops this replaces: scratch/naive/upsample.py. On the GPU: gpu/upsample.py.
"""

from functools import lru_cache

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.upsample import Scale
from scratch.fast import blocks, threads, workspace
from scratch.fast.axis_map import AxisMap
from scratch.fast.axis_product import product2d
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.fast.taps import dense
from scratch.fast.through_blocks import FLOPS
from scratch.geometry import Pair


def upsample2d(x: Array, out: Pair, scale: Scale, mode: str, align_corners: bool) -> tuple[Array, Saved]:
    """Map each image down and across.

    Parameters, returns: as `scratch.naive.upsample.upsample2d`.
    """
    down, across = maps(x.shape[2:], out, scale, mode, align_corners)
    return repeat2d(x, down, across) if mode == "nearest" else product2d(x, down, across), (down, across)


def upsample2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each output's gradient to the cells that it is made of, by their weights."""
    down, across = saved
    return product2d(dy, down.adjoint, across.adjoint)


def repeat2d(x: Array, down: AxisMap, across: AxisMap) -> Array:
    """Copy the cell of each output: within rows first, then whole rows.

    A product would not do: -0.0 and zeros add up to 0.0.
    """
    N, C, H, W = x.shape
    planes = bool(x.flags.c_contiguous)
    images = x.reshape(N * C, H, W) if planes else nhwc_view(x)
    y = np.empty((len(images), down.outputs, across.outputs, *images.shape[3:]), x.dtype)

    def work(part: slice) -> None:
        mine, my_y = images[part], y[part]
        for some, rows in blocks.pieces(len(mine), down.outputs, my_y[:1, :1].nbytes, blocks.CACHE_BYTES):
            cells = down.cells[0, rows]
            first = int(cells[0])
            block = dense(mine[some, first : int(cells[-1]) + 1], "upsample cells")
            shape = (*block.shape[:2], *y.shape[2:])
            wide = workspace.empty("upsample rows", shape, x.dtype)
            np.take(block, across.cells[0], axis=2, out=wide, mode="clip")  # "raise" would make a copy
            np.take(wide, cells - first, axis=1, out=my_y[some, rows], mode="clip")

    threads.run(work, threads.parts(len(images), FLOPS * y.size))
    return y.reshape(N, C, *y.shape[1:]) if planes else nchw_view(y)


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
