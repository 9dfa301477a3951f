"""Batch normalisation in NHWC memory, in blocks that stay in the cache.

A block of pixels is a matrix of C columns, and each number per channel is spread over a row of pixels beforehand, so
that what is subtracted, multiplied and added are long runs:

    block   a00 b00 c00  a01 b01 c01  a02 b02 c02        W pixels of C = 3 channels
            a10 b10 c10  a11 b11 c11  a12 b12 c12
    mean     a   b   c    a   b   c    a   b   c         the same W times

Sums over pixels are matrix products, ones @ block, in two steps of about sqrt(M) terms each: so their errors grow like
those of pairwise sums, where one product would add up thousands of numbers in a row.

Mean and variance take one pass over the memory, and two over each block while it is in the cache: the block's mean,
then the squares of what differs from it; and the sum of what differs, 0 but for rounding, corrects the mean. Blocks are
joined by Chan's formula, in float64:

    mean = sum of M_b mean_b / M            M var = sum of  M_b var_b + M_b (mean_b - mean)**2

The readable form: scratch/fast/norm.py; the loops: scratch/naive/norm.py.

Source: Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983.
"""

from collections.abc import Iterator
from functools import lru_cache
from math import isqrt
from typing import Any

import numpy as np

from scratch.array import Array
from scratch.backend import Saved
from scratch.fast import blocks, threads, workspace
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.fast.taps import dense

FLOPS = 20
"""What a matrix product computes in the time that one number takes here, in each pass: see threads.parts."""

LONG_ROW = 2048
"""A row of so many numbers is long enough; where whole images are shorter, the numbers are spread over an image."""


def batch_statistics(x: Array) -> tuple[Array, Array]:
    """Compute mean and biased variance of each channel.

    Parameters, returns: as `scratch.naive.norm.batch_statistics`.
    """
    N, C, H, W = x.shape
    if N == 0:
        return np.full(C, np.nan, x.dtype), np.full(C, np.nan, x.dtype)
    images = nhwc_view(x)

    def work(part: slice) -> list[tuple[int, Array, Array]]:
        found = []
        for (block,) in matching_blocks(images[part]):
            M = block.size // C
            mean = (sums(block, C) / M).astype(x.dtype)
            deviation = less(block, mean)
            correction = sums(deviation, C) / M
            np.multiply(deviation, deviation, out=deviation)
            squares = sums(deviation, C) - M * correction**2
            found.append((M, np.where(np.isfinite(mean), mean + correction, mean), squares))
        return found

    each = [block for blocks in threads.run(work, threads.parts(N, FLOPS * x.size)) for block in blocks]
    counts, means, squares = (np.array(values) for values in zip(*each, strict=True))
    mean = counts @ means / (N * H * W)
    var = (squares.sum(axis=0) + counts @ (means - mean) ** 2) / (N * H * W)
    return mean.astype(x.dtype), var.astype(x.dtype)


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
    images = nhwc_view(x)
    inverse = 1 / np.sqrt(var + eps)
    y = np.empty(images.shape, x.dtype)
    means, factors = spread(mean, images), spread(times(inverse, weight), images)
    biases = None if bias is None else spread(bias, images)

    def work(part: slice) -> None:
        for block, its_y in matching_blocks(images[part], y[part]):
            np.subtract(block, means, out=its_y)
            np.multiply(its_y, factors, out=its_y)
            if biases is not None:
                np.add(its_y, biases, out=its_y)

    threads.run(work, threads.parts(len(x), FLOPS * x.size))
    return nchw_view(y), (x, mean, inverse, weight, training)


def batch_norm2d_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array | None, Array | None]:
    """Compute dx = weight * inverse * (dy - dbias / M - z * dweight / M), z = (x - mean) * inverse.

    Parameters, returns: as `scratch.naive.norm.batch_norm2d_backward`.
    """
    x, mean, inverse, weight, training = saved
    images, gradients = nhwc_view(x), nhwc_view(dy)
    C, M = len(mean), x.size // len(mean)

    def add_up(part: slice) -> tuple[Array, Array]:
        dweight, dbias = np.zeros(C), np.zeros(C)
        for block, its_dy in matching_blocks(images[part], gradients[part]):
            dbias += sums(its_dy, C)
            deviation = less(block, mean)
            dweight += sums(np.multiply(deviation, its_dy, out=deviation), C) * inverse
        return dweight, dbias

    each = threads.run(add_up, threads.parts(len(x), FLOPS * x.size))
    dweight, dbias = (np.sum(values, axis=0).astype(x.dtype) for values in zip(*each, strict=True))
    dx = None
    if needs_dx:
        through = (mean, inverse * dweight / -M, dbias / M) if training and M else None
        dx = input_gradient(images, gradients, times(inverse, weight), through)
    return (dx, None, None) if weight is None else (dx, dweight, dbias)


