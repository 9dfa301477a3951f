"""Batch normalisation on whole arrays of the GPU; what is as large as x, beside the result, is made in blocks.

The loops this replaces: scratch/naive/norm.py. The same in NumPy: scratch/fast/norm.py.
"""

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast.blocks import blocks
from scratch.fast.norm import per_channel


def batch_statistics(x: Array) -> tuple[Array, Array]:
    """Compute mean and biased variance of each channel, in two passes: the difference of two large sums would cancel.

    Parameters, returns: as `scratch.naive.norm.batch_statistics`.
    """
    xp = namespace_of(x)
    N, C, H, W = x.shape
    if N == 0:
        return xp.full(C, xp.nan, x.dtype), xp.full(C, xp.nan, x.dtype)
    M = N * H * W
    mean = x.sum(axis=(0, 2, 3)) / M
    var = xp.zeros(C, x.dtype)
    for images in blocks(N, 2 * x[:1].nbytes, BLOCK_BYTES):
        var += ((x[images] - per_channel(mean)) ** 2).sum(axis=(0, 2, 3))
    return mean, var / M


def batch_norm2d(
    x: Array,
    mean: Array,
    var: Array,
    weight: Array | None,
    bias: Array | None,
    eps: float,
    training: bool,
) -> tuple[Array, Saved]:
    """Compute y = (x - mean) * (weight / sqrt(var + eps)) + bias.

    Parameters, returns: as `scratch.naive.norm.batch_norm2d`.
    """
    inverse = 1 / namespace_of(x).sqrt(var + eps)
    y = x - per_channel(mean)
    y *= per_channel(inverse if weight is None else inverse * weight)
    if bias is not None:
        y += per_channel(bias)
    return y, (x, mean, inverse, weight, training)


def batch_norm2d_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array | None, Array | None]:
    """Compute dx = weight * inverse * (dy - dbias / M - z * dweight / M), z = (x - mean) * inverse.

    Parameters, returns: as `scratch.naive.norm.batch_norm2d_backward`.
    """
    x, mean, inverse, weight, training = saved
    M = x.size // len(mean)
    dweight, dbias = namespace_of(x).zeros_like(mean), dy.sum(axis=(0, 2, 3))
    for images in blocks(len(x), 2 * x[:1].nbytes, BLOCK_BYTES):
        z = (x[images] - per_channel(mean)) * per_channel(inverse)
        dweight += (dy[images] * z).sum(axis=(0, 2, 3))

    dx = None
    if needs_dx:
        factor = per_channel(inverse if weight is None else inverse * weight)
        if training and M:
            dx = x - per_channel(mean)
            dx *= per_channel(inverse * dweight / -M)
            dx += dy
            dx -= per_channel(dbias / M)
            dx *= factor
        else:
            dx = dy * factor
    return (dx, None, None) if weight is None else (dx, dweight, dbias)
