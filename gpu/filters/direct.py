"""Cross-correlation on the GPU, tap by tap: for each cell of the kernel, one product and one sum of whole images.

    padded   a b c d e          kernel  k l       result   k*a + l*b   k*b + l*c   k*c + l*d   k*d + l*e
                                                  tap k    a           b           c           d
                                                  tap l    b           c           d           e     shifted by one

The kernel stays on the host: each of its numbers goes to the GPU as an argument of the product.

The loops this replaces: scratch/images/loops.py. The same in NumPy: scratch/images/direct.py.
"""

from collections.abc import Iterator

import numpy as np

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array, HostArray, namespace_of
from scratch.fast.blocks import blocks
from scratch.geometry import Pair, Window2d


def correlate(padded: Array, kernel: HostArray, stride: Pair) -> Array:
    """Multiply the pixels that a cell of the kernel meets by it, and add that up over the cells.

    Parameters, returns: as `scratch.images.loops.correlate`; the kernel is an array of the host.
    """
    window = Window2d.of((kernel.shape[0], kernel.shape[1]), stride)
    outH, outW = window.output_size((padded.shape[1], padded.shape[2]))
    y: Array = namespace_of(padded).zeros((len(padded), outH, outW), padded.dtype)
    for images, rows in pieces(len(padded), outH, outW * padded.itemsize):
        below, total = padded[images, rows.start * stride[0] :], y[images, rows]
        for u, v in np.ndindex(window.kernel_size):
            total += below[:, *window.tap(u, v, (rows.stop - rows.start, outW))] * kernel[u, v]
    return y


def pieces(N: int, H: int, row_bytes: int) -> Iterator[tuple[slice, slice]]:
    """Cut N images of H rows into runs of images and rows that take at most BLOCK_BYTES."""
    for images in blocks(N, H * row_bytes, BLOCK_BYTES):
        for rows in blocks(H, (images.stop - images.start) * row_bytes, BLOCK_BYTES):
            yield images, rows
