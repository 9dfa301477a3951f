"""The spectrum of an image, and filters that keep a part of it. The fast form: numpy.fft, for any H and W.

Slow waves, near the middle of the spectrum, are the smooth parts of an image; fast ones, at the rim, are its edges.

All functions take one image, (H, W) or (H, W, C), of which each channel is transformed by itself. float16 and float32
images give float32, all others float64. The definition of the transform, and which frequency stands where:
scratch/images/fourier/dft.py.

Source: Gonzalez and Woods, "Digital Image Processing", 2018, chapter 4.
"""

from typing import cast

import numpy as np
import numpy.typing as npt

from scratch.array import HostArray
from scratch.images.fourier.checks import check_shape, real_numbers

AXES = (0, 1)


def spectrum(image: npt.ArrayLike) -> HostArray:
    """How much there is of each frequency, on a scale that can be shown, the zero frequency in the middle.

        log(1 + |X[k, l]|)     at row k + H // 2, column l + W // 2,  for  -H/2 <= k < H/2,  -W/2 <= l < W/2

    The logarithm is natural. Without it the mean of the image, X[0, 0] / (H W), would outshine all else.

    Parameters
    ----------
    image : (H, W) or (H, W, C) array of real numbers

    Returns
    -------
    array of the image's shape, float32 or float64

    Raises
    ------
    TypeError
        if the image does not hold real numbers
    ValueError
        if it is neither (H, W) nor (H, W, C), or empty

    >>> spectrum(np.ones((2, 3))).round(3)
    array([[0.   , 0.   , 0.   ],
           [0.   , 1.946, 0.   ]])
    """
    return np.log1p(np.abs(centred_transform(image)))


def phase(image: npt.ArrayLike) -> HostArray:
    """Where the crests of each wave are: the angle of X[k, l] in radians, -pi ... pi, laid out as `spectrum`.

    Parameters, returns, raises: as `spectrum`.

    >>> phase([[0.0, 1.0, 0.0, 0.0]]) / np.pi  # one cell to the right is a turn of -l / 4
    array([[ 1. ,  0.5,  0. , -0.5]])
    """
    return np.angle(centred_transform(image))


def from_spectrum(spectrum: npt.ArrayLike, phase: npt.ArrayLike) -> HostArray:
    """Make the image whose `spectrum` and `phase` these are: the two together are all of it.

        X[k, l] = (exp(spectrum) - 1) * exp(i phase),    image = inverse transform of X

    Parameters
    ----------
    spectrum, phase : (H, W) or (H, W, C) arrays of the same shape

    Returns
    -------
    array of that shape, float32 or float64

    Raises
    ------
    TypeError
        if they do not hold real numbers
    ValueError
        if their shapes differ, or are neither (H, W) nor (H, W, C), or are empty

    >>> image = np.array([[1.0, 2.0], [3.0, 5.0]])
    >>> from_spectrum(spectrum(image), phase(image)).round(9)
    array([[1., 2.],
           [3., 5.]])
    """
    spectrum, phase = real_numbers(spectrum, "spectrum"), real_numbers(phase, "phase")
    check_shape(spectrum, "spectrum", "(H, W)", "(H, W, C)")
    if spectrum.shape != phase.shape:
        raise ValueError(f"spectrum has shape {spectrum.shape}, phase {phase.shape}: they must be the same")
    return image_of(np.expm1(spectrum) * np.exp(1j * phase))


def low_pass(image: npt.ArrayLike, radius: float) -> HostArray:
    """Keep the slow waves: the image becomes smooth, with ripples beside its edges, since the mask ends abruptly.

        X[k, l] is kept where  k^2 + l^2 <= radius^2,  else 0

    Parameters
    ----------
    image : (H, W) or (H, W, C) array of real numbers
    radius :
        in cells of the spectrum, which are periods in the whole image: radius 0 keeps the mean, and a radius of
        hypot(H / 2, W / 2) everything

    Returns
    -------
    array of the image's shape, float32 or float64

    Raises
    ------
    TypeError
        if the image does not hold real numbers
    ValueError
        if it is neither (H, W) nor (H, W, C), or empty; if the radius is negative or NaN

    >>> low_pass([[1.0, 2.0], [3.0, 6.0]], radius=0)
    array([[3., 3.],
           [3., 3.]])
    """
    return filtered(image, radius, keep_low=True)


def high_pass(image: npt.ArrayLike, radius: float) -> HostArray:
    """Keep the fast waves: edges remain, around 0. It is what `low_pass` of the same radius takes away.

        X[k, l] is kept where  k^2 + l^2 > radius^2,  else 0

    Parameters, returns, raises: as `low_pass`.

    >>> high_pass([[1.0, 2.0], [3.0, 6.0]], radius=0)
    array([[-2., -1.],
           [ 0.,  3.]])
    """
    return filtered(image, radius, keep_low=False)


def low_frequencies(size: tuple[int, int], radius: float) -> HostArray:
    """The mask of `low_pass`: which frequencies are kept, laid out as in `spectrum`.

    (k, l) and (-k, -l) are both kept or neither is, so that what is left of a real image is real.

    >>> low_frequencies((3, 4), radius=1).astype(int)
    array([[0, 0, 1, 0],
           [0, 1, 1, 1],
           [0, 0, 1, 0]])
    """
    H, W = size
    k, l = np.arange(H)[:, None] - H // 2, np.arange(W) - W // 2
    return cast("HostArray", k**2 + l**2 <= radius**2)


def filtered(image: npt.ArrayLike, radius: float, keep_low: bool) -> HostArray:
    """Either side of the mask."""
    X = centred_transform(image)
    if not radius >= 0:
        raise ValueError(f"radius={radius}: it must be 0 or more")
    kept = low_frequencies((X.shape[0], X.shape[1]), radius) == keep_low
    return image_of(X * kept.reshape(kept.shape + (1,) * (X.ndim - 2)))


def centred_transform(image: npt.ArrayLike) -> HostArray:
    """The transform of an image, after all checks, with the zero frequency in the middle."""
    image = real_numbers(image, "image")
    check_shape(image, "image", "(H, W)", "(H, W, C)")
    return np.fft.fftshift(np.fft.fft2(image, axes=AXES), axes=AXES)


def image_of(X: HostArray) -> HostArray:
    """The real image whose `centred_transform` this is."""
    return np.fft.ifft2(np.fft.ifftshift(X, axes=AXES), axes=AXES).real
