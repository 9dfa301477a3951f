"""Upsampling on the GPU: the maps of NumPy's code, on planes.

The loops this replaces: scratch/naive/upsample.py. The same in NumPy: scratch/fast/upsample.py.
"""

from gpu.through_blocks import through_blocks
from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.upsample import Scale
from scratch.fast.axis_map import apply2d
from scratch.fast.upsample import maps
from scratch.geometry import Pair


def upsample2d(x: Array, out: Pair, scale: Scale, mode: str, align_corners: bool) -> tuple[Array, Saved]:
    """Map each plane down and across.

    Parameters, returns: as `scratch.naive.upsample.upsample2d`.
    """
    down, across = maps(x.shape[2:], out, scale, mode, align_corners)
    return through_blocks(lambda planes: apply2d(planes, down, across), x, out), (down, across)


def upsample2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each output's gradient to the cells that it is made of: a sum for each cell, in an order that is fixed."""
    down, across = saved
    size = down.n, across.n
    return through_blocks(lambda planes: apply2d(planes, down.adjoint, across.adjoint), dy, size)
