"""Conv2d and Linear by a matrix product of one's own choice: the same formulas in any order and any precision.

Convolution is three matrix products, with the windows as columns:

    y = filters @ columns,     dfilters = dy @ columns.T,     dcolumns = filters.T @ dy
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scratch.array import Array, HostArray
from scratch.contracts import Saved
from scratch.fast.conv import col2im, im2col
from scratch.geometry import Window2d, pad2d, unpad2d

Product: TypeAlias = Callable[[HostArray, HostArray], HostArray]
"""(groups, M, K), (groups, K, N) -> (groups, M, N)."""


class ByMatmul:
    """Both algorithms (a Conv2dAlgorithm and a LinearAlgorithm) on top of one matrix product.

    Parameters
    ----------
    product : multiplies stacks of matrices
    """

    def __init__(self, product: Product) -> None:
        self.product = product

    def conv2d(
        self, x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
    ) -> tuple[Array, Saved]:
        """Multiply the filters with the columns of all images at once: (groups, C/groups*kH*kW, N*outH*outW)."""
        padded, out = pad2d(x, window.padding), window.output_size(x.shape[2:])
        each = im2col(padded, window, slice(0, out[0]), out[1], groups)
        columns = each.transpose(1, 2, 0, 3).reshape(groups, each.shape[2], -1).astype(x.dtype, copy=False)
        filters = weight.reshape(groups, len(weight) // groups, -1)
        y = self.product(filters, columns).reshape(len(weight), len(x), *out).swapaxes(0, 1)
        if bias is not None:
            y = y + bias[:, None, None]
        return y, (columns, filters, padded.shape, weight.shape, bias, window)

    def conv2d_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]:
        """Multiply dy with the columns, and the filters with dy."""
        columns, filters, padded_shape, weight_shape, bias, window = saved
        N, O, outH, outW = dy.shape
        rows = dy.swapaxes(0, 1).reshape(len(filters), O // len(filters), -1)  # (groups, O/groups, N*outH*outW)
        dweight = self.product(rows, columns.swapaxes(1, 2)).reshape(weight_shape)
        dcolumns = self.product(filters.swapaxes(1, 2), rows)
        dpadded = np.zeros(padded_shape, dy.dtype)
        each = dcolumns.reshape(*dcolumns.shape[:2], N, outH * outW).transpose(2, 0, 1, 3)
        col2im(each, dpadded, window, slice(0, outH), outW)
        return unpad2d(dpadded, window.padding), dweight, None if bias is None else dy.sum(axis=(0, 2, 3))

    def linear(self, x: Array, weight: Array, bias: Array | None) -> tuple[Array, Saved]:
        """y = x @ weight.T + bias."""
        y = self.product(x[None], weight.T[None])[0]
        return y if bias is None else y + bias, (x, weight, bias)

    def linear_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]:
        """dx = dy @ weight, dweight = dy.T @ x."""
        x, weight, bias = saved
        dx, dweight = self.product(dy[None], weight[None])[0], self.product(dy.T[None], x[None])[0]
        return dx, dweight, None if bias is None else dy.sum(axis=0)


def forwards(a: HostArray, b: HostArray) -> HostArray:
    """Add one product after another."""
    total = np.zeros((*a.shape[:2], b.shape[2]), a.dtype)
    for k in range(a.shape[2]):
        total += a[:, :, k, None] * b[:, None, k]
    return total


def backwards(a: HostArray, b: HostArray) -> HostArray:
    """Add one product after another, from the last to the first."""
    return forwards(a[:, :, ::-1], b[:, ::-1])


def pairwise(a: HostArray, b: HostArray) -> HostArray:
    """Add the sums of both halves."""
    K = a.shape[2]
    if K < 2:
        return forwards(a, b)
    return pairwise(a[:, :, : K // 2], b[:, : K // 2]) + pairwise(a[:, :, K // 2 :], b[:, K // 2 :])


def blas(a: HostArray, b: HostArray) -> HostArray:
    """Leave it to the library."""
    return a @ b


def rounded_once(a: HostArray, b: HostArray) -> HostArray:
    """In float64, and the result rounded."""
    return (a.astype(np.float64) @ b.astype(np.float64)).astype(a.dtype)


def tf32(a: HostArray, b: HostArray) -> HostArray:
    """As a GPU does by default: the operands are rounded to 10 bits of mantissa, products and sums are float32."""
    return to_tf32(a) @ to_tf32(b)


def to_tf32(x: HostArray) -> HostArray:
    """Round float32 from 23 bits of mantissa to 10, to the nearest, ties to even.

    >>> to_tf32(np.float32([1 + 2**-10, 1 + 2**-11, 1 + 3 * 2**-11, -np.inf])) - 1
    array([0.00097656, 0.        , 0.00195312,       -inf], dtype=float32)
    """
    bits = np.ascontiguousarray(x).view(np.uint32)
    to_even = (bits >> 13) & 1
    return ((bits + 0xFFF + to_even) & 0xFFFFE000).astype(np.uint32).view(np.float32)


def half(a: HostArray, b: HostArray) -> HostArray:
    """In float16 throughout: operands, products and sums."""
    return forwards(a.astype(np.float16), b.astype(np.float16)).astype(a.dtype)


class ChannelsLast:
    """Conv2d with the channels last in memory, (N, H, W, C), by one einsum over views of the windows."""

    def conv2d(
        self, x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
    ) -> tuple[Array, Saved]:
        """y[n, i, j, g, o] = sum over c, u, v of windows[n, i, j, g, c, u, v] * filters[g, o, c, u, v]."""
        padded = np.ascontiguousarray(pad2d(x, window.padding).transpose(0, 2, 3, 1))
        filters = weight.reshape(groups, -1, *weight.shape[1:])
        y = np.einsum("nijgcuv,gocuv->nijgo", self._windows(padded, window, groups), filters)
        y = y.reshape(*y.shape[:3], len(weight))
        return (y if bias is None else y + bias).transpose(0, 3, 1, 2), (padded, filters, weight.shape, bias, window)

    def conv2d_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]:
        """The same sums over the other indices; dx tap by tap."""
        padded, filters, weight_shape, bias, window = saved
        groups = len(filters)
        last = dy.transpose(0, 2, 3, 1).reshape(len(dy), *dy.shape[2:], groups, dy.shape[1] // groups)
        dweight = np.einsum("nijgcuv,nijgo->gocuv", self._windows(padded, window, groups), last)
        dpadded = np.zeros_like(padded)
        for u, v in np.ndindex(window.kernel_size):
            taps = np.einsum("nijgo,goc->nijgc", last, filters[..., u, v])
            dpadded[:, *window.tap(u, v, dy.shape[2:])] += taps.reshape(*taps.shape[:3], padded.shape[3])
        dx = unpad2d(dpadded.transpose(0, 3, 1, 2), window.padding)
        return dx, dweight.reshape(weight_shape), None if bias is None else dy.sum(axis=(0, 2, 3))

    def _windows(self, padded: HostArray, window: Window2d, groups: int) -> HostArray:
        """A view (N, outH, outW, groups, C/groups, kH, kW)."""
        (sH, sW), (dH, dW) = window.stride, window.dilation
        views = sliding_window_view(padded, window.extent, axis=(1, 2))[:, ::sH, ::sW, :, ::dH, ::dW]
        return views.reshape(*views.shape[:3], groups, views.shape[3] // groups, *window.kernel_size)
