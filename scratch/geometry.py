"""Where a sliding window stands: kernel size, stride, padding, dilation, and the sizes that follow.

Along one axis, with kernel size k = 3, stride s = 2, padding p = 1 and dilation d = 1:

    image                0  1  2  3  4  5  6
    with padding    .    0  1  2  3  4  5  6    .
    window 0       [.    0  1]
    window 1             [  1  2  3]                   window i covers the cells  i*s - p + u*d,  u = 0 ... k-1
    window 2                   [  3  4  5]
    window 3                         [  5  6    .]

Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016; the notes on
shapes of torch.nn.Conv2d, torch.nn.MaxPool2d and torch.nn.AvgPool2d.
"""

from dataclasses import dataclass, replace
from operator import index
from typing import Any, Literal, TypeAlias, cast

from scratch.array import Array, namespace_of

Pair: TypeAlias = tuple[int, int]
Padding: TypeAlias = tuple[Pair, Pair]
"""((top, bottom), (left, right)), in cells."""


def pair(value: Any, name: str, least: int) -> Pair:
    """An int, or two of them for (height, width), as a pair; none may be smaller than `least`.

    Raises
    ------
    TypeError
        if the value is neither an integer nor two of them
    ValueError
        if one is smaller than `least`

    >>> pair(3, "kernel_size", least=1), pair((2, 5), "kernel_size", least=1)
    ((3, 3), (2, 5))
    """
    try:
        values = tuple(map(index, value)) if isinstance(value, tuple | list) else (index(value), index(value))
    except TypeError:
        raise TypeError(f"{name}={value!r}: an int or a pair of ints (height, width) is needed") from None
    if len(values) != 2:
        raise ValueError(f"{name}={value!r}: an int or a pair of ints (height, width) is needed")
    if min(values) < least:
        raise ValueError(f"{name}={value!r} must be at least {least} in both directions")
    return values


