"""Cross-correlation by its definition, one output pixel at a time: the specification of the faster methods."""

import numpy as np

from scratch.array import Array
from scratch.geometry import Pair, Window2d


def correlate(padded: Array, kernel: Array, stride: Pair) -> Array:
    """Lay the kernel over every position where it fits, multiply what lies on top of each other, add up.

        y[n, i, j] = sum over u, v of  padded[n, i*sH + u, j*sW + v] * kernel[u, v]

    Parameters
    ----------
    padded : (N, H, W) floating array, its border already there
    kernel : (kH, kW) array of the same dtype, not larger than the image
    stride : (vertical, horizontal)

    Returns
    -------
    (N, outH, outW) array of the same dtype, outH = (H - kH) // sH + 1, outW alike

    Examples
    --------
    >>> correlate(np.arange(9.0).reshape(1, 3, 3), np.array([[1.0, 2.0]]), (2, 1))
    array([[[ 2.,  5.],
            [20., 23.]]])
    """
    window = Window2d.of((kernel.shape[0], kernel.shape[1]), stride)
    y = np.empty((len(padded), *window.output_size((padded.shape[1], padded.shape[2]))), padded.dtype)
    for n, i, j in np.ndindex(y.shape):
        y[n, i, j] = np.sum(padded[n, *window.at(i, j)] * kernel)
    return y
