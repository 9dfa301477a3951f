"""What stands beyond the edge of an image.

    border          left of the image    image      right of it
    zero            0  0  0  0           a b c d    0  0  0  0
    replicate       a  a  a  a           a b c d    d  d  d  d
    reflect         c  d  c  b           a b c d    c  b  a  b       the edge itself is not repeated
    symmetric       d  c  b  a           a b c d    d  c  b  a       the edge is repeated
    circular        a  b  c  d           a b c d    a  b  c  d

A border may be wider than the image: the rule goes on, as in numpy.pad and scipy.ndimage. The names elsewhere:

    here        numpy.pad    scipy.ndimage    scipy.signal    torch
    zero        constant     constant         fill            zeros
    replicate   edge         nearest          -               replicate
    reflect     reflect      mirror           -               reflect
    symmetric   symmetric    reflect          symm            -
    circular    wrap         grid-wrap        wrap            circular
"""

from typing import Any, Literal, TypeAlias, cast, get_args

import numpy as np

from scratch.array import Array, namespace_of
from scratch.geometry import Padding

Border: TypeAlias = Literal["zero", "replicate", "reflect", "symmetric", "circular"]
BORDERS: tuple[str, ...] = get_args(Border)


def pad(image: Array, widths: Padding, border: Border = "zero") -> Array:
    """Copy images into a border; without any, the array itself.

    Parameters
    ----------
    image : (..., H, W) array
    widths : ((top, bottom), (left, right)), in pixels
    border : see the top of this file

    Returns
    -------
    (..., top + H + bottom, left + W + right) array of the same dtype

    Raises
    ------
    ValueError
        if the border is none of the five, a width is negative, or there is no pixel to continue

    Examples
    --------
    >>> pad(np.array([[1, 2, 3]]), ((0, 0), (2, 2)), "reflect")
    array([[3, 2, 1, 2, 3, 2, 1]])
    >>> pad(np.array([[1, 2, 3]]), ((1, 0), (0, 4)), "circular")
    array([[1, 2, 3, 1, 2, 3, 1],
           [1, 2, 3, 1, 2, 3, 1]])
    """
    check_border(border)
    (top, bottom), (left, right) = widths
    if min(top, bottom, left, right) < 0:
        raise ValueError(f"widths={widths!r} must not be negative")
    H, W = image.shape[-2:]
    if not (top or bottom or left or right):
        return image
    if border != "zero" and not (H and W):
        raise ValueError(f"border={border!r} continues the image, and an image of size ({H} x {W}) has no pixel")
    xp = namespace_of(image)
    padded = xp.empty((*image.shape[:-2], top + H + bottom, left + W + right), image.dtype)
    middle = padded[..., top : top + H, :]
    middle[..., left : left + W] = image
    before, behind = middle[..., :left], middle[..., left + W :]
    above, below = padded[..., :top, :], padded[..., top + H :, :]
    if border == "zero":
        for side in (before, behind, above, below):
            side[:] = 0
        return cast("Array", padded)

    def taken(array: Array, axis: int, n: int, i: Array) -> Any:
        return xp.take(array, xp.asarray(seen(i, n, border)), axis=axis)

    before[:] = taken(image, -1, W, np.arange(-left, 0))
    behind[:] = taken(image, -1, W, np.arange(W, W + right))
    # Whole rows, their ends included: so the corners follow the same rule.
    above[:] = taken(middle, -2, H, np.arange(-top, 0))
    below[:] = taken(middle, -2, H, np.arange(H, H + bottom))
    return cast("Array", padded)


def seen(i: Array, n: int, border: str) -> Any:
    """Say which of the n cells is seen at position i, inside or outside.

    "reflect" and "symmetric" walk to the end and back, again and again; a full walk takes 2(n-1) steps or 2n:

        reflect, n = 3      i   0 1 2 3 4 5          symmetric      i   0 1 2 3 4 5 6
                         cell   0 1 2 1 0 1                      cell   0 1 2 2 1 0 0

    >>> seen(np.arange(-3, 6), 3, "symmetric")
    array([2, 1, 0, 0, 1, 2, 2, 1, 0])
    """
    if border == "replicate":
        return np.clip(i, 0, n - 1)
    if border == "circular":
        return i % n
    if border == "symmetric":
        step = i % (2 * n)
        return np.minimum(step, 2 * n - 1 - step)
    step = i % max(2 * (n - 1), 1)  # one cell alone reflects itself
    return np.minimum(step, 2 * (n - 1) - step)


def check_border(border: Any) -> None:
    """Refuse a border that is none of the five.

    Raises
    ------
    ValueError
        naming the five
    """
    if border not in BORDERS:
        raise ValueError(f"border={border!r} must be one of {', '.join(map(repr, BORDERS))}")
