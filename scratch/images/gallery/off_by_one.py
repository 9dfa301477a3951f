"""The mistake of a tutorial this project grew out of: a kernel rolled by -kH // 2, so that all moves by one pixel."""

from dataclasses import dataclass

import numpy as np

from scratch.array import Array
from scratch.images.filters import convolve2d
from scratch.images.gallery.picture import Shown
from scratch.images.kernels import KERNELS, LAPLACIAN


@dataclass(frozen=True)
class OffByOne:
    """What comes of it.

    Attributes
    ----------
    detail : (h, w) uint8 array, where the picture is busy
    right, tutorial : (h, w) float64 arrays, this detail after the Laplacian
    largest : kernel's name: the largest error anywhere in the picture, in grey levels
    moved_back : the same after moving the tutorial's result by one pixel down and to the right
    placed, tutorial_placed : for a kernel of 3 rows in a picture of 7, which row of it lies on each; -1 for none
    """

    detail: Array
    right: Array
    tutorial: Array
    largest: dict[str, float]
    moved_back: dict[str, float]
    placed: list[int]
    tutorial_placed: list[int]


def measured(shown: Shown) -> OffByOne:
    """Convolve the picture, which continues on the other side, in the tutorial's way and by sums."""
    largest, moved_back = {}, {}
    for name, kernel in KERNELS.items():
        right, wrong = convolve2d(shown.grey, kernel, border="circular"), tutorial_convolve(shown.grey, kernel)
        largest[name] = float(np.abs(wrong - right).max())
        moved_back[name] = float(np.abs(np.roll(wrong, (1, 1), axis=(0, 1)) - right).max())
    where = shown.detail(18, 24)
    rows = np.array([0, 1, 2, -1, -1, -1, -1])
    return OffByOne(
        shown.grey[where],
        convolve2d(shown.grey, LAPLACIAN, border="circular")[where],
        tutorial_convolve(shown.grey, LAPLACIAN)[where],
        largest,
        moved_back,
        np.roll(rows, -(3 // 2)).tolist(),
        np.roll(rows, -3 // 2).tolist(),
    )


def tutorial_convolve(image: Array, kernel: Array) -> Array:
    """Multiply the transforms, the kernel's centre one cell off: `-3 // 2` is -2.

    >>> tutorial_convolve(np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]), KERNELS["identity"]).round(9) + 0
    array([[1., 0., 0.],
           [0., 0., 0.],
           [0., 0., 0.]])
    """
    kh, kw = kernel.shape
    placed = np.zeros(image.shape)
    placed[:kh, :kw] = kernel
    placed = np.roll(placed, (-kh // 2, -kw // 2), axis=(0, 1))
    moved: Array = np.fft.ifft2(np.fft.fft2(image) * np.fft.fft2(placed)).real
    return moved
