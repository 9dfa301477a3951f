"""The pooling layers."""

from functools import lru_cache
from numbers import Integral
from typing import Any

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Pair, Window2d, pair
from scratch.layers.base import Layer, as_images, check_floating

INTEGERS = frozenset(map(np.dtype, (np.uint8, np.int8, np.int16, np.int32, np.int64)))
"""The integers that have a maximum, as in torch."""


@lru_cache(maxsize=1024)
def checked(window: Window2d, size: Pair) -> Pair:
    """`window.check_pool(size)`, asked once for each geometry: it looks at every window."""
    return window.check_pool(size)


class Pool2d(Layer):
    """What the two pools share: a window over each channel by itself, and its limit of padding."""

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None,
        padding: int | Pair,
        dilation: int | Pair,
        ceil_mode: bool,
    ) -> None:
        super().__init__()
        sides = pair(padding, "padding", least=0)  # no words, unlike Conv2d's
        window = Window2d.of(kernel_size, kernel_size if stride is None else stride, sides, dilation, ceil_mode)
        for (before, _), extent in zip(window.padding, window.extent, strict=True):
            if 2 * before > extent:
                raise ValueError(
                    f"padding={padding!r}: pad should be at most half of effective kernel size {window.extent}"
                )
        self.window = window

    def extra_repr(self) -> str:
        """Tell the arguments."""
        w = self.window
        text = f"kernel_size={w.kernel_size}, stride={w.stride}, padding={tuple(before for before, _ in w.padding)}"
        return f"{text}, ceil_mode={w.ceil_mode}"


class MaxPool2d(Pool2d):
    """The largest value under each window: torch.nn.MaxPool2d.

        y[n, c, i, j] = max over u, v of  x[n, c, i*sH + u*dH - pH, j*sW + v*dW - pW],    cells outside x left out

    Of equal values the first one (row by row) gets the whole gradient. A NaN counts as the largest, the last
    one if there are several.

    Parameters
    ----------
    kernel_size : an int, or a pair (vertical, horizontal)
    stride : likewise; None means kernel_size
    padding : at most half of what the kernel reaches over; padded cells are never chosen
    dilation : distance of the window's cells from each other
    return_indices : return (y, indices); indices (int64) are flat in one unpadded H*W plane
    ceil_mode : let the last windows hang over the end, rather than leave a ragged edge out

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.MaxPool2d(2)(np.array([[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 2.0, 7.0]]]))
    array([[[5., 7.]]])
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, ceil_mode)
        self.return_indices = return_indices

    def extra_repr(self) -> str:
        """Tell the arguments."""
        return f"{super().extra_repr()}, dilation={self.window.dilation}, return_indices={self.return_indices}"

    def forward(self, x: Array) -> Any:
        """Return y, or (y, indices) with `return_indices`."""
        y = super().forward(x)
        if not self.return_indices:
            return y
        assert self._latest is not None
        _, _, (algorithm, saved) = self._latest
        return y, algorithm.max_pool2d_indices(saved).reshape(y.shape)

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        images = as_images("x", x)
        if x.dtype not in INTEGERS:
            check_floating("x", x)
        checked(self.window, images.shape[2:])
        algorithm = self._choose(self.backend.max_pool2d)
        y, saved = algorithm.max_pool2d(images, self.window)
        return y if x.ndim == 4 else y[0], (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.max_pool2d_backward(as_images("dy", dy), inner)
        return dx if dy.ndim == 4 else dx[0]


class AvgPool2d(Pool2d):
    """The mean of the values under each window: torch.nn.AvgPool2d.

        y[n, c, i, j] = (sum over u, v of  x[n, c, i*sH + u - pH, j*sW + v - pW]) / divisor

    The divisor counts the cells of the window inside the image and its padding (not those that ceil_mode lets
    hang over); without `count_include_pad` those inside the image; `divisor_override` beats both.

    Parameters
    ----------
    kernel_size : an int, or a pair (vertical, horizontal)
    stride : likewise; None means kernel_size
    padding : at most half of kernel_size
    ceil_mode : let the last windows hang over the end, rather than leave a ragged edge out
    count_include_pad : whether padded cells count in the divisor
    divisor_override : the divisor, for all windows; not 0

    Integer input must be int64, as in torch, and the mean is truncated towards zero.

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.AvgPool2d(2)(np.array([[[1.0, 5.0, 2.0, 0.0], [3.0, 3.0, 2.0, 4.0]]]))
    array([[[3., 2.]]])
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, 1, ceil_mode)
        if not isinstance(divisor_override, Integral | None):
            raise TypeError(f"divisor_override={divisor_override!r} must be an integer")
        if divisor_override == 0:
            raise ValueError("divisor_override=0: divisor must be not zero")
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def extra_repr(self) -> str:
        """Tell the arguments."""
        text = f"{super().extra_repr()}, count_include_pad={self.count_include_pad}"
        return text if self.divisor_override is None else f"{text}, divisor_override={self.divisor_override}"

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        images = as_images("x", x)
        if x.dtype != np.int64:
            check_floating("x", x)
        checked(self.window, images.shape[2:])
        algorithm = self._choose(self.backend.avg_pool2d)
        y, saved = algorithm.avg_pool2d(images, self.window, self.count_include_pad, self.divisor_override)
        return y if x.ndim == 4 else y[0], (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.avg_pool2d_backward(as_images("dy", dy), inner)
        return dx if dy.ndim == 4 else dx[0]
