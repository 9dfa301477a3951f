"""Batch normalisation on whole arrays, with temporary arrays of one block at a time.

The loops this replaces: scratch/naive/norm.py. On the GPU: gpu/norm.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.blocks import pieces


def batch_statistics(x: Array) -> tuple[Array, Array]:
    """Compute mean and biased variance of each channel, in two passes: the difference of two large sums would cancel.

    Parameters, returns: as `scratch.naive.norm.batch_statistics`.
    """
    N, C, H, W = x.shape
    if N == 0:
        return np.full(C, np.nan, x.dtype), np.full(C, np.nan, x.dtype)
    M = N * H * W
    mean = x.sum(axis=(0, 2, 3)) / M
    var = np.zeros(C, x.dtype)
    for images, rows in pieces(N, H, C * W * x.itemsize):
        var += ((x[images, :, rows] - per_channel(mean)) ** 2).sum(axis=(0, 2, 3))
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
    inverse = 1 / np.sqrt(var + eps)
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
    N, C, H, W = x.shape
    M = N * H * W
    dweight, dbias = np.zeros_like(mean), dy.sum(axis=(0, 2, 3))
    for images, rows in pieces(N, H, C * W * x.itemsize):
        z = (x[images, :, rows] - per_channel(mean)) * per_channel(inverse)
        dweight += (dy[images, :, rows] * z).sum(axis=(0, 2, 3))

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


def per_channel(values: Array) -> Array:
    """Shape (C,) numbers so that they broadcast over (N, C, H, W)."""
    return values.reshape(-1, 1, 1)
