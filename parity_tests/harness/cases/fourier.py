"""The Fourier transform, its inverse, and convolution by it: lengths that are powers of two, and all others."""

from parity_tests.harness.case import Spec
from parity_tests.harness.fourier_case import FourierCase

FFT2, IFFT2 = Spec.of("fft2"), Spec.of("ifft2")
F = FourierCase


def convolve(border: str) -> Spec:
    """Convolution with a border."""
    return Spec.of("convolve", border=border)


CASES = [
    F(FFT2, (1, 1)),
    F(FFT2, (1, 2)),
    F(FFT2, (8, 4)),
    F(FFT2, (16, 32)),
    F(FFT2, (6, 5)),
    F(FFT2, (7, 12)),
    F(FFT2, (1, 9)),
    F(FFT2, (16, 32), "images"),
    F(FFT2, (20, 27), "images"),
    F(FFT2, (4, 16), "large mean"),
    F(IFFT2, (1, 1)),
    F(IFFT2, (2, 1)),
    F(IFFT2, (4, 8)),
    F(IFFT2, (32, 16)),
    F(IFFT2, (5, 6)),
    F(IFFT2, (12, 7)),
    F(IFFT2, (18, 25), "images"),
    F(convolve("circular"), (9, 12), kernel=(3, 5)),
    F(convolve("circular"), (12, 9), kernel=(4, 3)),
    F(convolve("circular"), (5, 4), kernel=(5, 4)),
    F(convolve("circular"), (3, 4), kernel=(6, 2)),
    F(convolve("circular"), (30, 40), "images", kernel=(3, 3)),
    F(convolve("zero"), (8, 9), kernel=(2, 3)),
    F(convolve("replicate"), (7, 10), kernel=(3, 4)),
    F(convolve("reflect"), (9, 8), kernel=(4, 5)),
    F(convolve("symmetric"), (8, 11), kernel=(5, 2)),
    F(convolve("symmetric"), (2, 3), kernel=(4, 6)),
    F(convolve("reflect"), (24, 30), "images", kernel=(5, 4)),
]
