"""Numbers per channel, in either memory: what is long enough to compute with, and how sums of channels are taken.

    NHWC    a block is some rows of pixels; numbers per channel are repeated for each pixel of a row
            a00 b00 c00  a01 b01 c01  a02 b02 c02            mean   a b c  a b c  a b c

    NCHW    a block is some planes, all pixels of a channel; a number per channel is one per plane
            a00 a01 a02 a10 a11 a12                          mean   a
            b00 b01 b02 b10 b11 b12                                 b

Either way, what is subtracted, multiplied and added are long runs, and sums are products with a matrix of ones. One
product would add up thousands of numbers in a row, so it takes two, of about sqrt(M) terms each, and its errors are
like those of pairwise sums. (By planes, BLAS has many partial sums for each anyway; of products, too: np.einsum has
few, and six times the error at 56x56.)

Spreading over a row of 112 pixels of 64 channels, rather than let NumPy repeat 64 numbers by itself, takes 0.7 of the
time (Xeon 2.3 GHz, one core); a sum as products 0.3 of that of np.sum over all but the last axis.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt
from typing import Any

import numpy as np

from scratch.array import Array
from scratch.fast import blocks, workspace
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.fast.taps import dense

LONG_ROW = 2048
"""A row of so many numbers is long enough; where whole images are shorter, the numbers are spread over an image."""

UNLOCKED = 500
"""matmul and vecdot give Python's lock away only where they compute more numbers than this: for the sums of products of
16x64x56x56, one thread took 1.0 ms, two with calls for 256 planes each 1.2, and two with calls for 512 planes 0.7."""

SHORT = 64
"""Parts of planes are not cut shorter than this."""


@dataclass(frozen=True)
class Channels:
    """Images of some size in one of the two memories.

    Attributes
    ----------
    planes : whether blocks are made of planes
    C, H, W, itemsize : of the images
    """

    planes: bool
    C: int
    H: int
    W: int
    itemsize: int

    @classmethod
    def of(cls, x: Array) -> "Channels":
        """By planes if (N, C, H, W) lies in NCHW memory, and a plane is not too large for a block."""
        C, H, W = x.shape[1:]
        planes = bool(x.flags.c_contiguous) and H * W * x.itemsize <= blocks.BLOCK_BYTES
        return cls(planes, C, H, W, x.itemsize)

    def like(self, x: Array) -> Array:
        """A new (N, C, H, W) array in that memory."""
        if self.planes:
            return np.empty(x.shape, x.dtype)
        return nchw_view(np.empty((len(x), self.H, self.W, self.C), x.dtype))

    def blocks(self, *arrays: Array) -> Iterator[tuple[slice, list[Array]]]:
        """The same blocks of some (N, C, H, W) arrays, as matrices that `spread` fits, and which channels they are of.

        What lies otherwise is copied; an array that is written to must be `like` it.
        """
        if self.planes:
            for images, channels in blocks.pieces(
                len(arrays[0]), self.C, self.H * self.W * self.itemsize, blocks.CACHE_BYTES
            ):
                parts = [dense(array[images, channels], f"channels {i}") for i, array in enumerate(arrays)]
                yield channels, [part.reshape(*part.shape[:2], -1) for part in parts]
        else:
            wide = self.pixels_in_a_row * self.C
            for images, rows in blocks.pieces(
                len(arrays[0]), self.H, self.W * self.C * self.itemsize, blocks.CACHE_BYTES
            ):
                parts = [dense(nhwc_view(array)[images, rows], f"channels {i}") for i, array in enumerate(arrays)]
                yield slice(None), [part.reshape(-1, wide) for part in parts]

    @property
    def pixels_in_a_row(self) -> int:
        """W; or all pixels of an image, where rows are short and no image is cut."""
        short = self.W * self.C < LONG_ROW and self.H * self.W * self.C * self.itemsize <= blocks.CACHE_BYTES
        return self.H * self.W if short else self.W

    def spread(self, values: Array) -> Array:
        """Lay out (C,) numbers so that `[channels]` of them fits a block."""
        return values[:, None] if self.planes else np.tile(values, self.pixels_in_a_row)

    def less(self, block: Array, mean: Array) -> Array:
        """The deviations from a mean of the block's channels, in reused memory."""
        deviation = workspace.empty("channels deviation", block.shape, block.dtype)
        if self.planes:
            return np.subtract(block, mean[:, None], out=deviation)
        means = workspace.empty("channels mean", (self.pixels_in_a_row, self.C), block.dtype)
        means[...] = mean
        return np.subtract(block, means.reshape(-1), out=deviation)

    def sums(self, block: Array) -> Array:
        """The sum of each of the block's channels, in float64."""
        if not self.planes:
            return sums_of_columns(block.reshape(-1, self.C))
        parts = in_parts(block)
        total: Array = (parts @ ones(parts.shape[-1], block.dtype)).sum(axis=(0, 2), dtype=np.float64)
        return total

    def dots(self, block: Array, other: Array) -> Array:
        """The sum of the products of two blocks for each of their channels, in float64."""
        if not self.planes:
            products = workspace.empty("channels products", block.shape, block.dtype)
            return self.sums(np.multiply(block, other, out=products))
        total: Array = np.vecdot(in_parts(block), in_parts(other)).sum(axis=(0, 2), dtype=np.float64)
        return total


def in_parts(planes: Array) -> Array:
    """View (n, c, pixels) as (n, c, k, pixels / k)."""
    n, c, pixels = planes.shape
    return planes.reshape(n, c, parts_of_a_plane(n * c, pixels), -1)


@lru_cache(maxsize=1024)
def parts_of_a_plane(planes: int, pixels: int) -> int:
    """The least k that divides the pixels, with which planes * k > UNLOCKED, and parts of SHORT or more; else 1.

    >>> parts_of_a_plane(334, 56 * 56), parts_of_a_plane(64, 112 * 112), parts_of_a_plane(64, 7 * 7)
    (2, 8, 1)
    """
    return next((k for k in range(1, pixels // SHORT + 1) if pixels % k == 0 and planes * k > UNLOCKED), 1)


def sums_of_columns(pixels: Array) -> Array:
    """Add up (M, C) numbers: the pixels in k groups of g, added group to group, then within the group; in float64.

    pixels 0 1 2 | 3 4 5 | 6 7 8 | 9:  ones(k) @ (k, g*C) gives 0+3+6, 1+4+7, 2+5+8, and ones(g) @ (g, C) their sum;
    the 9 is left over, and is added.
    """
    C = pixels.shape[1]
    g = isqrt(len(pixels))
    k = len(pixels) // g
    group = ones(k, pixels.dtype) @ pixels[: k * g].reshape(k, g * C)
    total: Array = (ones(g, pixels.dtype) @ group.reshape(g, C)).astype(np.float64)
    rest = pixels[k * g :]
    if len(rest):
        total += ones(len(rest), pixels.dtype) @ rest
    return total


@lru_cache(maxsize=64)
def ones(count: int, dtype: np.dtype[Any]) -> Array:
    """So many ones."""
    return np.ones(count, dtype)
