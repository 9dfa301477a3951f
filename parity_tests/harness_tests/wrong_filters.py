"""Wrong image filters for the table of test_planted.py: each calls the right one with something changed."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from parity_tests.fourier.tutorial import tutorial_convolve
from parity_tests.harness_tests.planted import altered
from scratch import images
from scratch.array import HostArray

Filter = Callable[..., HostArray]
NEIGHBOURS = {"reflect": "symmetric", "symmetric": "reflect"}


def filters_of(change: Callable[..., HostArray]) -> SimpleNamespace:
    """Both filters, done by change(the right filter, image, kernel, its options by name)."""
    names = ("correlate2d", "convolve2d")
    return altered(images, **{name: partial(change, getattr(images, name)) for name in names})


def kernel_of(change: Callable[[HostArray], HostArray]) -> SimpleNamespace:
    """Both filters with another kernel."""
    return filters_of(lambda right, image, kernel, **options: right(image, change(kernel), **options))


def image_of(change: Callable[[HostArray], HostArray]) -> SimpleNamespace:
    """Both filters with another image."""
    return filters_of(lambda right, image, kernel, **options: right(change(image), kernel, **options))


def swapped(name: str) -> SimpleNamespace:
    """Both filters with the two numbers of an option in the wrong order."""

    def change(right: Filter, image: HostArray, kernel: HostArray, **options: Any) -> HostArray:
        value = options.get(name)
        return right(image, kernel, **options | ({name: value[::-1]} if isinstance(value, tuple) else {}))

    return filters_of(change)


def centred_before(
    right: Filter, image: HostArray, kernel: HostArray, padding: Any = "same", **options: Any
) -> HostArray:
    """The middle of an even kernel at (k - 1) // 2, as scipy.signal and torch have it: a row of zeros comes first."""
    if padding == "same":
        kernel = np.pad(kernel, [(1 - k % 2, 0) for k in kernel.shape])
    return right(image, kernel, padding=padding, **options)


def border_off_by_one(
    right: Filter, image: HostArray, kernel: HostArray, border: str = "zero", **options: Any
) -> HostArray:
    """The pixel at the edge repeated where it should not be, and not where it should."""
    return right(image, kernel, border=NEIGHBOURS.get(border, border), **options)


def second_pixel_first(
    right: Filter, image: HostArray, kernel: HostArray, stride: Any = 1, **options: Any
) -> HostArray:
    """A stride that begins with its last row and column rather than with the first."""
    sH, sW = (stride, stride) if isinstance(stride, int) else stride
    y = right(image, kernel, **options)
    return y[sH - 1 :: sH, sW - 1 :: sW] if y.ndim == 2 else y[..., sH - 1 :: sH, sW - 1 :: sW, :]


def cut_off(right: Filter, image: HostArray, kernel: HostArray, dtype: Any = None, **options: Any) -> HostArray:
    """Integers cut off, not rounded."""
    y = right(image, kernel, **options)
    return y if dtype is None else y.astype(dtype)


def wrapped_around(
    right: Filter, image: HostArray, kernel: HostArray, dtype: Any = None, clip: Any = None, **options: Any
) -> HostArray:
    """Integers that do not fit come out at the other end."""
    if dtype is None:
        return right(image, kernel, clip=clip, **options)
    return np.rint(right(image, kernel, **options)).astype(np.int64).astype(dtype)


def in_the_image_s_dtype(right: Filter, image: HostArray, kernel: HostArray, **options: Any) -> HostArray:
    """Sums of integers that overflow."""
    y = right(image, kernel, **options)
    return y if image.dtype.kind == "f" else y.astype(np.int64).astype(image.dtype).astype(y.dtype)


def spoilt(right: Filter, image: HostArray, kernel: HostArray, **options: Any) -> HostArray:
    """One NaN or infinity spreads over everything, as it does in Fourier space."""
    y = right(image, kernel, **options)
    return y if np.isfinite(image).all() else np.full_like(y, np.nan)


def rounded_to(dtype: Any) -> SimpleNamespace:
    """Products of operands with fewer digits; the sums have all of them.

    A kernel that must be a column times a row is left alone: rounded, it is none.
    """

    def fewer_digits(right: Filter, image: HostArray, kernel: HostArray, method: str, **options: Any) -> HostArray:
        as_usual = np.float32 if image.dtype == np.float32 else np.float64
        few = image.astype(dtype).astype(as_usual)
        return right(few, kernel if method == "separable" else kernel.astype(dtype), method=method, **options)

    return filters_of(fewer_digits)


def by_the_tutorial(
    right: Filter, image: HostArray, kernel: HostArray, border: str = "zero", **options: Any
) -> HostArray:
    """In Fourier space with the kernel one cell off, where the tutorial's code can be asked."""
    fits = image.ndim == 2 and all(k <= n for k, n in zip(kernel.shape, image.shape, strict=True))
    if border == "circular" and fits and options.keys() == {"method"}:
        return tutorial_convolve(image, kernel)
    return right(image, kernel, border=border, **options)
