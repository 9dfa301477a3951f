"""What every Dropout agrees on: how the random words of Philox4x32-10 are counted, and which of them mean "dropped".

Philox has no state. It turns a counter into four random words, so whoever knows the key can say which numbers were
dropped, in any order and as often as it takes: no mask is stored, and backward counts again.

    number i of x (row by row)      0  1  2  3 | 4  5  6  7 | 8 ...
    counter                         (0, 0, 0, 0) (1, 0, 0, 0) ...       i // 4 in 64 bits, the low word first
    word of its four                0  1  2  3 | 0  1  2  3 | 0 ...     i % 4

Number i is kept if its word is at least `threshold(p)`: a comparison of integers, the same everywhere. The words in
loops are in scratch/naive/dropout.py, on whole arrays in scratch/fast/philox.py, in a kernel in gpu/kernels/philox.cuh.

References
----------
Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011; their library is Random123.
"""

from collections.abc import Iterator

from scratch.contracts import Key

WORD = 2**32
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
"""What is added to the key after each round: what follows the point in the golden ratio and in the root of 3."""


def round_keys(key: Key) -> Iterator[Key]:
    """The key of each of the ten rounds."""
    k0, k1 = key
    for _ in range(10):
        yield k0, k1
        k0, k1 = (k0 + KEY_STEPS[0]) % WORD, (k1 + KEY_STEPS[1]) % WORD


def threshold(p: float) -> int:
    """How many of the 2**32 words mean "dropped", where that has probability p.

    >>> threshold(0.25) == 2**30, threshold(1.0) == 2**32
    (True, True)
    """
    return round(p * WORD)


def scale(p: float) -> float:
    """What is kept is multiplied by 1 / (1 - p), so that the mean stays; for p = 1 nothing is kept.

    >>> scale(0.5), scale(1.0)
    (2.0, 0.0)
    """
    return 1 / (1 - p) if p < 1 else 0.0
