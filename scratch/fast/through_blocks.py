"""A function of whole images, applied block by block: of images, or, where one is too large, of channels of one."""

from collections.abc import Callable

import numpy as np

from scratch.array import Array
from scratch.fast import blocks, threads
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.geometry import Pair

FLOPS = 20
"""What a matrix product computes in the time that one number takes here: see threads.parts."""


def through_blocks(function: Callable[[Array], Array], x: Array, size: Pair) -> Array:
    """Apply a function that maps (n, H, W, c) to (n, *size, c).

    Parameters
    ----------
    function : treats images and channels one by one
    x : (N, C, H, W), in any memory
    size : of the result's images

    Returns
    -------
    y : (N, C, *size), in NHWC memory
    """
    N, C, H, W = x.shape
    y = np.empty((N, *size, C), x.dtype)
    images = nhwc_view(x)
    plane_bytes = max(H * W, size[0] * size[1]) * x.itemsize

    def work(part: slice) -> None:
        mine, my_y = images[part], y[part]
        for some in blocks.blocks(len(mine), plane_bytes * C, blocks.CACHE_BYTES):
            for channels in blocks.blocks(C, plane_bytes * (some.stop - some.start), blocks.CACHE_BYTES):
                my_y[some, :, :, channels] = function(mine[some, :, :, channels])

    threads.run(work, threads.parts(N, FLOPS * max(x.size, y.size)))
    return nchw_view(y)
