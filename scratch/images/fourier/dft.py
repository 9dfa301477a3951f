"""The discrete Fourier transform of an image by its definition, one frequency at a time.

Slow on purpose: this is the specification of the faster forms, in scratch/images/fourier/fft.py and in numpy.fft.

An image of size (H, W) is a sum of H*W waves. The wave of frequency (k, l) goes through k periods from the top to the
bottom and through l from left to right; X[k, l] is how much of it the image holds, its size and its phase:

    X for H = 4, W = 6          frequency (k, l) of each cell            with the zero frequency in the middle

        l   0  1  2  3  4  5        0,0   0,1   0,2   0,-3  0,-2  0,-1       -2,-3 -2,-2 -2,-1 -2,0  -2,1  -2,2
      k 0   .  .  .  .  .  .        1,0   1,1   1,2   1,-3  1,-2  1,-1       -1,-3 -1,-2 -1,-1 -1,0  -1,1  -1,2
        1   .  .  .  .  .  .       -2,0  -2,1  -2,2  -2,-3 -2,-2 -2,-1        0,-3  0,-2  0,-1 [0,0]  0,1   0,2
        2   .  .  .  .  .  .       -1,0  -1,1  -1,2  -1,-3 -1,-2 -1,-1        1,-3  1,-2  1,-1  1,0   1,1   1,2
        3   .  .  .  .  .  .

The second half of the rows and columns are the negative frequencies: on whole cells, 5 periods in 6 columns look like
one period the other way. Moved to the middle (numpy.fft.fftshift), slow waves are near the centre and fast ones at the
rim. Where H or W is even, its fastest wave, H/2 or W/2, stands there once, counted as negative.

Source: Oppenheim and Schafer, "Discrete-Time Signal Processing", 2010, chapter 8; the conventions (no factor forward,
1 / (H W) backward) are those of numpy.fft and torch.fft.
"""

from typing import cast

import numpy as np
import numpy.typing as npt

from scratch.array import HostArray
from scratch.images.fourier.checks import check_shape, complex_dtype, numbers


def dft2d(x: npt.ArrayLike) -> HostArray:
    """Measure every wave in an image.

        X[k, l] = sum over h, w of  x[h, w] * exp(-2 pi i (k h / H + l w / W))

    Parameters
    ----------
    x : (H, W) array, real or complex

    Returns
    -------
    X : (H, W) array, complex64 for float16, float32 and complex64, else complex128 (in which all sums are made)

    Raises
    ------
    TypeError
        if x does not hold numbers
    ValueError
        if x is not (H, W), or empty

    >>> dft2d([[1.0, 2.0], [3.0, 5.0]]).real.round(9)
    array([[11., -3.],
           [-5.,  1.]])
    """
    x = numbers(x, "x")
    check_shape(x, "x", "(H, W)")
    X = np.empty(x.shape, complex_dtype(x))
    for k, l in np.ndindex(x.shape):
        X[k, l] = np.sum(x * wave(-k, -l, x.shape))
    return X


def inverse_dft2d(X: npt.ArrayLike) -> HostArray:
    """Add up the waves: the image again, with complex numbers (its imaginary part is 0 up to rounding, if x was real).

        x[h, w] = 1 / (H W) * sum over k, l of  X[k, l] * exp(+2 pi i (k h / H + l w / W))

    Parameters, returns, raises: as `dft2d`.

    >>> inverse_dft2d(dft2d([[1.0, 2.0], [3.0, 5.0]])).real.round(9)
    array([[1., 2.],
           [3., 5.]])
    """
    X = numbers(X, "X")
    check_shape(X, "X", "(H, W)")
    x = np.empty(X.shape, complex_dtype(X))
    for h, w in np.ndindex(X.shape):
        x[h, w] = np.sum(X * wave(h, w, X.shape)) / X.size
    return x


def wave(k: int, l: int, size: tuple[int, ...]) -> HostArray:
    """The wave of frequency (k, l), in complex128:  exp(2 pi i (k h / H + l w / W)) for every cell (h, w).

    >>> wave(0, 1, (1, 4)).round(9)
    array([[ 1.+0.j,  0.+1.j, -1.+0.j, -0.-1.j]])
    """
    H, W = size
    h, w = np.arange(H)[:, None], np.arange(W)
    turns = k * h % H / H + l * w % W / W  # whole turns are left out as integers, so that the angle keeps its digits
    return cast("HostArray", np.exp(2j * np.pi * turns))
