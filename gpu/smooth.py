"""Sigmoid, tanh, SiLU, GELU and softplus on whole arrays of the GPU: the formulas of NumPy, in blocks that fill a GPU.

The loops this replaces: scratch/naive/smooth.py. The same in NumPy: scratch/fast/smooth.py and softplus.py.
"""

from collections.abc import Callable

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array, namespace_of
from scratch.fast.blocks import blocks
from scratch.fast.smooth import Smooth
from scratch.fast.softplus import Softplus

TEMPORARIES = 8
"""How many arrays a formula takes at most at the same time."""


def by_blocks(formula: Callable[..., None], *arrays: Array) -> Array:
    """Go row by row."""
    first = arrays[0]
    result: Array = namespace_of(first).empty(first.shape, first.dtype)
    numbers, results = [array.reshape(-1) for array in arrays], result.reshape(-1)
    for part in blocks(first.size, TEMPORARIES * first.itemsize, BLOCK_BYTES):
        formula(*(array[part] for array in numbers), results[part])
    return result


smooth = Smooth(by_blocks)
softplus = Softplus(by_blocks)
