"""Layer and group normalisation on whole arrays of the GPU, in blocks.

The loops this replaces: scratch/naive/layer_norm.py. The same in NumPy, with the functions that do it:
scratch/fast/layer_norm.py.
"""

from math import prod

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.layer_norm import (
    Rows,
    Shape,
    group_norm_backward,
    group_shapes,
    layer_norm_backward,
    layer_shapes,
    standardise,
)

__all__ = ["group_norm", "group_norm_backward", "layer_norm", "layer_norm_backward"]


def on_device(x: Array, shapes: tuple[Shape, Shape, Shape]) -> Rows:
    """In one part; two temporary arrays of a block live at a time."""
    shape = shapes[0]
    return Rows(*shapes, prod(shape[2:]) * x.itemsize, [slice(0, shape[0])], BLOCK_BYTES // 2)


def layer_norm(x: Array, dims: int, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Saved]:
    """Normalise the last dimensions.

    Parameters, returns: as `scratch.naive.layer_norm.layer_norm`.
    """
    return standardise(x, on_device(x, layer_shapes(x, dims)), weight, bias, eps)


def group_norm(x: Array, num_groups: int, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Saved]:
    """Normalise groups of channels.

    Parameters, returns: as `scratch.naive.layer_norm.group_norm`.
    """
    return standardise(x, on_device(x, group_shapes(x, num_groups)), weight, bias, eps)
