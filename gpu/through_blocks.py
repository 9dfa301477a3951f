"""A function of planes, applied block by block, as scratch/fast/through_blocks.py does with images in NHWC memory."""

from collections.abc import Callable

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array, namespace_of
from scratch.fast.blocks import blocks
from scratch.geometry import Pair


def through_blocks(function: Callable[[Array], Array], x: Array, size: Pair) -> Array:
    """Apply a function that maps planes (n, H, W) to (n, *size) to an x of (N, C, H, W)."""
    planes = x.reshape(-1, *x.shape[2:])
    y: Array = namespace_of(x).empty((len(planes), *size), x.dtype)
    bytes_each = 4 * max(x.shape[2] * x.shape[3], size[0] * size[1]) * x.itemsize
    for some in blocks(len(planes), bytes_each, BLOCK_BYTES):
        y[some] = function(planes[some])
    return y.reshape(*x.shape[:2], *size)
