"""The convolution layer."""

from dataclasses import replace
from typing import Any, Literal

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.product import Conv2dAlgorithm, Conv2dCall, Conv2dForSome, LeftTo
from scratch.geometry import Pair, Window2d
from scratch.layers.base import Layer, as_images, check_same_dtype, positive
from scratch.layers.padding import PaddingMode, check_border, check_mode
from scratch.module import floating
from scratch.precision import current


class Conv2d(Layer):
    """Slide `out_channels` filters over images: torch.nn.Conv2d.

        y[n, o, i, j] = bias[o] + sum over c, u, v of  x[n, c, i*sH + u*dH - pH, j*sW + v*dW - pW] * weight[o, c, u, v]

    Parameters
    ----------
    in_channels, out_channels : C and O, at least 1
    kernel_size, stride, dilation : an int, or a pair (vertical, horizontal)
    padding : cells on each side, an int or a pair; or "valid" (none), or "same" (y as large as x)
    groups : number of blocks into which the channels are divided; a filter sees those of its own block only
    bias : whether to add one number per output channel
    padding_mode : what those cells are: "zeros", or made of x, by "reflect", "replicate" or "circular": see
        scratch/naive/pad.py
    dtype : float16, float32 (the default) or float64

    Attributes
    ----------
    weight : Parameter (O, C / groups, kH, kW), from U(-b, b) with b = 1 / sqrt(C / groups * kH * kW)
    bias : Parameter (O,) from the same distribution, or None

    Examples
    --------
    >>> import numpy as np, scratch
    >>> layer = scratch.Conv2d(1, 4, kernel_size=3, padding=1)
    >>> layer(np.zeros((2, 1, 8, 6), np.float32)).shape
    (2, 4, 8, 6)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair | Literal["same", "valid"] = 0,
        dilation: int | Pair = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
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
        self.padding = padding
        self.window = Window2d.of(kernel_size, stride, padding, dilation)
        check_mode(padding_mode)
        self.padding_mode = padding_mode
        self._slides = self.window  # over the image, or over one with a border made of it
        if padding_mode != "zeros":
            self._slides = replace(self.window, padding=((0, 0), (0, 0)))

        kH, kW = self.window.kernel_size
        fan_in = in_channels // groups * kH * kW
        self.weight = self._parameter((out_channels, in_channels // groups, kH, kW), fan_in, floating(dtype))
        self.bias = self._parameter((out_channels,), fan_in, floating(dtype)) if bias else None

        self._chosen: tuple[tuple[Any, ...], str] = ((), "")

    @property
    def algorithms(self) -> list[str]:
        """The names of the backend's algorithms that serve this layer, in the precision that is asked for."""
        shape, window, groups = self.weight.shape, self._slides, self.groups
        return [
            name
            for name, algorithm in self.backend.conv2d.items()
            if not isinstance(algorithm, Conv2dForSome) or algorithm.serves(shape, window, groups)
        ]

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        algorithm = self._algorithm_for(x)
        check_same_dtype("x", x, self.weight)
        images, border = x if x.ndim == 4 else x[None], None
        if self.padding_mode != "zeros":
            (pad,) = self.backend.pad2d.values()
            images, border = pad.pad2d(images, self.window.padding, self.padding_mode)
        bias = None if self.bias is None else self.bias.data
        y, saved = algorithm.conv2d(images, self.weight.data, bias, self._slides, self.groups)
        if isinstance(saved, LeftTo):
            self.ran = saved.name
        return y if x.ndim == 4 else y[0], (algorithm, saved, border)

    def _algorithm_for(self, x: Array) -> Conv2dAlgorithm:
        """The algorithm that was asked for, else the backend's choice; worked out once for each kind of call.

        Raises
        ------
        ValueError
            if x does not fit this layer, or the algorithm does not serve it
        """
        weight_shape = self.weight.data.shape
        case = (x.shape, weight_shape, self.window, self.groups, self.algorithm, current())
        if case != self._chosen[0]:
            images = as_images("x", x)
            if images.shape[1] != self.in_channels:
                raise ValueError(
                    f"Given groups={self.groups}, weight of size {list(weight_shape)}, expected input{list(x.shape)} "
                    f"to have {self.in_channels} channels, but got {images.shape[1]} channels instead"
                )
            check_border(x.shape, self.window.padding, self.padding_mode)
            self.window.output_size(images.shape[2:])
            serving = {name: self.backend.conv2d[name] for name in self.algorithms}
            if self.algorithm is None:
                (N, C, H, W), sides = images.shape, self.window.padding
                if self.padding_mode != "zeros":
                    H, W = H + sum(sides[0]), W + sum(sides[1])
                call = Conv2dCall((N, C, H, W), weight_shape, self._slides, self.groups)
                name = self.backend.choose_conv2d(call, list(serving))
            else:
                self._choose(serving)
                name = self.algorithm
            self._chosen = case, name
        self.ran = self._chosen[1]
        return self.backend.conv2d[self.ran]

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner, border = saved
        dx: Array | None
        dx, dweight, dbias = algorithm.conv2d_backward(dy if dy.ndim == 4 else dy[None], inner, needs_dx)
        self.weight.accumulate(dweight)
        if self.bias is not None:
            self.bias.accumulate(dbias)
        if dx is not None and border is not None:
            (pad,) = self.backend.pad2d.values()
            dx = pad.pad2d_backward(dx, border)
        return dx if dx is None or dy.ndim == 4 else dx[0]

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.window.kernel_size}"
        text += f", stride={self.window.stride}"
        padding = self.padding if isinstance(self.padding, str) else tuple(p for p, _ in self.window.padding)
        if padding != (0, 0):
            text += f", padding={padding}"
        if self.window.dilation != (1, 1):
            text += f", dilation={self.window.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        return text if self.padding_mode == "zeros" else text + f", padding_mode={self.padding_mode}"
