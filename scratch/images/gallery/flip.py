"""Correlation lays the kernel over the picture as it is written, convolution turns it by 180 degrees first."""

from dataclasses import dataclass

import numpy as np

from scratch.array import Array
from scratch.images.filters import convolve2d, correlate2d
from scratch.images.gallery.picture import Shown
from scratch.images.kernels import EMBOSS, KERNELS, RECORDS, Kernel


@dataclass(frozen=True)
class Flip:
    """Both, with a kernel that does not look the same when turned.

    Attributes
    ----------
    kernel : EMBOSS
    correlated, convolved : (H, W) float64 arrays, the picture after it
    largest : the largest difference between them, in grey levels
    correlated_point, convolved_point : (3, 3) arrays, what becomes of one bright pixel of brightness 1
    same : the names of the kernels that look the same when turned, so that it makes no difference
    """

    kernel: Kernel
    correlated: Array
    convolved: Array
    largest: float
    correlated_point: Array
    convolved_point: Array
    same: list[str]


def both(shown: Shown) -> Flip:
    """Filter the picture and one bright pixel."""
    point = np.zeros((3, 3))
    point[1, 1] = 1
    correlated = correlate2d(shown.grey, EMBOSS, border="replicate")
    convolved = convolve2d(shown.grey, EMBOSS, border="replicate")
    return Flip(
        RECORDS["emboss"],
        correlated,
        convolved,
        float(np.abs(correlated - convolved).max()),
        correlate2d(point, EMBOSS),
        convolve2d(point, EMBOSS),
        [name for name, kernel in KERNELS.items() if np.array_equal(kernel, kernel[::-1, ::-1])],
    )
