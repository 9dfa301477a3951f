"""Pool images: keep the maximum or the average of each window. And what that does to an image that moves.

The same algorithms as in the layers, `scratch.fast.pool`.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from scratch.array import Array
from scratch.fast import pool
from scratch.geometry import Pair, Window2d
from scratch.images.layout import check_image, from_planes, to_planes, working_dtype


def max_pool(
    image: Any, window: int | Pair = 2, stride: int | Pair | None = None, *, keep_ragged_edge: bool = False
) -> Array:
    """Keep the largest pixel of each window.

    Parameters
    ----------
    image : (H, W), (H, W, C) or (N, H, W, C) array, each channel by itself; not modified
    window : size, in pixels
    stride : from one window to the next, the window's size if None
    keep_ragged_edge : rows and columns at the end, too few for a window, are left out as in torch; if True, smaller
        windows take them in (torch's ceil_mode)

    Returns
    -------
    array with the axes and the dtype of the image; a NaN in a window wins

    Raises
    ------
    TypeError, ValueError
        if an argument is not as described, or the window is larger than the image

    Examples
    --------
    >>> image = np.array([[1, 3, 2, 4], [5, 6, 1, 2], [7, 2, 8, 1], [3, 4, 6, 5]])
    >>> max_pool(image)
    array([[6, 4],
           [7, 8]])
    """
    image = check_image(image)
    if image.dtype == bool:
        raise TypeError("image of dtype bool: integers or floating numbers are needed")
    sliding = window_over(image, window, stride, keep_ragged_edge)
    pooled, _ = pool.max_pool2d(to_planes(image)[None], sliding)
    return np.ascontiguousarray(from_planes(pooled[0], image))


def average_pool(
    image: Any, window: int | Pair = 2, stride: int | Pair | None = None, *, keep_ragged_edge: bool = False
) -> Array:
    """Average the pixels of each window.

    Parameters, raises: as `max_pool`. A window at a ragged edge averages the pixels that it has.

    Returns
    -------
    array with the axes of the image, float32 for a float32 image and otherwise float64

    Examples
    --------
    >>> image = np.array([[1, 3, 2, 4], [5, 6, 1, 2], [7, 2, 8, 1], [3, 4, 6, 5]], np.uint8)
    >>> average_pool(image)
    array([[3.75, 2.25],
           [4.  , 5.  ]])
    """
    image = check_image(image)
    sliding = window_over(image, window, stride, keep_ragged_edge)
    planes = to_planes(image).astype(working_dtype(image.dtype), copy=False)
    pooled, _ = pool.avg_pool2d(planes[None], sliding)
    return np.ascontiguousarray(from_planes(pooled[0], image))


def window_over(image: Array, window: int | Pair, stride: int | Pair | None, keep_ragged_edge: bool) -> Window2d:
    """Check that at least one window fits."""
    sliding = Window2d.of(window, window if stride is None else stride, ceil_mode=keep_ragged_edge)
    H, W = image.shape[-2 - (image.ndim > 2) :][:2]
    sliding.check_pool((H, W))
    return sliding


class Moved(NamedTuple):
    """How much a picture has changed that was moved, as a fraction of the picture: |moved - still| / |still|.

    Attributes
    ----------
    pixels : how far it was moved to the right
    image, max_pooled, average_pooled : 0 for no change; the picture itself, and after pooling
    """

    pixels: int
    image: float
    max_pooled: float
    average_pooled: float


def translation_invariance(image: Any, shifts: Iterable[int] = (0, 1, 2, 3, 4), window: int | Pair = 2) -> list[Moved]:
    """Show how much less a pooled image changes than the image, when the image moves.

    The image is moved to the right, what leaves it comes in on the left, and both are pooled. A bright spot that
    stays in its window leaves the maximum as it is, and moves the average not at all; one that crosses into the next
    window changes both. So pooling makes small movements smaller. It does not make them vanish.

    Parameters
    ----------
    image : (H, W), (H, W, C) or (N, H, W, C) array
    shifts : in pixels
    window : of both pools

    Returns
    -------
    one `Moved` for each shift

    Raises
    ------
    ValueError
        if the image is black: there is nothing to compare with

    Examples
    --------
    >>> spot = np.zeros((8, 8))
    >>> spot[2:4, 2] = 1
    >>> for moved in translation_invariance(spot, shifts=(1, 2)):
    ...     print(moved)
    Moved(pixels=1, image=1.414..., max_pooled=0.0, average_pooled=0.0)
    Moved(pixels=2, image=1.414..., max_pooled=1.414..., average_pooled=1.414...)
    """
    still = check_image(image)
    still = still.astype(working_dtype(still.dtype))
    if not still.any():
        raise ValueError("image: every pixel is 0, there is nothing that could move")
    columns = 2 if still.ndim == 4 else 1

    def change(moved: Array, reference: Array) -> float:
        return float(np.linalg.norm(moved - reference) / np.linalg.norm(reference))

    found = []
    for pixels in shifts:
        moved = np.roll(still, pixels, axis=columns)
        found.append(
            Moved(
                pixels,
                change(moved, still),
                change(max_pool(moved, window), max_pool(still, window)),
                change(average_pool(moved, window), average_pool(still, window)),
            )
        )
    return found
