# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Transposed convolution, and what goes wrong in it."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Parameter
from parity_tests.mutants.conv import in_groups, joined
from parity_tests.mutants.table import Control, Mutant
from parity_tests.mutants.window import Borders, Pair, Windowed, cropped, padded, pair


class ConvTranspose2d(Windowed):
    """A window of y for each number of x, the kernel times it, added up where they overlap; and a bias.

    All windows at once, one tap (u, v) of the kernel after the other. G groups of channels, each for a block of y's:
    arrays are (N, G, C/G, H, W), and the weight is (G, C/G, O/G, kH, kW).
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
        dtype: Any = np.float32,
    ) -> None:
        self.place(kernel_size, stride, padding, dilation)
        self.output_padding, self.groups = self.more(pair(output_padding)), groups
        for more, s, d in zip(self.output_padding, self.stride, self.dilation, strict=True):
            if more >= max(s, d):
                raise ValueError("output_padding must be smaller than either stride or dilation")
        self.weight = Parameter(np.zeros((in_channels, out_channels // groups, *pair(kernel_size)), dtype))
        self.bias = Parameter(np.zeros(out_channels, dtype)) if bias else None

    def forward(self, x: Array) -> Array:
        self.x_shape = x.shape
        self.x = in_groups(x if x.ndim == 4 else x[None], self.groups)
        full, kernel = self.canvas(self.x.shape), self.kernel()
        for u, v, here in self.taps(self.x.shape):
            self.add(full, here, self.product("gco,ngchw->ngohw", kernel[..., u, v], self.x))
        y = self.with_bias(self.cut(joined(full)))
        return y.reshape(*self.x_shape[:-3], *y.shape[1:])

    def backward(self, dy: Array) -> Array:
        dy = dy if dy.ndim == 4 else dy[None]
        if self.bias is not None:
            self.bias.accumulate(self.bias_gradient(dy))
        full = in_groups(padded(dy, self.borders), self.groups)
        dx, dkernel, kernel = np.zeros_like(self.x), np.zeros_like(self.kernel()), self.kernel_of_dx()
        for u, v, here in self.taps(self.x.shape):
            dx += self.product("gco,ngohw->ngchw", kernel[..., u, v], full[here])
            dkernel[..., u, v] = self.product("ngchw,ngohw->gco", self.x, full[here])
        self.weight.accumulate(self.kernel_gradient(dkernel).reshape(self.weight.data.shape))
        return joined(dx).reshape(self.x_shape)

    def more(self, output_padding: Pair) -> Pair:
        """Rows and columns that y has more at the end."""
        return output_padding

    def canvas(self, x_shape: tuple[int, ...]) -> Array:
        """Zeros for y with what is cut off of it."""
        steps = zip(x_shape[3:], self.stride, self.output_padding, (0, 1), strict=True)
        size = [(n - 1) * s + self.extent(axis) + more for n, s, more, axis in steps]
        return np.zeros((*x_shape[:2], self.weight.data.shape[1], *size), self.x.dtype)

    def cut(self, full: Array) -> Array:
        """Without the padding."""
        return cropped(full, self.borders)

    def arranged(self, kernel: Array) -> Array:
        """The kernel as it is laid upon y; the gradient goes the same way back."""
        return kernel

    def kernel(self) -> Array:
        """The weight in groups."""
        C, *rest = self.weight.data.shape
        return self.arranged(self.weight.data.reshape(self.groups, C // self.groups, *rest))

    def kernel_of_dx(self) -> Array:
        """The kernel that carries dy back."""
        return self.kernel()

    def kernel_gradient(self, dkernel: Array) -> Array:
        """The gradient of the weight from that of the kernel."""
        return self.arranged(dkernel)

    def bias_gradient(self, dy: Array) -> Array:
        """Sum over samples and pixels."""
        return dy.sum(axis=(0, 2, 3))

    def with_bias(self, y: Array) -> Array:
        """The same number for a whole map."""
        return y if self.bias is None else y + self.bias.data[:, None, None]

    def product(self, indices: str, a: Array, b: Array) -> Array:
        """The arithmetic."""
        product: Array = np.einsum(indices, a, b)
        return product


class KernelFlipped(ConvTranspose2d):
    """Turns the kernel by 180 degrees, as whoever thinks that a transposed convolution needs it."""

    def arranged(self, kernel: Array) -> Array:
        return kernel[..., ::-1, ::-1]


class StrideSwapped(ConvTranspose2d):
    """Takes stride for (sW, sH)."""

    def steps(self, stride: Pair) -> Pair:
        return stride[::-1]


class PaddingSwapped(ConvTranspose2d):
    """Takes padding for (pW, pH)."""

    def margins(self, padding: Any) -> Borders:
        return super().margins(padding)[::-1]


class PaddingIgnored(ConvTranspose2d):
    """Cuts nothing off."""

    def margins(self, padding: Any) -> Borders:
        return (0, 0), (0, 0)


class DilationSwapped(ConvTranspose2d):
    """Takes dilation for (dW, dH)."""

    def spacing(self, dilation: Pair) -> Pair:
        return dilation[::-1]


class DilationIgnored(ConvTranspose2d):
    """Has its taps side by side, whatever the dilation."""

    def spacing(self, dilation: Pair) -> Pair:
        return 1, 1


class OutputPaddingSwapped(ConvTranspose2d):
    """Takes output_padding for (width, height)."""

    def more(self, output_padding: Pair) -> Pair:
        return output_padding[::-1]


class OutputPaddingIgnored(ConvTranspose2d):
    """Returns the smallest y that there is for x."""

    def more(self, output_padding: Pair) -> Pair:
        return 0, 0


class WindowsOverwritten(ConvTranspose2d):
    """Writes the windows into y, where it should add them up: of those that overlap the last tap wins."""

    def add(self, dx: Array, here: Any, share: Array) -> None:
        dx[here] = share


class GroupsDealt(ConvTranspose2d):
    """Returns the first map of every group, then the second of every group, and so on."""

    def with_bias(self, y: Array) -> Array:
        return joined(in_groups(super().with_bias(y), self.groups).swapaxes(1, 2))


class DxByTheTurnedKernel(ConvTranspose2d):
    """Makes dx by the kernel turned by 180 degrees."""

    def kernel_of_dx(self) -> Array:
        return self.kernel()[..., ::-1, ::-1]


class BiasMissing(ConvTranspose2d):
    """Adds no bias."""

    def with_bias(self, y: Array) -> Array:
        return y


class DbiasNotSummed(ConvTranspose2d):
    """Sums dbias over the pixels of the first sample only."""

    def bias_gradient(self, dy: Array) -> Array:
        return super().bias_gradient(dy[:1])


class DbiasAveraged(ConvTranspose2d):
    """Averages dbias over samples and pixels."""

    def bias_gradient(self, dy: Array) -> Array:
        return super().bias_gradient(dy) / max(1, dy[:, 0].size)


class DweightAveraged(ConvTranspose2d):
    """Averages dweight over the samples."""

    def kernel_gradient(self, dkernel: Array) -> Array:
        return super().kernel_gradient(dkernel) / max(1, len(self.x))


class ByConv(ConvTranspose2d):
    """A convolution by the turned kernel of x with zeros between its numbers."""

    def forward(self, x: Array) -> Array:
        self.x_shape = x.shape
        self.x = in_groups(x if x.ndim == 4 else x[None], self.groups)
        full, kernel = self.canvas(self.x.shape), self.kernel()
        ends = [self.extent(axis) - 1 for axis in (0, 1)]
        spread = np.zeros((*self.x.shape[:3], *(n + end for n, end in zip(full.shape[3:], ends, strict=True))), x.dtype)
        (sH, sW), (H, W) = self.stride, self.x.shape[3:]
        spread[..., ends[0] : ends[0] + sH * H : sH, ends[1] : ends[1] + sW * W : sW][..., :H, :W] = self.x
        for u, v in np.ndindex(*self.kernel_size):
            top, left = ends[0] - u * self.dilation[0], ends[1] - v * self.dilation[1]
            seen = spread[..., top : top + full.shape[3], left : left + full.shape[4]]
            full += self.product("gco,ngchw->ngohw", kernel[..., u, v], seen)
        y = self.with_bias(self.cut(joined(full)))
        return y.reshape(*self.x_shape[:-3], *y.shape[1:])


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "ConvTranspose2d", *suspects)


MUTANTS = [
    row(KernelFlipped, "kernel-flipped"),
    row(StrideSwapped, "stride-swapped"),
    row(PaddingSwapped, "padding-swapped"),
    row(PaddingIgnored, "padding-ignored"),
    row(DilationSwapped, "dilation-swapped"),
    row(DilationIgnored, "dilation-ignored"),
    row(OutputPaddingSwapped, "output_padding-swapped"),
    row(OutputPaddingIgnored, "output_padding-ignored"),
    row(WindowsOverwritten),
    row(GroupsDealt, "channels-permuted"),
    row(DxByTheTurnedKernel, "kernel-not-rotated-in-dx"),
    row(BiasMissing, "bias-missing"),
    row(DbiasNotSummed, "dbias-not-summed"),
    row(DbiasAveraged, "dbias-averaged"),
    row(DweightAveraged, "dweight-averaged"),
]

CONTROLS = [Control(ByConv, "ConvTranspose2d")]
