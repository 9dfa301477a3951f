"""Cross-correlation on the GPU through the Fourier transform: products of spectra instead of sums over the kernel.

Overlap-save, as in scratch/images/by_fft.py, which has the picture. A GPU needs large tiles to be filled, so an image
is one tile unless it is larger than TILE. As many images as fit into a block go through the transform together.

Lengths are even and products of 2 and 3: cuFFT is fast for them, few zeros are added, and the law of errors that is
derived for powers of two holds for them, too. A step of radix r multiplies by a matrix of r numbers in each row, and
errs by eta = u + gamma_{r+2} (sqrt r + u), u = eps / 2 (Higham, proof of theorem 24.2, where r = 2): at most 3.4 eps
for r = 2, and 4.9 eps for r = 3, which is less than 3.4 eps log2 3. (r = 5 would be more than its share.) That is the
bound of the textbook's algorithm; what cuFFT does inside is not published.

Source: Oppenheim and Schafer, "Discrete-Time Signal Processing", section 8.7.3 (overlap-save); Higham, "Accuracy and
Stability of Numerical Algorithms", 2002, chapter 24; cuFFT's documentation, "Accuracy and performance".
"""

import math

import numpy as np

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array, HostArray, namespace_of
from scratch.fast.blocks import blocks
from scratch.geometry import Pair, Window2d

TILE = 1024
"""Axes longer than this are cut into tiles, which limits the memory; a kernel wider than half of it has larger ones."""

ARRAYS = 5
"""So many arrays of a tile's size are there at once: the tile, its spectrum, CuPy's copies of both, the result."""


def correlate(padded: Array, kernel: HostArray, stride: Pair) -> Array:
    """Multiply spectra, tile by tile; with a stride, leave results out afterwards.

    Parameters, returns: as `scratch.images.loops.correlate`; the kernel is an array of the host. The numbers must be
    finite, see `serves`.
    """
    xp, (N, H, W), (kH, kW) = namespace_of(padded), padded.shape, kernel.shape
    outH, outW = Window2d.of((kH, kW)).output_size((H, W))
    tile = tile_of((H, W), (kH, kW))
    spectrum = xp.conj(xp.fft.rfft2(xp.asarray(kernel), s=tile))
    y: Array = xp.empty((N, outH, outW), padded.dtype)
    for images in blocks(N, ARRAYS * math.prod(tile) * padded.itemsize, BLOCK_BYTES):
        for top in range(0, outH, tile[0] - kH + 1):
            for left in range(0, outW, tile[1] - kW + 1):
                product = xp.fft.rfft2(padded[images, top : top + tile[0], left : left + tile[1]], s=tile)
                product *= spectrum
                here = y[images, top : top + tile[0] - kH + 1, left : left + tile[1] - kW + 1]
                here[:] = xp.fft.irfft2(product, s=tile)[:, : here.shape[1], : here.shape[2]]
    return y[:, :: stride[0], :: stride[1]]


def tile_of(size: Pair, kernel_size: Pair) -> Pair:
    """Choose the size of a tile: the whole padded image, or where that is longer than TILE an equal part of it.

    >>> tile_of((500, 700), (5, 5)), tile_of((500, 5000), (5, 5)), tile_of((5000, 5000), (5, 600))
    ((512, 768), (512, 1024), (1024, 1152))
    """

    def along(n: int, k: int) -> int:
        out = n - k + 1
        tiles = math.ceil(out / max(TILE - k + 1, k))
        return good_length(math.ceil(out / tiles) + k - 1)

    return along(size[0], kernel_size[0]), along(size[1], kernel_size[1])


def good_length(least: int) -> int:
    """Find the smallest even length from `least` on with no prime factors but 2 and 3.

    >>> [good_length(n) for n in (1, 5, 9, 19, 1000, 1025)]
    [2, 6, 12, 24, 1024, 1152]
    """
    length = max(2, least + least % 2)
    while not is_good(length):
        length += 2
    return length


def is_good(length: int) -> bool:
    """Tell whether there are no prime factors but 2 and 3.

    >>> is_good(96), is_good(100)
    (True, False)
    """
    power_of_six: int = 6 ** length.bit_length()
    return power_of_six % length == 0


def serves(padded: Array, kernel: HostArray) -> bool:
    """Whether the transforms of these numbers stay finite. The GPU is waited for: the answer is needed on the host.

    As `scratch.images.by_fft.serves`: the sum of a tile's absolute values, that of the kernel's, and their product are
    upper bounds for everything computed on the way, and NaN for NaN.
    """
    if padded.size == 0:
        return True
    cells = math.prod(tile_of((padded.shape[1], padded.shape[2]), (kernel.shape[0], kernel.shape[1])))
    largest = max(float(padded.max()), -float(padded.min()))
    weights, limit = float(np.abs(kernel.astype(np.float64)).sum()), float(np.finfo(padded.dtype).max)
    return weights < limit and largest * cells * max(weights, 1.0) < limit
