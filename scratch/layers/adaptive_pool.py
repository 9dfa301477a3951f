"""The adaptive pooling layers."""

from operator import index
from typing import Any, TypeAlias

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Pair
from scratch.layers.base import Layer, as_images, check_floating

OutputSize: TypeAlias = int | tuple[int | None, int | None]


class AdaptivePool2d(Layer):
    """What the two adaptive pools share: the size of the output is given, the windows follow from that of the input."""

    def __init__(self, output_size: OutputSize) -> None:
        super().__init__()
        self.output_size = output_size
        sides = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
        try:
            self._sides = [None if side is None else index(side) for side in sides]
        except TypeError:
            self._sides = []
        if not self._sides or output_size is None:
            raise TypeError(f"output_size={output_size!r}: an int or a pair (height, width) of ints or None is needed")
        if len(self._sides) != 2:
            raise ValueError(f"output_size={output_size!r} must be 2 numbers (height, width), or an int")
        if any(side is not None and side < 1 for side in self._sides):
            raise ValueError(f"output_size={output_size!r} must be at least 1 in both directions")

    def out(self, images: Array) -> Pair:
        """The size of y: where None was given, that of x."""
        height, width = (n if side is None else side for n, side in zip(images.shape[2:], self._sides, strict=True))
        return height, width

    def extra_repr(self) -> str:
        """Tell the argument."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool2d(AdaptivePool2d):
    """The means of output_size windows, which cover any input: torch.nn.AdaptiveAvgPool2d.

        y[n, c, i, j] = mean of x[n, c, row, column]
        over the rows     floor(i * H / outH) ... ceil((i + 1) * H / outH) - 1,    the columns likewise

    Parameters
    ----------
    output_size : an int, or a pair (height, width); None instead of a number is the input's

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.AdaptiveAvgPool2d((1, 2))(np.array([[[1.0, 5.0, 2.0], [3.0, 3.0, 4.0]]]))
    array([[[3. , 3.5]]])
    """

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        images = as_images("x", x)
        check_floating("x", x)
        algorithm = self._choose(self.backend.adaptive_avg_pool2d)
        y, saved = algorithm.adaptive_avg_pool2d(images, self.out(images))
        return y.reshape(y.shape[4 - x.ndim :]), (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.adaptive_avg_pool2d_backward(as_images("dy", dy), inner)
        return dx.reshape(dx.shape[4 - dy.ndim :])


class AdaptiveMaxPool2d(AdaptivePool2d):
    """The largest values of output_size windows, which cover any input: torch.nn.AdaptiveMaxPool2d.

        y[n, c, i, j] = max of x[n, c, row, column]
        over the rows     floor(i * H / outH) ... ceil((i + 1) * H / outH) - 1,    the columns likewise

    Of equal values the first one (row by row) gets the whole gradient. A NaN counts as the largest, the last one if
    there are several.

    Parameters
    ----------
    output_size : an int, or a pair (height, width); None instead of a number is the input's
    return_indices : return (y, indices); indices (int64) are flat in one H*W plane

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.AdaptiveMaxPool2d((1, 2))(np.array([[[1.0, 5.0, 2.0], [3.0, 3.0, 7.0]]]))
    array([[[5., 7.]]])
    """

    def __init__(self, output_size: OutputSize, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, x: Array) -> Any:
        """Return y, or (y, indices) with `return_indices`."""
        y = super().forward(x)
        if not self.return_indices:
            return y
        assert self._latest is not None
        _, _, (algorithm, saved) = self._latest
        return y, algorithm.adaptive_max_pool2d_indices(saved).reshape(y.shape)

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        images = as_images("x", x)
        check_floating("x", x)
        algorithm = self._choose(self.backend.adaptive_max_pool2d)
        y, saved = algorithm.adaptive_max_pool2d(images, self.out(images))
        return y.reshape(y.shape[4 - x.ndim :]), (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.adaptive_max_pool2d_backward(as_images("dy", dy), inner)
        return dx.reshape(dx.shape[4 - dy.ndim :])
