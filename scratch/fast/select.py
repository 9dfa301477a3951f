"""Selection by bits: a number where a condition holds, +0.0 elsewhere.

    chosen    1           0           1               one byte each, what a comparison of NumPy gives
    negative  11111111    00000000    11111111        one byte each
    mask      1111...1    0000...0    1111...1        as wide as the numbers: a cast keeps the sign
    values    dy          dy          dy
    &         dy          +0.0        dy

A product with 0 and 1 would be wrong: infinity * 0 is NaN, and -1 * 0 is -0.0. np.where and np.copyto(where=) are
right, but decide number by number, and processors guess such decisions wrong: 1.2 to 3.4 ns a number (random
conditions, float32, blocks of 256 KiB; Xeon 2.3 GHz, one core), where all this takes 0.3.

NumPy casts the mask by itself, 8192 numbers at a time, which never leave the core's own cache: a mask of the whole
block, cast beforehand, made the backwards of ReLU and of the max pools take 1.3 times as long (16x64x112x112, blocks
of 4 MiB, two cores).
"""

from typing import Any

import numpy as np

from scratch.array import Array

INTEGERS: dict[np.dtype[Any], np.dtype[Any]] = {np.dtype(f"f{n}"): np.dtype(f"i{n}") for n in (4, 8)}
"""The integers that are as wide as a floating number."""


def bits(values: Array) -> Array:
    """View floating numbers as integers of the same bits, in any memory.

    >>> bits(np.array([0.0, 1.0], np.float32)).tolist()
    [0, 1065353216]
    """
    return values.view(INTEGERS[values.dtype])


def select(values: Array, signs: Array, out: Array) -> None:
    """Write values where the sign is negative, and +0.0 elsewhere.

    Parameters
    ----------
    values : floating numbers, as `bits`
    signs : int8 of the same shape, -1 or 0
    out : as `bits`; is filled
    """
    np.bitwise_and(values, signs, out=out)
