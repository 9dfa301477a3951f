"""Cross-correlation row by row of the kernel: every kernel row slides over all image rows of a block at once.

The rows of a padded image stand one behind the other in memory, so a kernel row can slide over a whole block of them
in one call, as over one long line:

    padded, 3 x 5        a b c d e            one line      a b c d e f g h i j k l m n o
                         f g h i j            kernel row    [. . .]
                         k l m n o                            [. . .]
                                                                    [. . .]     wrong from here ...
                                                                        ...     to where the next row begins

What it gives across the end of a row is wrong and is left out. The results of the kernel rows, each of them from its
own image rows, are added. A block is small enough to stay in the core's cache while that is done.

numpy.correlate slides one line over another. It is fast for up to 11 taps; a wider kernel row is cut into such pieces.
In float32 it is slower than in float64, so there small kernels go tap by tap: one product and one sum of whole lines.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from scratch.array import Array
from scratch.geometry import Pair, Window2d

BLOCK_BYTES = 256 * 1024
FAST_TAPS = 11  # numpy's small_correlate in arraytypes.c.src has a loop of its own for each length up to this

# float32 kernels of up to so many cells go tap by tap. Milliseconds for k x k on 512 x 512, k = 3, 5, 7, on two cores
# of a 2.3 GHz Xeon (AVX-512), NumPy 2.4: tap by tap 0.51, 1.4, 2.9; row by row 1.0, 2.0, 3.4.
FAST_CELLS = 49


def correlate(padded: Array, kernel: Array, stride: Pair) -> Array:
    """Add up, over the rows of the kernel, the one-dimensional correlations.

    Parameters, returns: as `scratch.images.loops.correlate`.
    """
    padded = np.ascontiguousarray(padded)
    N, H, W = padded.shape
    kH, kW = kernel.shape
    sH, sW = stride
    outH, outW = Window2d.of((kH, kW), stride).output_size((H, W))
    y = np.empty((N, outH, outW), padded.dtype)
    height = max(1, BLOCK_BYTES // (W * padded.itemsize))
    slide = tap_by_tap if padded.dtype == np.float32 and kernel.size <= FAST_CELLS else row_by_row

    for n in range(N):
        for top in range(0, outH, height):
            rows = min(height, outH - top)
            lines = [padded[n, first : first + (rows - 1) * sH + 1 : sH] for first in range(top * sH, top * sH + kH)]
            total = slide([line.reshape(-1) for line in lines], kernel)
            step = total.itemsize
            y[n, top : top + rows] = as_strided(total, (rows, outW), (W * step, sW * step), writeable=False)
    return y


def row_by_row(lines: list[Array], kernel: Array) -> Array:
    """Slide each kernel row over its line, as often as it fits, and add up what they give.

    >>> row_by_row([np.arange(4.0), np.ones(4)], np.array([[1.0, 10.0], [5.0, 0.0]]))
    array([15., 26., 37.])
    """
    kW = kernel.shape[1]
    pieces = [slice(v, min(v + FAST_TAPS, kW)) for v in range(0, kW, FAST_TAPS)]
    total = None
    for line, row in zip(lines, kernel, strict=True):
        for taps in pieces:
            part = np.correlate(line[taps.start : len(line) - kW + taps.stop], row[taps])
            total = part if total is None else np.add(total, part, out=total)
    assert total is not None
    return total


def tap_by_tap(lines: list[Array], kernel: Array) -> Array:
    """Multiply, for each cell of the kernel, the numbers it lies on in all positions, and add up.

    Parameters, returns: as `row_by_row`.

    >>> tap_by_tap([np.arange(4.0), np.ones(4)], np.array([[1.0, 10.0], [5.0, 0.0]]))
    array([15., 26., 37.])
    """
    fits = len(lines[0]) - kernel.shape[1] + 1
    total = np.zeros(fits, kernel.dtype)
    product = np.empty_like(total)
    for (u, v), weight in np.ndenumerate(kernel):
        total += np.multiply(lines[u][v : v + fits], weight, out=product)
    return total
