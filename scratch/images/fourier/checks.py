"""What the functions of this chapter ask of their arguments, and the precision they compute in.

float16 and float32 are computed in float32 (complex64), everything else in float64 (complex128).
"""

from typing import cast

import numpy as np
import numpy.typing as npt

from scratch.array import HostArray


def numbers(array: npt.ArrayLike, name: str) -> HostArray:
    """Convert to an array of numbers, real or complex, in the precision of this chapter; an array of it is not copied.

    Raises
    ------
    TypeError
        if it holds anything but numbers

    >>> numbers([1, 2], "x").dtype, numbers(np.ones(2, np.float32), "x").dtype
    (dtype('float64'), dtype('float32'))
    """
    array = np.asarray(array)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name} has dtype {array.dtype}: an array of numbers is needed")
    single = array.dtype in (np.float16, np.float32, np.complex64)
    if array.dtype.kind == "c":
        return array.astype(np.complex64 if single else np.complex128, copy=False)
    return array.astype(np.float32 if single else np.float64, copy=False)


def real_numbers(array: npt.ArrayLike, name: str) -> HostArray:
    """Like `numbers`, for real ones alone.

    Raises
    ------
    TypeError
        if it holds complex numbers, or anything but numbers
    """
    array = numbers(array, name)
    if array.dtype.kind == "c":
        raise TypeError(f"{name} has dtype {array.dtype}: real numbers are needed")
    return array


def check_shape(array: HostArray, name: str, *forms: str) -> None:
    """Check the number of axes against forms such as "(H, W)"; an ellipsis stands for any number of any length.

    Raises
    ------
    ValueError
        if the array has none of these forms, or a named axis of length 0

    >>> check_shape(np.ones((3, 4)), "image", "(H, W)", "(H, W, C)")
    """
    named = [form.count(",") + ("..." not in form) for form in forms]
    fits = [array.ndim == n or ("..." in form and array.ndim > n) for form, n in zip(forms, named, strict=True)]
    if not any(fits):
        raise ValueError(f"{name} has shape {array.shape}: {' or '.join(forms)} is needed")
    if 0 in array.shape[-named[fits.index(True)] :]:
        raise ValueError(f"{name} has shape {array.shape}: it is empty")


def complex_dtype(array: HostArray) -> npt.DTypeLike:
    """The complex type of an array's precision.

    >>> complex_dtype(np.ones(2, np.float32))
    <class 'numpy.complex64'>
    """
    return cast("npt.DTypeLike", np.complex64 if array.dtype in (np.float32, np.complex64) else np.complex128)
