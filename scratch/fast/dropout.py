"""Dropout on whole arrays, in blocks: the words are counted anew in both directions, and no mask is kept.

The loops this replaces: scratch/naive/dropout.py. On the GPU: gpu/dropout.py.
"""

from scratch.array import Array, namespace_of
from scratch.contracts import Key, Saved
from scratch.fast.blocks import blocks
from scratch.fast.philox import LOW, philox4x32
from scratch.philox import scale, threshold

GROUP_BYTES = 100  # of temporary memory for four numbers: in a round eight words of 64 bits, afterwards their factors


def dropout(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Zero each number with probability p, and scale the others.

    Parameters, returns: as `scratch.naive.dropout.dropout`.
    """
    return times_mask(x, p, key), (p, key)


def dropout_backward(dy: Array, saved: Saved) -> Array:
    """Multiply dy by the same factors."""
    return times_mask(dy, *saved)


def dropout2d(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Zero each channel with probability p, and scale the others.

    Parameters, returns: as `scratch.naive.dropout.dropout2d`.
    """
    return times_channel_mask(x, p, key), (p, key)


def dropout2d_backward(dy: Array, saved: Saved) -> Array:
    """Multiply dy by the same factors."""
    return times_channel_mask(dy, *saved)


def times_channel_mask(x: Array, p: float, key: Key, block_bytes: int | None = None) -> Array:
    """Multiply each channel by 1 / (1 - p) or 0: by what dropout makes of ones. As `times_mask` for the rest."""
    ones = namespace_of(x).ones(x.shape[:2], x.dtype)
    factors = times_mask(ones, p, key, block_bytes)
    y: Array = x * factors.reshape(x.shape[:2] + (1,) * (x.ndim - 2))
    return y


def times_mask(x: Array, p: float, key: Key, block_bytes: int | None = None) -> Array:
    """Multiply each number by 1 / (1 - p) or 0; works on any namespace's arrays.

    Parameters
    ----------
    x, p, key : as for `scratch.naive.dropout.dropout`
    block_bytes : how much temporary memory a block may take; None is that of a CPU
    """
    xp = namespace_of(x)
    y: Array = xp.empty(x.shape, x.dtype)
    numbers, results = x.reshape(-1), y.reshape(-1)
    for groups in blocks(-(-x.size // 4), GROUP_BYTES, block_bytes):
        count = groups.stop - groups.start
        group = (xp.arange(count) + groups.start).astype("uint64")
        zero = xp.zeros(count, "uint64")
        words = philox4x32([group & LOW, group >> 32, zero, zero], key)
        kept = xp.empty((count, 4), "bool")
        for n, word in enumerate(words):
            kept[:, n] = word >= threshold(p)
        some = slice(4 * groups.start, min(4 * groups.stop, x.size))
        factors = xp.zeros(some.stop - some.start, x.dtype)
        xp.copyto(factors, x.dtype.type(scale(p)), where=kept.reshape(-1)[: factors.size])
        results[some] = numbers[some] * factors
    return y
