"""Dropout by its definition, one number or one channel at a time, and Philox4x32-10, whose random words decide.

How they are counted: scratch/philox.py. The same in NumPy at full speed: scratch/fast/dropout.py. On the GPU:
gpu/dropout.py, and as a kernel gpu/kernels/dropout.cu.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Key, Saved
from scratch.philox import MULTIPLIERS, WORD, round_keys, scale, threshold


def dropout(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Zero each number with probability p, and scale the others.

        y_i = x_i * (1 / (1 - p) if i is kept, else 0)

    A product, not a selection: as in torch a NaN stays NaN where it is dropped, and an infinity becomes NaN.

    Parameters
    ----------
    x : floating array of any shape, not modified
    p : probability of being zeroed, 0 ... 1
    key : two random words

    Returns
    -------
    y : array like x
    saved : what `dropout_backward` needs

    References
    ----------
    torch.nn.Dropout.
    """
    y = np.empty(x.shape, x.dtype)
    for i, at in enumerate(np.ndindex(x.shape)):
        y[at] = x[at] * x.dtype.type(scale(p) if kept(i, p, key) else 0)
    return y, (p, key)


def dropout_backward(dy: Array, saved: Saved) -> Array:
    """Multiply dy by the same factors: the key tells them again."""
    p, key = saved
    dx, _ = dropout(dy, p, key)
    return dx


def dropout2d(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Zero each channel with probability p, and scale the others.

        y[n, c] = x[n, c] * (1 / (1 - p) if n * C + c is kept, else 0)

    Parameters
    ----------
    x : floating array (N, C, ...), not modified
    p : probability of being zeroed, 0 ... 1
    key : two random words

    Returns
    -------
    y : array like x
    saved : what `dropout2d_backward` needs

    References
    ----------
    torch.nn.Dropout2d.
    """
    y = np.empty(x.shape, x.dtype)
    for i, (n, c) in enumerate(np.ndindex(x.shape[:2])):
        y[n, c] = x[n, c] * x.dtype.type(scale(p) if kept(i, p, key) else 0)
    return y, (p, key)


def dropout2d_backward(dy: Array, saved: Saved) -> Array:
    """Multiply dy by the same factors: the key tells them again."""
    p, key = saved
    dx, _ = dropout2d(dy, p, key)
    return dx


def kept(i: int, p: float, key: Key) -> bool:
    """Whether number i is kept.

    >>> [kept(i, 0.5, (0, 0)) for i in range(4)]  # the words are 6627e8d5 e169c58d bc57ac4c 9b00dbd8
    [False, True, True, True]
    """
    block, n = divmod(i, 4)
    words = philox4x32((block % WORD, block // WORD, 0, 0), key)
    return words[n] >= threshold(p)


def philox4x32(counter: tuple[int, int, int, int], key: Key) -> tuple[int, int, int, int]:
    """Turn a counter of four words (a, b, c, d) into four random words, by ten rounds, each with a key of its own.

        two products of 64 bits           left = a * M0                right = c * M1
        their high words are mixed,       a' = high(right) ^ b ^ k0    c' = high(left) ^ d ^ k1
        their low words change places     b' = low(right)              d' = low(left)

    >>> [f"{word:08x}" for word in philox4x32((0, 0, 0, 0), (0, 0))]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    a, b, c, d = counter
    for k0, k1 in round_keys(key):
        left, right = a * MULTIPLIERS[0], c * MULTIPLIERS[1]
        a, b, c, d = right // WORD ^ b ^ k0, right % WORD, left // WORD ^ d ^ k1, left % WORD
    return a, b, c, d
