"""The transposed convolution layer."""

from collections.abc import Sequence
from typing import Any, Literal

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Pair, Window2d, pair
from scratch.layers.base import Layer, as_images, check_array, check_same_dtype, positive
from scratch.module import floating


class ConvTranspose2d(Layer):
    """Spread every number of x over a window of y: torch.nn.ConvTranspose2d.

        y[n, o, i*sH + u*dH - pH, j*sW + v*dW - pW]  =  bias[o] + sum over all (c, u, v), (i, j) that meet there of
                                                        x[n, c, i, j] * weight[c, o, u, v]

        outH = (H - 1) * sH - 2 * pH + dH * (kH - 1) + output_padding + 1

    It is what a Conv2d with the same arguments does backwards, so it makes images larger where that makes them smaller.

    Parameters
    ----------
    in_channels, out_channels : C and O, at least 1
    kernel_size, stride, dilation : an int, or a pair (vertical, horizontal)
    padding : cells that are cut off y on each side, an int or a pair
    output_padding : cells that y has more at the bottom and right, less than the stride or the dilation: a stride of 2
        makes 4 of 7 and of 8 cells, and this says which of them is to come back
    groups : number of blocks into which the channels are divided
    bias : whether to add one number per output channel
    padding_mode : "zeros", as in torch there is no other
    dtype : float16, float32 (the default) or float64

    Attributes
    ----------
    weight : Parameter (C, O / groups, kH, kW), from U(-b, b) with b = 1 / sqrt(O / groups * kH * kW)
    bias : Parameter (O,) from the same distribution, or None

    Examples
    --------
    >>> import numpy as np, scratch
    >>> layer = scratch.ConvTranspose2d(1, 4, kernel_size=3, stride=2, padding=1)
    >>> layer(np.zeros((2, 1, 4, 3), np.float32)).shape
    (2, 4, 7, 5)
    >>> layer(np.zeros((2, 1, 4, 3), np.float32), output_size=(8, 5)).shape
    (2, 4, 8, 5)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        output_padding: int | Pair = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Pair = 1,
        padding_mode: Literal["zeros"] = "zeros",
        *,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_channels = positive("in_channels", in_channels)
        self.out_channels = positive("out_channels", out_channels)
        self.groups = positive("groups", groups)
        for name, value in (("in_channels", in_channels), ("out_channels", out_channels)):
            if value % groups:
                raise ValueError(f"{name}={value} must be divisible by groups={groups}")
        if padding_mode != "zeros":
            raise ValueError(
                f'padding_mode={padding_mode!r}: Only "zeros" padding mode is supported for ConvTranspose2d'
            )
        sides = pair(padding, "padding", least=0)  # no words, unlike Conv2d's
        self.window = Window2d.of(kernel_size, stride, sides, dilation)
        self.output_padding = pair(output_padding, "output_padding", least=0)
        steps = zip(self.output_padding, self.window.stride, self.window.dilation, strict=True)
        if any(more >= max(stride, dilation) for more, stride, dilation in steps):
            raise ValueError(
                "output padding must be smaller than either stride or dilation, but got "
                f"output_padding={self.output_padding}, stride={self.window.stride}, dilation={self.window.dilation}"
            )
        self.padding_mode = padding_mode

        kH, kW = self.window.kernel_size
        fan_in = out_channels // groups * kH * kW
        self.weight = self._parameter((in_channels, out_channels // groups, kH, kW), fan_in, floating(dtype))
        self.bias = self._parameter((out_channels,), fan_in, floating(dtype)) if bias else None

    def forward(self, x: Array, output_size: Sequence[int] | None = None) -> Any:
        """Compute y from x, and keep what backward needs: references, so x must stay as it is until then.

        Parameters
        ----------
        x : (N, C, H, W) or (C, H, W)
        output_size : the height and width of y, or its whole shape, in place of `output_padding`: at most a stride
            less one more than without any

        Raises
        ------
        TypeError, ValueError
            if x does not fit this layer, or y cannot have that size, before anything is computed
        """
        check_array(self.backend, "x", x)
        return self._run(x, lambda x: self._spread(x, output_size))

    def _spread(self, x: Array, output_size: Sequence[int] | None) -> tuple[Array, Saved]:
        images = as_images("x", x)
        if images.shape[1] != self.in_channels:
            raise ValueError(
                f"Given transposed=1, weight of size {list(self.weight.shape)}, expected input{list(x.shape)} to have "
                f"{self.in_channels} channels, but got {images.shape[1]} channels instead"
            )
        check_same_dtype("x", x, self.weight)
        more = self.output_padding if output_size is None else self._output_padding(x.shape, output_size)
        window = self.window.transposed(more)
        if min(window.input_size(images.shape[2:])) < 1:
            (H, W), (outH, outW) = images.shape[2:], window.input_size(images.shape[2:])
            raise ValueError(
                f"Given input size per channel: ({H} x {W}). Calculated output size per channel: ({outH} x {outW}). "
                f"Output size is too small: padding={tuple(p for p, _ in self.window.padding)} cuts all of it off"
            )
        algorithm = self._choose(self.backend.conv_transpose2d)
        bias = None if self.bias is None else self.bias.data
        y, saved = algorithm.conv_transpose2d(images, self.weight.data, bias, window, self.groups)
        return y if x.ndim == 4 else y[0], (algorithm, saved)

    def _output_padding(self, x_shape: tuple[int, ...], output_size: Sequence[int]) -> Pair:
        """How much more than without output_padding y has to have, to be of the size that is asked for."""
        if not isinstance(output_size, tuple | list) or len(output_size) not in (2, len(x_shape)):
            raise ValueError(
                f"output_size={output_size!r}: for {len(x_shape)}D input, output_size must have 2 or {len(x_shape)} "
                "elements, of which the last are height and width"
            )
        H, W = pair(tuple(output_size[-2:]), "output_size", least=1)
        leastH, leastW = self.window.input_size((x_shape[-2], x_shape[-1]))
        more = H - leastH, W - leastW
        if not all(0 <= extra < stride for extra, stride in zip(more, self.window.stride, strict=True)):
            mostH, mostW = (n + s - 1 for n, s in zip((leastH, leastW), self.window.stride, strict=True))
            raise ValueError(
                f"requested an output size of {[H, W]}, but valid sizes range from {[leastH, leastW]} to "
                f"{[mostH, mostW]} (for an input of {list(x_shape[-2:])})"
            )
        return more

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array | None
        dx, dweight, dbias = algorithm.conv_transpose2d_backward(dy if dy.ndim == 4 else dy[None], inner, needs_dx)
        self.weight.accumulate(dweight)
        if self.bias is not None:
            self.bias.accumulate(dbias)
        return dx if dx is None or dy.ndim == 4 else dx[0]

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.window.kernel_size}"
        text += f", stride={self.window.stride}"
        padding = tuple(p for p, _ in self.window.padding)
        for name, value, default in (
            ("padding", padding, (0, 0)),
            ("dilation", self.window.dilation, (1, 1)),
            ("output_padding", self.output_padding, (0, 0)),
            ("groups", self.groups, 1),
            ("bias", self.bias is not None, True),
        ):
            if value != default:
                text += f", {name}={value}"
        return text
