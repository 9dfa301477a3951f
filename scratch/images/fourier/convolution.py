"""Convolution in Fourier space: the transform of a convolution is the product of the transforms.

    y = kernel * image  (circular)    <=>    Y[k, l] = K[k, l] * X[k, l]

The kernel is placed in an image of zeros with its centre on cell (0, 0); what is above and left of the centre comes to
the end, since the transform sees everything as periodic. For kernels of 3 and of 2 rows in an image of 5:

    row of the image      0  1  2  3  4                 the centre is cell kH // 2: 1 for both
    row of the kernel     1  2  .  .  0
                          1  .  .  .  0

That is a roll by -(kH // 2). Without the brackets, -kH // 2 is -2 for 3 rows, because // rounds down: everything then
ends up one pixel too high and too far to the left.

Source: Oppenheim and Schafer, "Discrete-Time Signal Processing", 2010, section 8.7.
"""

import numpy as np
import numpy.typing as npt

from scratch.array import HostArray
from scratch.images.borders import Border, pad
from scratch.images.fourier.checks import check_shape, real_numbers


def circular_convolve(image: npt.ArrayLike, kernel: npt.ArrayLike) -> HostArray:
    """Convolve images that continue on the other side.

        y[i, j] = sum over u, v of  kernel[u, v] * image[(i + kH // 2 - u) mod H, (j + kW // 2 - v) mod W]

    So the kernel is flipped, and its cell (kH // 2, kW // 2) lies on the output cell: the middle where kH and kW are
    odd, and the first cell after the middle where they are even. An image of one 1 gives the kernel, with that cell
    where the 1 was.

    Parameters
    ----------
    image : (..., H, W) array of real numbers
    kernel : (kH, kW) array of real numbers, no larger than the image

    Returns
    -------
    y : (..., H, W) array, float32 for float16 and float32 images, else float64; the kernel is converted to that

    Raises
    ------
    TypeError
        if image or kernel does not hold real numbers
    ValueError
        if they have other shapes, are empty, or the kernel is larger than the image

    >>> circular_convolve([[0, 0, 1, 0]], [[1, 2, 3]]).round(9)
    array([[0., 1., 2., 3.]])
    >>> circular_convolve([[0, 0, 1, 0]], [[1, 2]]).round(9)
    array([[0., 1., 2., 0.]])
    """
    image, kernel = real_numbers(image, "image"), real_numbers(kernel, "kernel")
    check_shape(image, "image", "(..., H, W)")
    check_shape(kernel, "kernel", "(kH, kW)")
    (H, W), (kH, kW) = image.shape[-2:], kernel.shape
    if kH > H or kW > W:
        raise ValueError(f"kernel has shape {kernel.shape}, the image {image.shape}: the kernel must not be larger")
    placed = np.zeros((H, W), image.dtype)
    placed[:kH, :kW] = kernel
    placed = np.roll(placed, (-(kH // 2), -(kW // 2)), axis=(0, 1))
    return np.fft.irfft2(np.fft.rfft2(image) * np.fft.rfft2(placed), s=(H, W))


def convolve_fourier(image: npt.ArrayLike, kernel: npt.ArrayLike, border: Border) -> HostArray:
    """Convolve one image, continued as `border` says, by way of Fourier space; the result has the image's size.

        y[i, j] = sum over u, v of  kernel[u, v] * image[i + kH // 2 - u, j + kW // 2 - v]

    The image is padded first, so that what comes around from the other side only reaches cells that are cut off:

        kH = 4          the first output needs image rows 2 - 3 ... 2 - 0, so 1 above; the last needs 2 below
        padded image    [a  0 1 2 3 4  b c]
        y                   0 1 2 3 4

    Parameters
    ----------
    image : (H, W) or (H, W, C) array of real numbers; each channel is convolved by itself
    kernel : (kH, kW) array of real numbers
    border : what continues the image, see scratch/images/borders.py

    Returns
    -------
    y : array of the image's shape, float32 for float16 and float32 images, else float64

    Raises
    ------
    TypeError
        if image or kernel does not hold real numbers
    ValueError
        if they have other shapes, or are empty, or the border is none of these

    >>> convolve_fourier([[1, 2, 3]], [[1, 1, 1]], "zero").round(9), convolve_fourier(
    ...     [[1, 2, 3]], [[1, 1, 1]], "replicate").round(9)
    (array([[3., 6., 5.]]), array([[4., 6., 8.]]))
    """
    image, kernel = real_numbers(image, "image"), real_numbers(kernel, "kernel")
    check_shape(image, "image", "(H, W)", "(H, W, C)")
    check_shape(kernel, "kernel", "(kH, kW)")
    (H, W), (kH, kW) = image.shape[:2], kernel.shape
    above, left = kH - 1 - kH // 2, kW - 1 - kW // 2
    channels = np.moveaxis(image, 2, 0) if image.ndim == 3 else image  # (H, W) or (C, H, W)
    padded = pad(channels, ((above, kH // 2), (left, kW // 2)), border)
    y = circular_convolve(padded, kernel)[..., above : above + H, left : left + W]
    return np.moveaxis(y, 0, 2) if image.ndim == 3 else y
