"""Logical NCHW, physical NHWC: shapes as everybody writes them, memory as matrix products like it.

One image of 2 channels, 2 x 2 pixels, in memory:

    NCHW    a00 a01 a10 a11  b00 b01 b10 b11        a plane for each channel
    NHWC    a00 b00  a01 b01  a10 b10  a11 b11      a row of C numbers for each pixel

In NHWC a row of a window, kW pixels of C channels, is one run of kW * C numbers; and the pixels of a whole batch are
the rows of one matrix (N * H * W, C), so that a convolution is few and large matrix products, without any transposed
copy. The fast layers compute in NHWC memory and return *views* of it with the axes of NCHW: the next fast layer finds
its memory as it likes it, and nobody else notices. (torch calls this the memory format channels_last.)
"""

import numpy as np

from scratch.array import Array


def nhwc_view(x: Array) -> Array:
    """View (N, C, H, W) as (N, H, W, C), in whatever memory it lies; nothing is copied."""
    return x.transpose(0, 2, 3, 1)


def nchw_view(y: Array) -> Array:
    """View (N, H, W, C) as (N, C, H, W), the way back.

    >>> y = np.zeros((2, 5, 6, 3))
    >>> nchw_view(y).shape, nhwc(nchw_view(y)).base is y
    ((2, 3, 5, 6), True)
    """
    return y.transpose(0, 3, 1, 2)


def nhwc(x: Array) -> Array:
    """The NHWC array of (N, C, H, W), C-contiguous: x's own memory where it lies like that, else a copy.

    A copy of a whole batch is as large as the batch. What works in blocks should rather copy a block at a time, from
    `nhwc_view`, which also serves where a border has to be put around the images.
    """
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1))