def input_gradient(images: Array, gradients: Array, factor: Array, through: tuple[Array, Array, Array] | None) -> Array:
    """Compute dx = dy * factor, or what it is where x also acts through its own mean and variance.

    through = (mean, slope, shift):        dx = ((x - mean) * slope + dy - shift) * factor
    """
    dx = np.empty(images.shape, images.dtype)
    factors = spread(factor, images)
    means, slopes, shifts = (factors,) * 3 if through is None else (spread(values, images) for values in through)

    def work(part: slice) -> None:
        for block, its_dy, its_dx in matching_blocks(images[part], gradients[part], dx[part]):
            if through is None:
                np.multiply(its_dy, factors, out=its_dx)
                continue
            np.subtract(block, means, out=its_dx)
            np.multiply(its_dx, slopes, out=its_dx)
            np.add(its_dx, its_dy, out=its_dx)
            np.subtract(its_dx, shifts, out=its_dx)
            np.multiply(its_dx, factors, out=its_dx)

    threads.run(work, threads.parts(len(images), FLOPS * images.size))
    return nchw_view(dx)


def times(inverse: Array, weight: Array | None) -> Array:
    """What the deviations are multiplied by."""
    return inverse if weight is None else inverse * weight


def matching_blocks(*arrays: Array) -> Iterator[list[Array]]:
    """The same blocks of some (N, H, W, C) arrays, as matrices whose rows are as long as what `spread` gives.

    A block that lies otherwise is copied; an array that is written to must be C-contiguous.
    """
    N, H, W, C = arrays[0].shape
    wide = pixels_in_a_row(arrays[0]) * C
    for index in blocks.pieces(N, H, W * C * arrays[0].itemsize, blocks.CACHE_BYTES):
        yield [dense(array[index], f"norm {i}").reshape(-1, wide) for i, array in enumerate(arrays)]


def pixels_in_a_row(images: Array) -> int:
    """W; or all pixels of an image, where rows are short and no image is cut."""
    H, W, C = images.shape[1:]
    if W * C < LONG_ROW and H * W * C * images.itemsize <= blocks.CACHE_BYTES:
        return int(H * W)
    return int(W)


def spread(values: Array, images: Array) -> Array:
    """Repeat (C,) numbers for each pixel in a row of a block."""
    return np.tile(values, pixels_in_a_row(images))


def less(block: Array, mean: Array) -> Array:
    """The deviations from a mean, in reused memory."""
    means = workspace.empty("norm mean", (block.shape[1] // len(mean), len(mean)), block.dtype)
    means[...] = mean
    deviation = workspace.empty("norm deviation", block.shape, block.dtype)
    return np.subtract(block, means.reshape(-1), out=deviation)


def sums(block: Array, C: int) -> Array:
    """The sum of each channel, in float64: the pixels in k groups of g, added group to group, then within the group.

    pixels 0 1 2 | 3 4 5 | 6 7 8 | 9:  ones(k) @ (k, g*C) gives 0+3+6, 1+4+7, 2+5+8, and ones(g) @ (g, C) their sum;
    the 9 is left over, and is added.
    """
    pixels = block.reshape(-1, C)
    g = isqrt(len(pixels))
    k = len(pixels) // g
    group = ones(k, block.dtype) @ pixels[: k * g].reshape(k, g * C)
    total: Array = (ones(g, block.dtype) @ group.reshape(g, C)).astype(np.float64)
    rest = pixels[k * g :]
    if len(rest):
        total += ones(len(rest), block.dtype) @ rest
    return total


@lru_cache(maxsize=64)
def ones(count: int, dtype: np.dtype[Any]) -> Array:
    """So many ones."""
    return np.ones(count, dtype)
