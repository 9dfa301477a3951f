"""How an image is an array: the order of its axes, the dtype it is computed in, the dtype it comes back in.

    axes                          what                            computed and returned as
    (H, W)          one grey image                                float32: float32
    (H, W, C)       one image in colour, C = 1 to 4 channels      float64: float64
    (N, H, W, C)    N images                                      uint8 and other integers, bool: float64

Three axes are always one colour image, so nothing is guessed: N grey images are `images[..., None]`. More than four
channels are refused, for they are most likely grey images one behind the other.
"""

from typing import Any, TypeAlias

import numpy as np

from scratch.array import Array, namespace_of, to_host
from scratch.backend import Backend
from scratch.layers.base import check_array

Clip: TypeAlias = tuple[float, float]


def check_image(given: Any) -> Array:
    """Take an image, or refuse it.

    Raises
    ------
    TypeError
        if its numbers are not integers, bool, float32 or float64
    ValueError
        if its shape is none of the three, or it has no pixel

    Examples
    --------
    >>> check_image(np.zeros((8, 6, 5)))
    Traceback (most recent call last):
    ...
    ValueError: image of shape (8, 6, 5): three axes are one colour image (H, W, C) of 1 to 4 channels; N grey images \
are (N, H, W, 1), images[..., None]
    """
    return check_axes(np.asarray(given))


def image_of(backend: Backend, given: Any) -> Array:
    """Take an image of a backend's arrays, or refuse it; where these are NumPy's, lists are taken, too.

    Raises
    ------
    TypeError
        if it is another array, such as one of the host's for a GPU
    TypeError, ValueError
        as `check_image`
    """
    if backend.array_type() is np.ndarray:
        return check_image(given)
    check_array(backend, "image", given)
    return check_axes(given)


def check_axes(image: Array) -> Array:
    """Do what `check_image` does, for an array from anywhere."""
    shape = image.shape
    working_dtype(image.dtype)
    if image.ndim not in (2, 3, 4):
        raise ValueError(f"image of shape {shape}: (H, W), (H, W, C) or (N, H, W, C) is needed")
    if image.ndim == 3 and not 1 <= shape[2] <= 4:
        raise ValueError(
            f"image of shape {shape}: three axes are one colour image (H, W, C) of 1 to 4 channels; N grey images "
            "are (N, H, W, 1), images[..., None]"
        )
    if image.ndim == 4 and not 1 <= shape[3] <= 4:
        raise ValueError(f"image of shape {shape}: four axes are N images (N, H, W, C) of 1 to 4 channels each")
    if 0 in shape[-3:][-min(image.ndim, 3) :]:
        raise ValueError(f"image of shape {shape} has no pixel")
    return image


def working_dtype(given: Any) -> np.dtype[Any]:
    """Choose the dtype that images of a dtype are computed in, and come back in if no other is asked for.

    float64 holds all integers up to 2**53; larger ones lose digits.

    Raises
    ------
    TypeError
        for complex numbers, float16 and everything that is not a number

    Examples
    --------
    >>> working_dtype(np.uint8), working_dtype(np.float32)
    (dtype('float64'), dtype('float32'))
    """
    dtype: np.dtype[Any] = np.dtype(given)
    if dtype.type in (np.float32, np.float64):
        return np.dtype(dtype.type)
    if dtype.kind in "iub":
        return np.dtype(np.float64)
    raise TypeError(f"image of dtype {dtype}: integers, bool, float32 or float64 are needed")


def to_planes(image: Array) -> Array:
    """Make the (N * C, H, W) planes of an image: a view where possible, each channel an image by itself.

    >>> to_planes(np.zeros((2, 8, 6, 3))).shape, to_planes(np.zeros((8, 6))).shape
    ((6, 8, 6), (1, 8, 6))
    """
    if image.ndim == 2:
        return image[None]
    *_, H, W, channels = image.shape
    batch = len(image) if image.ndim == 4 else 1
    planes: Array = namespace_of(image).moveaxis(image, -1, -3).reshape(batch * channels, H, W)
    return planes


def from_planes(planes: Array, image: Array) -> Array:
    """Undo `to_planes`, for planes of any size; `image` says how the axes were."""
    if image.ndim == 2:
        plane: Array = planes[0]
        return plane
    *batch, _, _, channels = image.shape
    stacked = planes.reshape(*batch, channels, *planes.shape[1:])
    moved: Array = namespace_of(planes).moveaxis(stacked, -3, -1)
    return moved


def check_output(clip: Any, dtype: Any) -> tuple[Clip | None, np.dtype[Any] | None]:
    """Take `clip` and `dtype`, or refuse them.

    Raises
    ------
    TypeError
        if clip is not two numbers, or dtype is not an integer or floating dtype
    ValueError
        if clip's first number is larger than its second
    """
    if clip is not None:
        try:
            low, high = map(float, clip)
        except (TypeError, ValueError):
            raise TypeError(f"clip={clip!r}: two numbers (lowest, highest) are needed, or None") from None
        if not low <= high:
            raise ValueError(f"clip={clip!r}: the first number must not be larger than the second")
        clip = low, high
    if dtype is not None:
        dtype = np.dtype(dtype)
        if dtype.kind not in "iuf":
            raise TypeError(f"dtype={dtype}: the result is of an integer or a floating dtype")
    return clip, dtype


def finish(y: Array, clip: Clip | None, dtype: np.dtype[Any] | None) -> Array:
    """Clip, round if `dtype` is an integer one, and convert; the result is contiguous.

    Halves are rounded to the even neighbour, as numpy.rint does: 0.5 -> 0, 1.5 -> 2.

    Raises
    ------
    ValueError
        if a number does not fit into the dtype: nothing wraps around, nothing becomes an infinity. A NaN fits into
        no integer dtype

    Examples
    --------
    >>> finish(np.array([[-3.0, 1.5, 300.0]]), (0, 255), np.dtype(np.uint8))
    array([[  0,   2, 255]], dtype=uint8)
    """
    xp = namespace_of(y)
    if clip is not None:
        y = xp.clip(y, *clip)
    if dtype is None or dtype == y.dtype:
        return contiguous(y)
    if dtype.kind == "f":
        limit = float(np.finfo(dtype).max)
        fits = (abs(y) <= limit) | ~xp.isfinite(y)
    else:
        y = xp.rint(y)
        # The first number above: a power of two, which every floating dtype holds. (2**63 - 1 is held by none.)
        fits = (y >= float(np.iinfo(dtype).min)) & (y < float(np.iinfo(dtype).max) + 1)
    if not fits.all():
        y, fits = to_host(y), to_host(fits)
        raise ValueError(
            f"dtype={dtype} has no place for {y[~fits][0]} in the result, which runs from {y.min()} to {y.max()}: "
            "give clip=(lowest, highest), or a dtype that holds it"
        )
    return contiguous(y.astype(dtype))


def contiguous(y: Array) -> Array:
    """The array itself if its elements stand row by row in memory, else a copy of which that is true."""
    copied: Array = namespace_of(y).ascontiguousarray(y)
    return copied