@dataclass(frozen=True)
class Window2d:
    """A window that slides over a padded image, checked once.

    Attributes
    ----------
    kernel_size, stride, dilation : (vertical, horizontal), in cells, at least 1
    padding : ((top, bottom), (left, right)), in cells, at least 0
    ceil_mode : let the last window hang over the end rather than leave a ragged edge out
    """

    kernel_size: Pair
    stride: Pair
    padding: Padding
    dilation: Pair
    ceil_mode: bool = False

    @classmethod
    def of(
        cls,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair | Literal["same", "valid"] = 0,
        dilation: int | Pair = 1,
        ceil_mode: bool = False,
    ) -> "Window2d":
        """Make a window from arguments as torch takes them.

        `padding="valid"` is none; `"same"` keeps the size of the image, the odd cell at the bottom and right.

        Raises
        ------
        TypeError, ValueError
            for anything but positive sizes, strides and dilations and non-negative paddings, and for "same"
            with a stride

        >>> Window2d.of((3, 4), padding="same").padding
        ((1, 1), (1, 2))
        """
        kernel = pair(kernel_size, "kernel_size", least=1)
        step = pair(stride, "stride", least=1)
        apart = pair(dilation, "dilation", least=1)
        sides: Padding
        if isinstance(padding, str):
            if padding not in ("valid", "same"):
                raise ValueError(f"padding={padding!r}: a padding in words is 'valid' or 'same'")
            if padding == "same" and step != (1, 1):
                raise ValueError(f"padding='same' is not supported for strided convolutions (stride={stride!r})")
            sides = ((0, 0), (0, 0))
            if padding == "same":
                totals = [d * (k - 1) for k, d in zip(kernel, apart, strict=True)]
                sides = cast("Padding", tuple((total // 2, total - total // 2) for total in totals))
        else:
            vertical, horizontal = pair(padding, "padding", least=0)
            sides = ((vertical, vertical), (horizontal, horizontal))
        return cls(kernel, step, sides, apart, ceil_mode)

    @property
    def extent(self) -> Pair:
        """Rows and columns from the first to the last cell of one window: d*(k-1) + 1."""
        (kH, kW), (dH, dW) = self.kernel_size, self.dilation
        return dH * (kH - 1) + 1, dW * (kW - 1) + 1

    def output_size(self, size: Pair) -> Pair:
        """How many windows fit, vertically and horizontally, over an image of size (H, W).

            out = floor((n + p_before + p_after - d*(k-1) - 1) / s) + 1        (ceil with ceil_mode, but the last
                                                                    window starts in the image or its first padding)

        Raises
        ------
        ValueError
            if not even one window fits, or the image is empty

        >>> Window2d.of(3, stride=2, padding=1).output_size((8, 7))
        (4, 4)
        """
        out = []
        for axis in (0, 1):
            n, (before, after), s = size[axis], self.padding[axis], self.stride[axis]
            free = n + before + after - self.extent[axis]
            count = (free + (s - 1 if self.ceil_mode else 0)) // s + 1
            if self.ceil_mode and (count - 1) * s >= n + before:
                count -= 1
            out.append(count if n > 0 else 0)
        if min(out) < 1:
            (H, W), (vertical, horizontal) = size, self.padding
            raise ValueError(
                f"input of size ({H} x {W}), padded to ({H + sum(vertical)} x {W + sum(horizontal)}): kernel_size="
                f"{self.kernel_size} with dilation={self.dilation} reaches over {self.extent}, and the kernel can't be "
                "greater than the padded input, nor the input empty"
            )
        return out[0], out[1]

    def at(self, i: int, j: int) -> tuple[slice, slice]:
        """The rows and columns of the padded image that window (i, j) covers.

        >>> Window2d.of(2, stride=3).at(0, 2)
        (slice(0, 2, 1), slice(6, 8, 1))
        """
        (sH, sW), (dH, dW), (rows, columns) = self.stride, self.dilation, self.extent
        return slice(i * sH, i * sH + rows, dH), slice(j * sW, j * sW + columns, dW)

    def transposed(self, output_padding: Pair) -> "Window2d":
        """The window of the convolution whose dx a transposed convolution is: with so much less padding at the end.

        The last windows of a stride of 2 end at cell 6, say, whether the image has 7 cells or 8; output_padding says
        how many. It may be more than the padding: what is then negative are cells that no window meets.

        >>> Window2d.of(3, stride=2, padding=1).transposed((1, 0)).padding
        ((1, 0), (1, 1))
        """
        (top, bottom), (left, right) = self.padding
        return replace(self, padding=((top, bottom - output_padding[0]), (left, right - output_padding[1])))

    def input_size(self, out: Pair) -> Pair:
        """The size of the image on which so many windows stand, and on which nothing is left over at the end.

            n = (out - 1) * s + d*(k-1) + 1 - p_before - p_after

        >>> Window2d.of(3, stride=2, padding=1).input_size((4, 3))
        (7, 5)
        """
        sides = zip(out, self.stride, self.extent, self.padding, strict=True)
        H, W = ((count - 1) * s + reach - sum(padding) for count, s, reach, padding in sides)
        return H, W

    def tap(self, u: int, v: int, out: Pair) -> tuple[slice, slice]:
        """The rows and columns of the padded image that tap (u, v) of the kernel meets, over all `out` windows.

        `at` fixes the window and runs over the taps; `tap` fixes the tap and runs over the windows:

            s = 2, u = 1:     padded   0  1  2  3  4  5  6
                                          ^     ^     ^            u*d + i*s
        """
        (sH, sW), (dH, dW) = self.stride, self.dilation
        outH, outW = out
        return slice(u * dH, u * dH + (outH - 1) * sH + 1, sH), slice(v * dW, v * dW + (outW - 1) * sW + 1, sW)

    def cells(self, i: int, j: int, size: Pair) -> tuple[list[int], list[int]]:
        """The image rows and columns under window (i, j); cells outside the image of size (H, W) are left out.

        >>> Window2d.of(3, stride=2, padding=1).cells(0, 1, (8, 8))
        ([0, 1], [1, 2, 3])
        """

        def along(axis: int, position: int) -> list[int]:
            first = position * self.stride[axis] - self.padding[axis][0]
            reach = range(first, first + self.extent[axis], self.dilation[axis])
            return [cell for cell in reach if 0 <= cell < size[axis]]

        return along(0, i), along(1, j)

    def cell_counts(self, size: Pair, count_include_pad: bool) -> tuple[list[int], list[int]]:
        """Count the rows and the columns that an average over each window is divided by.

        Counted are the cells inside the image and its padding, but not those that ceil_mode lets hang over:

            image and padding  [.  0  1  2  3  4  .]
            window                            [4  .  |      2 with count_include_pad, 1 without

        >>> Window2d.of(3, stride=2, padding=1, ceil_mode=True).cell_counts((4, 4), count_include_pad=True)[0]
        [3, 3, 2]
        """

        def along(axis: int, count: int) -> list[int]:
            n, (before, after), k = size[axis], self.padding[axis], self.kernel_size[axis]
            starts = [position * self.stride[axis] - before for position in range(count)]
            if count_include_pad:
                return [min(start + k, n + after) - start for start in starts]
            return [min(start + k, n) - max(start, 0) for start in starts]

        outH, outW = self.output_size(size)
        return along(0, outH), along(1, outW)

    def covering(self, size: Pair) -> Padding:
        """The padding that every window needs: more at the end than `padding` where ceil_mode hangs over.

        >>> Window2d.of(2, stride=2, ceil_mode=True).covering((5, 4))
        ((0, 1), (0, 0))
        """
        out, sides = self.output_size(size), []
        for axis in (0, 1):
            before, after = self.padding[axis]
            needed = (out[axis] - 1) * self.stride[axis] + self.extent[axis] - before - size[axis]
            sides.append((before, max(after, needed)))
        return cast("Padding", tuple(sides))

    def check_pool(self, size: Pair) -> Pair:
        """The output size of a pool, after the checks that only pools need.

        Raises
        ------
        ValueError
            if a window covers no cell of the image: it has no maximum and no average. (Dilation can jump over a
            short padded axis. torch returns -inf there, and its backward then writes out of bounds.)
        """
        outH, outW = self.output_size(size)
        for axis, count in ((0, outH), (1, outW)):
            for position in range(count):
                if not self.cells(position, position, size)[axis]:  # of both axes one counts here
                    raise ValueError(
                        f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation="
                        f"{self.dilation} on an input of size {size}: along axis {axis}, window {position} covers no "
                        "cell of the input"
                    )
        return outH, outW


def pad2d(x: Array, padding: Padding, value: float = 0.0) -> Array:
    """Copy (..., H, W) images into a border of `value`; without any padding, the array itself.

    A negative number at the bottom or right takes so many cells away.

    >>> import numpy as np
    >>> pad2d(np.ones((1, 2)), ((0, 1), (1, 0)))
    array([[0., 1., 1.],
           [0., 0., 0.]])
    """
    (top, bottom), (left, right) = padding
    if not (top or bottom or left or right):
        return x
    x = x[..., : x.shape[-2] + min(bottom, 0), : x.shape[-1] + min(right, 0)]
    bottom, right = max(bottom, 0), max(right, 0)
    H, W = x.shape[-2:]
    padded = namespace_of(x).full((*x.shape[:-2], top + H + bottom, left + W + right), value, dtype=x.dtype)
    padded[..., top : top + H, left : left + W] = x
    return cast("Array", padded)


def unpad2d(padded: Array, padding: Padding) -> Array:
    """The view of the images inside the border that `pad2d` added; a copy with zeros where it took cells away."""
    (top, bottom), (left, right) = padding
    H, W = padded.shape[-2:]
    inside = padded[..., top : H - max(bottom, 0), left : W - max(right, 0)]
    return pad2d(inside, ((0, max(-bottom, 0)), (0, max(-right, 0))))
