"""Pool images: keep the maximum or the average of each window. And what that does to an image that moves.

Every namespace has these functions, as `nn.images`: they are the methods of a `Pools`, each bound to the backend of its
namespace, and compute with the algorithms of its layers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from scratch.array import Array, namespace_of
from scratch.backend import backend_of
from scratch.geometry import Pair, Window2d
from scratch.images.layout import contiguous, from_planes, image_of, to_planes, working_dtype


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


@dataclass(frozen=True)
class Pools:
    """The pools of one namespace: the public functions of its `images` are these methods.

    Attributes
    ----------
    namespace : its name; its backend is asked for in each call, and may be made after its pools
    """

    namespace: str

    def max_pool(
        self, image: Any, window: int | Pair = 2, stride: int | Pair | None = None, *, keep_ragged_edge: bool = False
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
        >>> import numpy as np
        >>> image = np.array([[1, 3, 2, 4], [5, 6, 1, 2], [7, 2, 8, 1], [3, 4, 6, 5]])
        >>> max_pool(image)
        array([[6, 4],
               [7, 8]])
        """
        backend = backend_of(self.namespace)
        image = image_of(backend, image)
        if image.dtype == bool:
            raise TypeError("image of dtype bool: integers or floating numbers are needed")
        sliding = window_over(image, window, stride, keep_ragged_edge)
        pool = next(iter(backend.max_pool2d.values()))
        pooled, _ = pool.max_pool2d(to_planes(image)[None], sliding)
        return contiguous(from_planes(pooled[0], image))

    def average_pool(
        self, image: Any, window: int | Pair = 2, stride: int | Pair | None = None, *, keep_ragged_edge: bool = False
    ) -> Array:
        """Average the pixels of each window.

        Parameters, raises: as `max_pool`. A window at a ragged edge averages the pixels that it has.

        Returns
        -------
        array with the axes of the image, float32 for a float32 image and otherwise float64

        Examples
        --------
        >>> import numpy as np
        >>> image = np.array([[1, 3, 2, 4], [5, 6, 1, 2], [7, 2, 8, 1], [3, 4, 6, 5]], np.uint8)
        >>> average_pool(image)
        array([[3.75, 2.25],
               [4.  , 5.  ]])
        """
        backend = backend_of(self.namespace)
        image = image_of(backend, image)
        sliding = window_over(image, window, stride, keep_ragged_edge)
        planes = to_planes(image).astype(working_dtype(image.dtype), copy=False)
        pool = next(iter(backend.avg_pool2d.values()))
        pooled, _ = pool.avg_pool2d(planes[None], sliding)
        return contiguous(from_planes(pooled[0], image))

    def translation_invariance(
        self, image: Any, shifts: Iterable[int] = (0, 1, 2, 3, 4), window: int | Pair = 2
    ) -> list[Moved]:
        """Show how much less a pooled image changes than the image, when the image moves.

        The image is moved to the right, what leaves it comes in on the left, and both are pooled. A bright spot that
        stays in its window leaves the maximum as it is, and moves the average not at all; one that crosses into the
        next window changes both. So pooling makes small movements smaller. It does not make them vanish.

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
        >>> import numpy as np
        >>> spot = np.zeros((8, 8))
        >>> spot[2:4, 2] = 1
        >>> for moved in translation_invariance(spot, shifts=(1, 2)):
        ...     print(moved)
        Moved(pixels=1, image=1.414..., max_pooled=0.0, average_pooled=0.0)
        Moved(pixels=2, image=1.414..., max_pooled=1.414..., average_pooled=1.414...)
        """
        still = image_of(backend_of(self.namespace), image)
        still = still.astype(working_dtype(still.dtype))
        if not still.any():
            raise ValueError("image: every pixel is 0, there is nothing that could move")
        xp, columns = namespace_of(still), 2 if still.ndim == 4 else 1

        def change(moved: Array, reference: Array) -> float:
            return float(xp.linalg.norm(moved - reference) / xp.linalg.norm(reference))

        found = []
        for pixels in shifts:
            moved = xp.roll(still, pixels, axis=columns)
            found.append(
                Moved(
                    pixels,
                    change(moved, still),
                    change(self.max_pool(moved, window), self.max_pool(still, window)),
                    change(self.average_pool(moved, window), self.average_pool(still, window)),
                )
            )
        return found


def window_over(image: Array, window: int | Pair, stride: int | Pair | None, keep_ragged_edge: bool) -> Window2d:
    """Check that at least one window fits."""
    sliding = Window2d.of(window, window if stride is None else stride, ceil_mode=keep_ragged_edge)
    H, W = image.shape[-2 - (image.ndim > 2) :][:2]
    sliding.check_pool((H, W))
    return sliding


pools = Pools("scratch")
max_pool, average_pool, translation_invariance = pools.max_pool, pools.average_pool, pools.translation_invariance
