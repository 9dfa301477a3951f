"""Convolution of small images: all columns at once, in as few calls as there can be.

On an image of 8 x 8 pixels nothing takes long but calling NumPy: each call costs 0.3 to 2 microseconds, and the loop of
scratch/fast/conv_im2col.py over blocks, parts and reused buffers a dozen more. Here are none, and whatever depends on
shapes only is worked out once:

    x -> (border of zeros) -> view (c, u, v, i, j) -> columns (taps, windows) -> filters @ columns -> + bias = y

    columns, a tap each:     channel a, tap (0, 0)   [ a00 a01 a02 a10 a11 a12 ]        y, in planes
                             channel a, tap (0, 1)   [ a01 a02 a03 a11 a12 a13 ]

Microseconds for 1x8x8 and four 3x3 filters, on a 2.3 GHz Xeon: forward 3.7 (im2col 11.3), gradients of weight and bias
3.5 (13.0), all gradients 11.4 (37.3).

The loops this replaces: scratch/naive/conv.py; the form to read first: scratch/fast/conv.py.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.conv_im2col import finite, gradient_of_x, turned_filters, turned_window
from scratch.geometry import Pair, Window2d

LIMIT_BYTES = 16 * 2**20
"""How much a matrix may take."""

KEPT_BYTES = 2**17
"""Columns that take so little are kept for backward; others are made anew there."""


class Plan(NamedTuple):
    """What depends on shapes only; of one image in one group the matrices have two axes, else four: (N, groups, ...).

    Attributes
    ----------
    y_shape : (N, O, outH, outW)
    padded_shape, inside : of x with its border, and where x lies in it; None without one
    taps_shape, taps_strides : the view of x with an index for each tap and window
    columns, filters, product, bias : the shapes of the matrices
    """

    y_shape: tuple[int, ...]
    padded_shape: tuple[int, ...] | None
    inside: tuple[slice, ...]
    taps_shape: tuple[int, ...]
    taps_strides: tuple[int, ...]
    columns: tuple[int, ...]
    filters: tuple[int, ...]
    product: tuple[int, ...]
    bias: tuple[int, ...]


@lru_cache(maxsize=256)
def plan_of(
    x_shape: tuple[int, ...], weight_shape: tuple[int, ...], window: Window2d, groups: int, itemsize: int
) -> Plan:
    """Work out the shapes.

    Raises
    ------
    ValueError
        if the columns would take more than LIMIT_BYTES
    """
    (N, channels, H, W), (O, C, kH, kW) = x_shape, weight_shape
    (top, bottom), (left, right) = window.padding
    (sH, sW), (dH, dW) = window.stride, window.dilation
    outH, outW = window.output_size((H, W))
    if temporary_bytes(x_shape, weight_shape, (outH, outW), itemsize) > LIMIT_BYTES:
        raise ValueError(
            f"x of shape {x_shape}, weight of shape {weight_shape}: algorithm 'one_product' is for small images; here "
            f"its matrices would take more than {LIMIT_BYTES} bytes. 'im2col' makes them in blocks"
        )
    h, w = top + H + bottom, left + W + right
    along_n, along_c, along_h = channels * h * w * itemsize, h * w * itemsize, w * itemsize
    lead = () if N == groups == 1 else (N, groups)
    return Plan(
        y_shape=(N, O, outH, outW),
        padded_shape=(N, channels, h, w) if (h, w) != (H, W) else None,
        inside=(slice(None), slice(None), slice(top, top + H), slice(left, left + W)),
        taps_shape=(N, channels, kH, kW, outH, outW),
        taps_strides=(along_n, along_c, along_h * dH, itemsize * dW, along_h * sH, itemsize * sW),
        columns=(*lead, C * kH * kW, outH * outW),
        filters=(*lead[1:], O // groups, C * kH * kW),
        product=(*lead, O // groups, outH * outW),
        bias=(*lead[1:], O // groups, 1),
    )


def temporary_bytes(x_shape: tuple[int, ...], weight_shape: tuple[int, ...], out: Pair, itemsize: int) -> int:
    """What the largest matrix takes: the columns, or a dweight for each image."""
    (N, channels, _, _), (O, C, kH, kW) = x_shape, weight_shape
    return N * kH * kW * max(channels * out[0] * out[1], O * C) * itemsize


def columns_of(x: Array, plan: Plan) -> Array:
    """Copy the windows into columns."""
    if plan.padded_shape is not None:
        padded = np.zeros(plan.padded_shape, x.dtype)
        padded[plan.inside] = x
        x = padded
    elif not x.flags.c_contiguous:
        x = x.copy()
    return np.ndarray(plan.taps_shape, x.dtype, x, 0, plan.taps_strides).reshape(plan.columns)


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Multiply the filters with all columns.

    Parameters, returns: as `scratch.naive.conv.conv2d`.

    Raises
    ------
    ValueError
        if the columns would take more than LIMIT_BYTES
    """
    plan = plan_of(x.shape, weight.shape, window, groups, x.itemsize)
    columns = columns_of(x, plan)
    y = np.matmul(weight.reshape(plan.filters), columns)
    if bias is not None:
        y += bias.reshape(plan.bias)
    kept = columns if columns.nbytes <= KEPT_BYTES else None
    return y.reshape(plan.y_shape), (x, weight, bias, window, groups, plan, kept)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Multiply dy with the columns; for dx, convolve dy with the turned filters.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`.
    """
    x, weight, bias, window, groups, plan, kept = saved
    columns = columns_of(x, plan) if kept is None else kept
    dproduct = dy.reshape(plan.product)
    dfilters, dbias = np.matmul(dproduct, columns.swapaxes(-1, -2)), None
    if bias is not None:
        dbias = np.add.reduce(dproduct, axis=-1)
    if len(plan.product) == 4:  # a sum for each image
        dfilters, dbias = dfilters.sum(axis=0), None if dbias is None else dbias.sum(axis=0)
    dx = None
    if needs_dx:
        turned = turned_window(window)
        small = temporary_bytes(dy.shape, (x.shape[1], 0, *weight.shape[2:]), x.shape[2:], dy.itemsize) <= LIMIT_BYTES
        if turned is not None and small and finite(weight):
            dx = conv2d(dy, turned_filters(weight, groups), None, turned, groups)[0]
        else:
            dx = gradient_of_x(dy, weight, window, x.shape[2:], groups)
    return dx, dfilters.reshape(weight.shape), None if dbias is None else dbias.reshape(-1)
