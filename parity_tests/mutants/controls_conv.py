# ruff: noqa: D102  (the base says what a method is for, the class says what is different)
"""Convolutions that are right, each computed in its own way."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from parity_tests.mutants.base import Array
from parity_tests.mutants.conv import Conv2d
from parity_tests.mutants.table import Control
from parity_tests.mutants.window import Pair, padded


class Loops(Conv2d):
    """One window after the other, its products summed at once."""

    def correlate(self, x: Array, kernel: Array, out: Pair) -> Array:
        y = np.zeros((len(x), *kernel.shape[:2], *out), x.dtype)
        for i, j in np.ndindex(*out):
            y[..., i, j] = (x[self.window(i, j)][:, :, None] * kernel).sum(axis=(3, 4, 5))
        return y

    def kernel_gradient(self, dy: Array) -> Array:
        dkernel = np.zeros(self.kernel().shape, dy.dtype)
        for i, j in np.ndindex(*dy.shape[3:]):
            dkernel += (dy[..., i, j][..., None, None, None] * self.x[self.window(i, j)][:, :, None]).sum(axis=0)
        return dkernel

    def image_gradient(self, dy: Array) -> Array:
        dx, kernel = np.zeros(self.x.shape, dy.dtype), self.kernel()
        for i, j in np.ndindex(*dy.shape[3:]):
            dx[self.window(i, j)] += (dy[..., i, j][..., None, None, None] * kernel).sum(axis=2)
        return dx

    def window(self, i: int, j: int) -> Any:
        """The index of a window in the padded image."""
        top, left = i * self.stride[0], j * self.stride[1]
        rows = slice(top, top + self.extent(0), self.dilation[0])
        return (..., rows, slice(left, left + self.extent(1), self.dilation[1]))


class Im2col(Conv2d):
    """The windows as columns of a matrix, and a matrix product."""

    def columns(self, x: Array, out: Pair) -> Array:
        """(N, G, C/G * kH * kW, outH * outW)."""
        taps = np.stack([x[here] for _, _, here in self.taps(out)], axis=3)
        return merged(merged(taps, 2), 3)

    def filters(self) -> Array:
        """(G, O/G, C/G * kH * kW)."""
        return merged(merged(self.kernel(), 2), 2)

    def correlate(self, x: Array, kernel: Array, out: Pair) -> Array:
        y = self.multiplied(self.filters(), self.columns(x, out))
        return y.reshape(*y.shape[:3], *out)

    def kernel_gradient(self, dy: Array) -> Array:
        columns = self.columns(self.x, (dy.shape[3], dy.shape[4]))
        dkernel: Array = self.multiplied(merged(dy, 3), columns.swapaxes(2, 3)).sum(axis=0)
        return dkernel.reshape(self.kernel().shape)

    def image_gradient(self, dy: Array) -> Array:
        columns = self.multiplied(self.filters().swapaxes(1, 2), merged(dy, 3))
        taps = columns.reshape(*self.x.shape[:3], *self.kernel_size, *dy.shape[3:])
        dx = np.zeros(self.x.shape, dy.dtype)
        for u, v, here in self.taps(dy.shape):
            dx[here] += taps[:, :, :, u, v]
        return dx

    def multiplied(self, a: Array, b: Array) -> Array:
        """The matrix product."""
        product: Array = a @ b
        return product


class Float64Inside(Im2col):
    """The sums in float64, rounded once at the end."""

    def multiplied(self, a: Array, b: Array) -> Array:
        return super().multiplied(a.astype(np.float64), b.astype(np.float64)).astype(a.dtype)


class LastProductFirst(Im2col):
    """The sums from the last product to the first, one after the other."""

    def multiplied(self, a: Array, b: Array) -> Array:
        total = 0 * super().multiplied(a[..., :0], b[..., :0, :])
        for k in reversed(range(a.shape[-1])):
            total = total + a[..., k, None] * b[..., k, None, :]
        return total


class Kahan(Im2col):
    """Compensated sums: what one addition rounds off is added to the next product."""

    def multiplied(self, a: Array, b: Array) -> Array:
        total = super().multiplied(a[..., :0], b[..., :0, :])
        lost = np.zeros_like(total)
        for k in range(a.shape[-1]):
            term = a[..., k, None] * b[..., k, None, :] - lost
            larger = total + term
            lost = np.where(np.isfinite(larger), (larger - total) - term, 0).astype(total.dtype)
            total = larger
        return total


class Pairwise(Im2col):
    """The sum of the sums of both halves."""

    def multiplied(self, a: Array, b: Array) -> Array:
        half = a.shape[-1] // 2
        if half == 0:
            return super().multiplied(a, b)
        return self.multiplied(a[..., :half], b[..., :half, :]) + self.multiplied(a[..., half:], b[..., half:, :])


class ChannelBlocks(Im2col):
    """The columns in blocks, whose products are added up in one buffer."""

    def multiplied(self, a: Array, b: Array) -> Array:
        total = super().multiplied(a[..., :0], b[..., :0, :])
        for start in range(0, a.shape[-1], 4):
            total += a[..., start : start + 4] @ b[..., start : start + 4, :]
        return total


class FusedBias(Im2col):
    """The bias as one more weight, for a column of ones."""

    def correlate(self, x: Array, kernel: Array, out: Pair) -> Array:
        filters, columns = self.filters(), self.columns(x, out)
        bias = np.zeros(filters.shape[:2], x.dtype) if self.bias is None else self.bias.data.reshape(filters.shape[:2])
        filters = np.concatenate([filters, bias[..., None]], axis=2)
        columns = np.concatenate([columns, np.ones_like(columns[:, :, :1])], axis=2)
        y = self.multiplied(filters, columns)
        return y.reshape(*y.shape[:3], *out)

    def with_bias(self, y: Array) -> Array:
        return y


class ChannelsLast(Conv2d):
    """(N, H, W, G, C/G) in memory, and views of the windows; dx is gathered, each cell from the windows that saw it."""

    def views(self, x: Array) -> Array:
        """(N, outH, outW, G, C/G, kH, kW), without copying."""
        last = np.ascontiguousarray(x.transpose(0, 3, 4, 1, 2))
        views = sliding_window_view(last, (self.extent(0), self.extent(1)), axis=(1, 2))
        (sH, sW), (dH, dW) = self.stride, self.dilation
        found: Array = views[:, ::sH, ::sW, :, :, ::dH, ::dW]
        return found

    def correlate(self, x: Array, kernel: Array, out: Pair) -> Array:
        return np.einsum("nijgcuv,gocuv->ngoij", self.views(x), kernel, optimize=True)

    def kernel_gradient(self, dy: Array) -> Array:
        views = self.views(self.x)[:, : dy.shape[3], : dy.shape[4]]
        return np.einsum("nijgcuv,ngoij->gocuv", views, dy, optimize=True)

    def image_gradient(self, dy: Array) -> Array:
        (sH, sW), (dH, dW), (H, W) = self.stride, self.dilation, self.x.shape[3:]
        margin = self.extent(0) - 1, self.extent(1) - 1
        spread = np.zeros((*dy.shape[:3], H + margin[0], W + margin[1]), dy.dtype)
        rows, columns = (slice(m, m + s * n, s) for m, s, n in zip(margin, (sH, sW), dy.shape[3:], strict=True))
        spread[..., rows, columns] = dy
        dx = np.zeros(self.x.shape, dy.dtype)
        for u, v in np.ndindex(*self.kernel_size):
            top, left = margin[0] - u * dH, margin[1] - v * dW
            seen = spread[..., top : top + H, left : left + W]
            dx += np.einsum("goc,ngohw->ngchw", self.kernel()[..., u, v], seen)
        return dx


class ReusedBuffers(Conv2d):
    """Pads in a buffer that is kept between calls, and clears it; what it returns is its own memory."""

    buffer: Array | None = None

    def padded(self, x: Array) -> Array:
        if self.padding_mode != "zeros":
            return super().padded(x)
        shape = padded(x[:0], self.borders).shape[1:]
        if self.buffer is None or self.buffer.shape != (len(x), *shape) or self.buffer.dtype != x.dtype:
            self.buffer = np.empty((len(x), *shape), x.dtype)
        self.buffer.fill(0)
        self.cropped(self.buffer)[...] = x
        return self.buffer


class ByFft(Conv2d):
    """The sums over the window as products of spectra, in float64; what is not finite goes the direct way."""

    def correlate(self, x: Array, kernel: Array, out: Pair) -> Array:
        if not (np.isfinite(x).all() and np.isfinite(kernel).all()):
            return super().correlate(x, kernel, out)
        size = (x.shape[3], x.shape[4])
        spread = np.zeros((*kernel.shape[:3], *size))
        (sH, sW), (dH, dW) = self.stride, self.dilation
        spread[..., : self.extent(0) : dH, : self.extent(1) : dW] = kernel
        spectra = np.fft.rfft2(x.astype(np.float64))[:, :, None] * np.conj(np.fft.rfft2(spread))
        y = np.fft.irfft2(spectra.sum(axis=3), size)
        return y[..., : sH * (out[0] - 1) + 1 : sH, : sW * (out[1] - 1) + 1 : sW].astype(x.dtype)


def merged(x: Array, axis: int) -> Array:
    """The same numbers with two neighbouring axes as one."""
    return x.reshape(*x.shape[:axis], x.shape[axis] * x.shape[axis + 1], *x.shape[axis + 2 :])


CONTROLS = [
    Control(Loops, "Conv2d"),
    Control(Im2col, "Conv2d"),
    Control(Float64Inside, "Conv2d"),
    Control(LastProductFirst, "Conv2d"),
    Control(Kahan, "Conv2d"),
    Control(Pairwise, "Conv2d"),
    Control(ChannelBlocks, "Conv2d"),
    Control(FusedBias, "Conv2d"),
    Control(ChannelsLast, "Conv2d"),
    Control(ReusedBuffers, "Conv2d"),
    Control(ByFft, "Conv2d", normwise=True),
]
