"""Dropout on whole arrays of the GPU: the code of NumPy, in blocks that fill a GPU.

Every block takes some hundred small kernels, ten rounds of Philox among them; gpu/kernels/dropout.cu takes one.

The loops this replaces: scratch/naive/dropout.py. The same in NumPy: scratch/fast/dropout.py.
"""

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array
from scratch.contracts import Key, Saved
from scratch.fast.dropout import times_channel_mask, times_mask


def dropout(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Zero each number with probability p, and scale the others.

    Parameters, returns: as `scratch.naive.dropout.dropout`.
    """
    return times_mask(x, p, key, BLOCK_BYTES), (p, key)


def dropout_backward(dy: Array, saved: Saved) -> Array:
    """Multiply dy by the same factors."""
    p, key = saved
    return times_mask(dy, p, key, BLOCK_BYTES)


def dropout2d(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Zero each channel with probability p, and scale the others.

    Parameters, returns: as `scratch.naive.dropout.dropout2d`.
    """
    return times_channel_mask(x, p, key, BLOCK_BYTES), (p, key)


def dropout2d_backward(dy: Array, saved: Saved) -> Array:
    """Multiply dy by the same factors."""
    p, key = saved
    return times_channel_mask(dy, p, key, BLOCK_BYTES)
