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
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from scratch.array import Array
from scratch.geometry import Pair, Window2d

BLOCK_BYTES = 256 * 1024
FAST_TAPS = 11  # numpy's small_correlate in arraytypes.c.src has a loop of its own for each length up to this


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
    pieces = [slice(v, min(v + FAST_TAPS, kW)) for v in range(0, kW, FAST_TAPS)]

    for n in range(N):
        for top in range(0, outH, height):
            rows = min(height, outH - top)
            total = None  # rows * W - kW + 1 numbers: as often as the kernel fits into the line
            for u in range(kH):
                first = top * sH + u
                line = padded[n, first : first + (rows - 1) * sH + 1 : sH].reshape(-1)
                for taps in pieces:
                    part = np.correlate(line[taps.start : len(line) - kW + taps.stop], kernel[u, taps])
                    total = part if total is None else np.add(total, part, out=total)
            assert total is not None
            step = total.itemsize
            y[n, top : top + rows] = as_strided(total, (rows, outW), (W * step, sW * step), writeable=False)
    return y
