# ruff: noqa: ANN001, ANN201, D103  (as people write who learn)
"""Functions of one image and one kernel, as texts on image processing have them.

correlate, correlate2d and filter_image are right. So is by_fft, but for its digits and where there is a NaN. The others
are called alike and do something else.
"""

import numpy as np


def correlate(image, kernel):
    """Loops, and only where the kernel fits."""
    kH, kW = kernel.shape
    out = np.zeros((image.shape[0] - kH + 1, image.shape[1] - kW + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i : i + kH, j : j + kW] * kernel).sum()
    return out


def correlate2d(image, kernel, stride=1, padding=0):
    return correlate(np.pad(image, padding), kernel)[::stride, ::stride]


def filter_image(img, filt):
    """Zeros around it, so that the image keeps its size."""
    kH, kW = filt.shape
    return correlate(np.pad(img, ((kH // 2, kH // 2), (kW // 2, kW // 2))), filt)


def by_fft(image, kernel):
    """A product of spectra; the kernel's is conjugated, which turns it round."""
    spectrum = np.fft.rfft2(image) * np.conj(np.fft.rfft2(kernel, image.shape))
    whole = np.fft.irfft2(spectrum, image.shape)
    return whole[: image.shape[0] - kernel.shape[0] + 1, : image.shape[1] - kernel.shape[1] + 1]


def convolve(image, kernel):
    """A true convolution: the kernel is turned round."""
    return correlate(image, kernel[::-1, ::-1])


def clipped(image, kernel):
    return np.clip(correlate(image, kernel), 0, 255)


def edges_repeated(image, kernel):
    kH, kW = kernel.shape
    return correlate(np.pad(image, ((kH // 2, kH // 2), (kW // 2, kW // 2)), mode="edge"), kernel)


def transposed(image, kernel):
    return correlate(image, kernel.T)
