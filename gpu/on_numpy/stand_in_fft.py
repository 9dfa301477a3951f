"""The module cupy.fft of the stand-in: transforms of real numbers, float32 to complex64 and float64 to complex128.

Source: CuPy 14.2, cupy/fft/_fft.py, which runs cuFFT; here it is NumPy's pocketfft. They round differently.
"""

import numpy as np

from gpu.on_numpy.stand_in_array import ndarray, unwrap

__all__ = ["irfft2", "rfft2"]


def rfft2(a: ndarray, s: tuple[int, int] | None = None) -> ndarray:
    """Transform the last two axes, cut or filled up with zeros to the lengths `s`."""
    refuse_empty(a)
    with np.errstate(all="ignore"):
        return ndarray(np.fft.rfft2(unwrap(a), s))


def irfft2(a: ndarray, s: tuple[int, int] | None = None) -> ndarray:
    """Undo `rfft2`, for a result whose last two axes have the lengths `s`."""
    refuse_empty(a)
    with np.errstate(all="ignore"):
        return ndarray(np.fft.irfft2(unwrap(a), s))


def refuse_empty(a: ndarray) -> None:
    """Refuse an axis without an element, of a batch also, as cuFFT does."""
    if a.size == 0:
        raise ValueError("Invalid number of FFT data points (0) specified.")
