"""Cross-correlation through the Fourier transform: products of spectra instead of sums over the kernel.

Multiplying an image's spectrum by the conjugate of the kernel's is a *circular* correlation: beyond the right edge the
left one begins. So the image is cut into overlapping square tiles, and of each only the part is kept over which the
kernel does not wrap around (overlap-save):

    tile of T rows        |<------------- T ------------->|
    valid results         |<----- T - kH + 1 ----->|             the last kH - 1 have wrapped around
    next tile                                      |<------------- T ------------->|

The tiles are powers of two, where the transform is fastest and its error is known; the size is the one with the least
work. Small tiles also stay in a core's cache, and several threads work on them, each on a core of its own
(scratch/fast/threads.py), since NumPy's transforms let other threads run. A tile's errors are eps times the size of the
*whole tile*: a dark corner beside a bright one gets the bright one's rounding errors.

Source: Oppenheim and Schafer, "Discrete-Time Signal Processing", section 8.7.3 (overlap-save).
"""

import math
import os

import numpy as np

from scratch.array import Array
from scratch.fast import threads
from scratch.geometry import Pair, Window2d

SMALLEST_TILE = 128  # of smaller ones NumPy's calls take longer than their work
FLOPS = 200  # what a matrix product computes in the time that a cell of a tile takes here: see threads.parts
THREADS = min(4, os.cpu_count() or 1)  # at most so many, for each has its own tile in memory


def correlate(padded: Array, kernel: Array, stride: Pair) -> Array:
    """Multiply spectra, tile by tile; with a stride, leave results out afterwards.

    Parameters, returns: as `scratch.images.loops.correlate`. The numbers must be finite, see `serves`.
    """
    kH, kW = kernel.shape
    outH, outW = Window2d.of((kH, kW)).output_size((padded.shape[1], padded.shape[2]))
    tile = tile_size(outH, kH), tile_size(outW, kW)
    spectrum = np.conj(np.fft.fft(np.fft.rfft(kernel, tile[1]), tile[0], axis=0))
    y = np.empty((len(padded), outH, outW), padded.dtype)
    corners = [
        (n, top, left)
        for n in range(len(padded))
        for top in range(0, outH, tile[0] - kH + 1)
        for left in range(0, outW, tile[1] - kW + 1)
    ]

    def work(part: slice) -> None:
        product = np.empty_like(spectrum)
        back = np.empty(tile, padded.dtype)
        for n, top, left in (corner for first in range(part.start, part.stop) for corner in corners[first::THREADS]):
            cells = padded[n, top : top + tile[0], left : left + tile[1]]
            np.fft.rfft(cells, tile[1], out=product[: len(cells)])
            product[len(cells) :] = 0
            np.fft.fft(product, axis=0, out=product)
            np.multiply(product, spectrum, out=product)
            np.fft.ifft(product, axis=0, out=product)
            here = y[n, top : top + tile[0] - kH + 1, left : left + tile[1] - kW + 1]
            rows, columns = here.shape
            here[:] = np.fft.irfft(product[:rows], tile[1], out=back[:rows])[:, :columns]

    threads.run(work, threads.parts(THREADS, FLOPS * len(corners) * math.prod(tile)))
    return y[:, :: stride[0], :: stride[1]]


def tile_size(out: int, k: int) -> int:
    """Choose the power of two with the least work for `out` results of a kernel of k cells, along one axis.

    >>> tile_size(1024, 51), tile_size(100, 51), tile_size(1, 1)
    (256, 128, 2)
    """
    whole = max(out + k - 1, 2)
    smallest = max(k, min(whole, SMALLEST_TILE))
    sizes: list[int] = [2 << power for power in range((whole - 1).bit_length()) if 2 << power >= smallest]

    def work(size: int) -> float:
        tiles = -(-out // (size - k + 1))
        return tiles * size * math.log2(size)

    return min(sizes, key=work)


def serves(padded: Array, kernel: Array) -> bool:
    """Whether the transforms of these numbers stay finite.

    One NaN or infinity would spread over its whole tile, and so would a sum that overflows. The sum of a tile's
    absolute values, that of the kernel's, and their product are upper bounds for everything computed on the way.

    No number is larger than the root of the sum of squares, which BLAS adds up several times as fast as NumPy finds
    the largest. The largest itself is looked for only where that bound is too weak.
    """
    cells = np.prod([tile_size(n - k + 1, k) for n, k in zip(padded.shape[1:], kernel.shape, strict=True)])
    weights, limit = float(np.abs(kernel.astype(np.float64)).sum()), float(np.finfo(padded.dtype).max)
    if not weights < limit:
        return False
    factor = float(cells) * max(weights, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        squares = float(np.vdot(padded, padded))
    if factor * math.sqrt(squares) < limit:  # False for NaN
        return True
    return factor * max(float(padded.max(initial=0)), -float(padded.min(initial=0))) < limit
