# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Convolution, and what goes wrong in its forward (the gradients belong to it, as autograd would give them)."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Parameter
from parity_tests.mutants.table import Mutant
from parity_tests.mutants.window import Borders, Pair, Windowed, cropped, padded, pair


class Conv2d(Windowed):
    """The sum of weight times padded image over each window, and a bias.

        y[n, o, i, j] = bias[o] + sum over c, u, v of weight[o, c, u, v] * padded[n, c, i*sH + u*dH, j*sW + v*dW]

    All windows at once, one tap (u, v) of the kernel after the other. G groups of filters, each for a block of the
    channels: arrays are (N, G, C/G, H, W), and the weight is (G, O/G, C/G, kH, kW).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair | str = 0,
        dilation: int | Pair = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        dtype: Any = np.float32,
    ) -> None:
        self.padding_mode = padding_mode
        self.place(kernel_size, stride, padding, dilation)
        self.groups = groups
        self.weight = Parameter(np.zeros((out_channels, in_channels // groups, *pair(kernel_size)), dtype))
        self.bias = Parameter(np.zeros(out_channels, dtype)) if bias else None

    def forward(self, x: Array) -> Array:
        self.x_shape = x.shape
        x = x if x.ndim == 4 else x[None]
        self.x = self.grouped(self.padded(x))
        out = self.windows(x.shape[2], 0), self.windows(x.shape[3], 1)
        y = self.with_bias(joined(self.correlate(self.x, self.kernel(), out)))
        return y.reshape(*self.x_shape[:-3], *y.shape[1:])

    def backward(self, dy: Array) -> Array:
        dy = dy if dy.ndim == 4 else dy[None]
        if self.bias is not None:
            self.bias.accumulate(self.bias_gradient(dy))
        upstream = in_groups(dy, self.groups)
        self.weight.accumulate(self.arranged(self.kernel_gradient(upstream)).reshape(self.weight.data.shape))
        dx = self.cropped(self.ungrouped_inputs(self.image_gradient(upstream)))
        return dx.reshape(*self.x_shape[:-3], *dx.shape[1:])

    def margins(self, padding: int | Pair | str) -> Borders:
        if padding == "valid":
            return (0, 0), (0, 0)
        if padding == "same":
            return self.halves(self.extent(0) - 1), self.halves(self.extent(1) - 1)
        return super().margins(padding)

    def halves(self, total: int) -> Pair:
        """The padding on both sides for 'same'; an odd cell goes to the end."""
        return total // 2, total - total // 2

    def padded(self, x: Array) -> Array:
        """The image with its border, of zeros or of copies."""
        if self.padding_mode == "zeros":
            return padded(x, self.borders)
        self.sources = [self.copied(n, *border) for n, border in zip(x.shape[2:], self.borders, strict=True)]
        return x[:, :, self.sources[0][:, None], self.sources[1]]

    def copied(self, n: int, before: int, after: int) -> Array:
        """Which of n cells stands at each place of a row and its border."""
        if max(before, after) > {"reflect": n - 1, "replicate": np.inf, "circular": n}[self.padding_mode]:
            raise ValueError(f"{n} cells are too few for a border of {before} and {after}")
        places = np.arange(-before, n + after)
        return {
            "reflect": n - 1 - abs(n - 1 - abs(places)),
            "replicate": np.clip(places, 0, n - 1),
            "circular": places % n,
        }[self.padding_mode]

    def cropped(self, dpadded: Array) -> Array:
        """Without the border, whose gradients belong to the cells that it was copied from."""
        if self.padding_mode == "zeros":
            return cropped(dpadded, self.borders)
        for axis, source in enumerate(self.sources, start=2):
            dpadded = self.collected(dpadded, source, axis)
        return dpadded

    def collected(self, dpadded: Array, source: Array, axis: int) -> Array:
        """The sum over all copies of each cell, along an axis."""
        along = np.moveaxis(dpadded, axis, 0)
        total = np.zeros((source.max() + 1, *along.shape[1:]), dpadded.dtype)
        np.add.at(total, source, along)
        return np.moveaxis(total, 0, axis)

    def arranged(self, kernel: Array) -> Array:
        """The kernel as it is laid upon the image; the gradient goes the same way back."""
        return kernel

    def kernel(self) -> Array:
        """The weight in groups."""
        O, *rest = self.weight.data.shape
        return self.arranged(self.weight.data.reshape(self.groups, O // self.groups, *rest))

    def grouped(self, x: Array) -> Array:
        """Give each group its block of channels."""
        return in_groups(x, self.groups)

    def ungrouped_inputs(self, x: Array) -> Array:
        """And back."""
        return joined(x)

    def correlate(self, x: Array, kernel: Array, out: Pair) -> Array:
        """y without bias: for each tap a matrix product over the channels."""
        y = np.zeros((len(x), *kernel.shape[:2], *out), x.dtype)
        for u, v, here in self.taps(out):
            y += self.product("goc,ngchw->ngohw", kernel[..., u, v], x[here])
        return y

    def kernel_gradient(self, dy: Array) -> Array:
        """dkernel[g, o, c, u, v] = sum over n, i, j of dy[n, g, o, i, j] * what the tap saw there."""
        dkernel = np.zeros((*dy.shape[1:3], self.x.shape[2], *self.kernel_size), dy.dtype)
        for u, v, here in self.taps_back(dy.shape):
            dkernel[..., u, v] = self.product("ngohw,ngchw->goc", dy, self.x[here])
        return dkernel

    def image_gradient(self, dy: Array) -> Array:
        """dx, padding and groups still in it: each tap adds its share to the cells that it saw."""
        dx, kernel = np.zeros(self.x.shape, dy.dtype), self.kernel_of_dx()
        for u, v, here in self.taps_back(dy.shape):
            self.add(dx, here, self.product("goc,ngohw->ngchw", kernel[..., u, v], dy))
        return dx

    def kernel_of_dx(self) -> Array:
        """The kernel that carries dy back."""
        return self.kernel()

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


def in_groups(x: Array, groups: int) -> Array:
    """(N, C, H, W) -> (N, G, C/G, H, W)."""
    N, C, H, W = x.shape
    return x.reshape(N, groups, C // groups, H, W)


def joined(x: Array) -> Array:
    """(N, G, C/G, H, W) -> (N, C, H, W)."""
    N, G, c, H, W = x.shape
    return x.reshape(N, G * c, H, W)


class KernelFlipped(Conv2d):
    """The true convolution of mathematics, with the kernel turned by 180 degrees, and its gradients."""

    def arranged(self, kernel: Array) -> Array:
        return kernel[..., ::-1, ::-1]


class KernelTransposed(Conv2d):
    """Takes weight[o, c, u, v] for row v and column u of the kernel."""

    def place(self, kernel_size: int | Pair, stride: int | Pair, padding: Any, dilation: int | Pair) -> None:
        super().place(pair(kernel_size)[::-1], stride, padding, dilation)

    def arranged(self, kernel: Array) -> Array:
        return kernel.swapaxes(-1, -2)


class StrideSwapped(Conv2d):
    """Takes stride for (sW, sH)."""

    def steps(self, stride: Pair) -> Pair:
        return stride[::-1]


class PaddingSwapped(Conv2d):
    """Takes padding for (pW, pH)."""

    def margins(self, padding: int | Pair | str) -> Borders:
        return super().margins(padding)[::-1]


class DilationSwapped(Conv2d):
    """Takes dilation for (dW, dH)."""

    def spacing(self, dilation: Pair) -> Pair:
        return dilation[::-1]


class StrideIgnored(Conv2d):
    """Moves by one cell, whatever the stride."""

    def steps(self, stride: Pair) -> Pair:
        return 1, 1


class PaddingIgnored(Conv2d):
    """Pads nothing."""

    def margins(self, padding: int | Pair | str) -> Borders:
        return (0, 0), (0, 0)


class DilationIgnored(Conv2d):
    """Has its taps side by side, whatever the dilation."""

    def spacing(self, dilation: Pair) -> Pair:
        return 1, 1


class PaddingOnOneSide(Conv2d):
    """Puts all padding at the top and left."""

    def margins(self, padding: int | Pair | str) -> Borders:
        (top, bottom), (left, right) = super().margins(padding)
        return (top + bottom, 0), (left + right, 0)


class PaddingOffByOne(Conv2d):
    """Pads one cell more on each side, where there is any padding."""

    def margins(self, padding: int | Pair | str) -> Borders:
        (top, bottom), (left, right) = super().margins(padding)
        more_rows, more_columns = int(top + bottom > 0), int(left + right > 0)
        return (top + more_rows, bottom + more_rows), (left + more_columns, right + more_columns)


class EdgeRepeated(Conv2d):
    """Pads with the outermost pixels rather than with zeros."""

    def padded(self, x: Array) -> Array:
        if self.padding_mode != "zeros":
            return super().padded(x)
        return np.pad(x, ((0, 0), (0, 0), *self.borders), "edge") if x.size else super().padded(x)


class DilationOffByOne(Conv2d):
    """Puts the taps of a dilated kernel one cell too close together."""

    def spacing(self, dilation: Pair) -> Pair:
        dH, dW = dilation
        return max(1, dH - 1), max(1, dW - 1)


class SameOnTheWrongSide(Conv2d):
    """Puts the odd cell of padding='same' at the top and left."""

    def halves(self, total: int) -> Pair:
        return total - total // 2, total // 2


class GroupsIgnored(Conv2d):
    """Lays the filters of all groups on the first block of channels."""

    def grouped(self, x: Array) -> Array:
        return np.repeat(in_groups(x, self.groups)[:, :1], self.groups, axis=1)

    def ungrouped_inputs(self, x: Array) -> Array:
        first = x.sum(axis=1, keepdims=True)
        return joined(np.concatenate([first, np.zeros_like(x[:, 1:])], axis=1))


class GroupsInterleaved(Conv2d):
    """Deals the channels out to the groups like cards: channel c to group c % groups."""

    def grouped(self, x: Array) -> Array:
        return in_groups(x, x.shape[1] // self.groups).swapaxes(1, 2)

    def ungrouped_inputs(self, x: Array) -> Array:
        return joined(x.swapaxes(1, 2))


class OutputsOfGroupsMixed(Conv2d):
    """Returns the first map of every group, then the second of every group, and so on."""

    def with_bias(self, y: Array) -> Array:
        return joined(in_groups(super().with_bias(y), self.groups).swapaxes(1, 2))


class BiasMissing(Conv2d):
    """Adds no bias."""

    def with_bias(self, y: Array) -> Array:
        return y


class ChannelsReversed(Conv2d):
    """Takes the channels in reverse: an image in BGR for one in RGB."""

    def padded(self, x: Array) -> Array:
        return super().padded(x)[:, ::-1]

    def ungrouped_inputs(self, x: Array) -> Array:
        return super().ungrouped_inputs(x)[:, ::-1]


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "Conv2d", *suspects)


MUTANTS = [
    row(KernelFlipped, "kernel-flipped"),
    row(KernelTransposed, "kernel-transposed"),
    row(StrideSwapped, "stride-swapped"),
    row(PaddingSwapped, "padding-swapped"),
    row(DilationSwapped, "dilation-swapped"),
    row(StrideIgnored, "stride-ignored"),
    row(PaddingIgnored, "padding-ignored"),
    row(DilationIgnored, "dilation-ignored"),
    row(PaddingOnOneSide, "padding-on-one-side"),
    row(PaddingOffByOne, "padding-off-by-one"),
    row(EdgeRepeated, "padding-not-zero"),
    row(DilationOffByOne, "dilation-off-by-one"),
    row(SameOnTheWrongSide, "padding-same-on-the-wrong-side"),
    row(GroupsIgnored, "groups-ignored"),
    row(GroupsInterleaved, "groups-interleaved"),
    row(OutputsOfGroupsMixed, "output-channels-of-groups-mixed"),
    row(BiasMissing, "bias-missing"),
    row(ChannelsReversed, "channels-permuted"),
]
