"""The layer that undoes a max pool, as far as it can be undone."""

from collections.abc import Sequence
from operator import index

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Pair, pair
from scratch.layers.base import Layer, as_images, check_array, check_floating


class MaxUnpool2d(Layer):
    """The numbers of a max pool's output where they stood, and 0 elsewhere: torch.nn.MaxUnpool2d.

        y[n, c, cell] = x[n, c, i, j]    with  cell = indices[n, c, i, j], counted row by row in one plane of y

    Where several numbers have one index, as windows that overlap give it, the last one stays; each gets the gradient
    of the cell in backward.

    Parameters
    ----------
    kernel_size : of the max pool; an int, or a pair (vertical, horizontal)
    stride : likewise; None means kernel_size
    padding : likewise

    Examples
    --------
    >>> import numpy as np, scratch
    >>> y, indices = scratch.MaxPool2d(2, return_indices=True)(np.array([[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 2.0, 7.0]]]))
    >>> scratch.MaxUnpool2d(2)(y, indices)
    array([[[0., 5., 0., 0.],
            [0., 0., 0., 7.]]])
    """

    def __init__(self, kernel_size: int | Pair, stride: int | Pair | None = None, padding: int | Pair = 0) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size", least=1)
        self.stride = self.kernel_size if stride is None else pair(stride, "stride", least=1)
        self.padding = pair(padding, "padding", least=0)

    def forward(self, x: Array, indices: Array, output_size: Sequence[int] | None = None) -> Array:  # type: ignore[override]
        """Put the numbers where they stood.

        Parameters
        ----------
        x : (N, C, H, W) or (C, H, W)
        indices : int64, of x's shape: cells of a plane of y, as MaxPool2d returns them
        output_size : (height, width) of y, or the whole shape of the max pool's input, of which several are possible;
            None means (H - 1) * stride - 2 * padding + kernel_size, the width likewise

        Raises
        ------
        TypeError, ValueError
            if x, indices or output_size do not fit this layer or each other, before anything is computed; to look at
            the indices, the device is waited for
        """
        check_array(self.backend, "x", x)
        check_array(self.backend, "indices", indices)
        images = as_images("x", x)
        check_floating("x", x)
        if indices.shape != x.shape:
            raise ValueError(
                f"indices have shape {indices.shape}: Expected shape of indices to be same as that of the input, "
                f"{x.shape}"
            )
        if indices.dtype != "int64":
            raise TypeError(f"indices have dtype {indices.dtype}: elements in indices should be type int64")
        size = self.size((images.shape[2], images.shape[3]), output_size)
        if indices.size:
            for extreme in (int(indices.min()), int(indices.max())):
                if not 0 <= extreme < size[0] * size[1]:
                    raise ValueError(
                        f"indices: Found an invalid max index: {extreme} (output volumes are of size "
                        f"{size[0]}x{size[1]}, with cells 0 ... {size[0] * size[1] - 1})"
                    )
        return self._run(x, lambda x: self._put(x, as_images("indices", indices), size))

    def _put(self, x: Array, indices: Array, size: Pair) -> tuple[Array, Saved]:
        algorithm = self._choose(self.backend.max_unpool2d)
        y, saved = algorithm.max_unpool2d(as_images("x", x), indices, size)
        return y.reshape(y.shape[4 - x.ndim :]), (algorithm, saved)

    def size(self, size: Pair, output_size: Sequence[int] | None) -> Pair:
        """The size of y: that of an image from which the max pool makes one of `size`; of several, output_size's."""
        default = [
            (n - 1) * s - 2 * p + k
            for n, s, p, k in zip(size, self.stride, self.padding, self.kernel_size, strict=True)
        ]
        try:
            given = default if output_size is None else [index(side) for side in output_size]
        except TypeError:
            raise TypeError(f"output_size={output_size!r}: ints (height, width) are needed, or a shape") from None
        if len(given) not in (2, 4):
            raise ValueError(
                f"output_size={output_size!r} should be a sequence containing 2 or 4 elements, but it has a length of "
                f"{len(given)}"
            )
        height, width = given[-2:]
        for axis, (side, usual, s) in enumerate(zip((height, width), default, self.stride, strict=True)):
            if not usual - s < side < usual + s:
                raise ValueError(
                    f"invalid output_size {output_size!r} (dim {axis} must be between {usual - s} and {usual + s})"
                )
            if side < 1:
                raise ValueError(
                    f"x of size {size} with kernel_size={self.kernel_size}, stride={self.stride}, padding="
                    f"{self.padding}: y would be of size ({height}, {width}), which must be at least 1 both ways"
                )
        return height, width

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.max_unpool2d_backward(as_images("dy", dy), inner)
        return dx.reshape(dx.shape[4 - dy.ndim :])

    def extra_repr(self) -> str:
        """Tell the arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
