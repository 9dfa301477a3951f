"""Philox on whole arrays, those of NumPy and those of a GPU.

The loops this replaces: scratch/naive/dropout.py, which is the specification. As a kernel: gpu/kernels/philox.cuh.
"""

from collections.abc import Sequence

from scratch.array import Array
from scratch.contracts import Key
from scratch.philox import MULTIPLIERS, WORD, round_keys

LOW = WORD - 1


def philox4x32(counter: Sequence[Array], key: Key) -> list[Array]:
    """Turn each counter of four words into four random words.

    Parameters
    ----------
    counter : four uint64 arrays of one shape, with numbers below 2**32; not modified
    key : two words

    Returns
    -------
    four arrays like those of the counter
    """
    a, b, c, d = counter
    for k0, k1 in round_keys(key):
        # A product of two words fits into 64 bits. What is made here is changed in place.
        left, right = a * MULTIPLIERS[0], c * MULTIPLIERS[1]
        a, c = right >> 32, left >> 32
        a ^= b
        a ^= k0
        c ^= d
        c ^= k1
        right &= LOW
        left &= LOW
        b, d = right, left
    return [a, b, c, d]
