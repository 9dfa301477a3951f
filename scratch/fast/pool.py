"""Max and average pooling tap by tap: one vectorised comparison or addition for each cell of the window.

    x padded       0 1 2 3 4 5          window of 3, stride 2: tap 0 meets  0 . 2 .
                                                               tap 1 meets  . 1 . 3
                                                               tap 2 meets  . . 2 . 4      (see Window2d.tap)

For a tap, the cells it meets in all windows are a strided view of x, so the running maximum (or sum) over the taps
needs no copy of the windows. The planes (images x channels) are processed in blocks.

The loops this replaces: scratch/naive/pool.py. On the GPU: gpu/pool.py.
"""

import numpy as np

from scratch.array import Array, divide
from scratch.contracts import Saved
from scratch.fast.blocks import blocks
from scratch.geometry import Pair, Window2d, pad2d, unpad2d


def max_pool2d(x: Array, window: Window2d) -> tuple[Array, Saved]:
    """Find the largest value under each window, and which tap met it.

    A tap must be larger than the best before it, or NaN, to take over: the first of equal values wins, the last of
    several NaN. Padding is the smallest value there is, so it never takes over; where a window begins outside the
    image, the search begins at its first tap inside, which therefore wins if all cells are the smallest value.

    Parameters, returns: as `scratch.naive.pool.max_pool2d`.
    """
    size = x.shape[2:]
    out = window.output_size(size)
    planes = x.reshape(-1, *size)
    y = np.empty((len(planes), *out), x.dtype)
    winner = np.empty(y.shape, np.min_scalar_type(window.kernel_size[0] * window.kernel_size[1]))
    smallest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min

    for block in blocks(len(planes), 4 * x[:1, :1].nbytes):
        padded = pad2d(planes[block], window.covering(size), smallest)
        best, best_tap = y[block], winner[block]
        best[:], best_tap[:] = smallest, first_tap(window, size)
        for tap, (u, v) in enumerate(np.ndindex(window.kernel_size)):
            value = padded[:, *window.tap(u, v, out)]
            takes_over = value > best
            takes_over |= value != value  # noqa: PLR0124 - true of NaN alone, in integers of none
            np.copyto(best, value, where=takes_over)
            np.copyto(best_tap, winner.dtype.type(tap), where=takes_over)
    shape = (*x.shape[:2], *out)
    return y.reshape(shape), (winner.reshape(shape), x.shape, window)


def max_pool2d_indices(saved: Saved) -> Array:
    """Tell where each maximum stands: int64, flat in one unpadded H*W plane, shaped like y."""
    winner, (_, _, _, W), window = saved
    u, v = np.divmod(winner.astype(np.int64), window.kernel_size[1])
    i, j = np.ogrid[: winner.shape[2], : winner.shape[3]]
    (top, _), (left, _) = window.padding
    row = i * window.stride[0] - top + u * window.dilation[0]
    column = j * window.stride[1] - left + v * window.dilation[1]
    indices: Array = row * W + column
    return indices


def max_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each window's gradient to the cell that held its maximum: tap by tap, to the windows that the tap won.

    A gradient is selected, not multiplied by 0 or 1: an infinity must not become NaN elsewhere.
    """
    winner, x_shape, window = saved
    size, out = x_shape[2:], dy.shape[2:]
    dx = np.empty(x_shape, dy.dtype).reshape(-1, *size)
    dy, winner = dy.reshape(-1, *out), winner.reshape(-1, *out)
    border = window.covering(size)

    for block in blocks(len(dx), 4 * dx[:1].nbytes):
        dpadded = pad2d(np.zeros_like(dx[block]), border)
        for tap, (u, v) in enumerate(np.ndindex(window.kernel_size)):
            dpadded[:, *window.tap(u, v, out)] += np.where(winner[block] == tap, dy[block], 0)
        dx[block] = unpad2d(dpadded, border)
    return dx.reshape(x_shape)


def first_tap(window: Window2d, size: Pair) -> Array:
    """Number the first tap of each window that meets the image: 0 but where the window begins in the padding."""
    (top, _), (left, _) = window.padding
    outH, outW = window.output_size(size)
    u = -np.minimum(np.arange(outH) * window.stride[0] - top, 0)
    v = -np.minimum(np.arange(outW) * window.stride[1] - left, 0)
    (dH, dW), kW = window.dilation, window.kernel_size[1]
    taps: Array = -(-u // dH)[:, None] * kW + -(-v // dW)
    return taps


def avg_pool2d(
    x: Array, window: Window2d, count_include_pad: bool = True, divisor_override: int | None = None
) -> tuple[Array, Saved]:
    """Add up the taps and divide.

    Parameters, returns: as `scratch.naive.pool.avg_pool2d`.
    """
    size = x.shape[2:]
    divisor = divisors(window, size, count_include_pad, divisor_override)
    out = window.output_size(size)
    planes = x.reshape(-1, *size)
    y = np.zeros((len(planes), *out), x.dtype)
    for block in blocks(len(planes), 4 * x[:1, :1].nbytes):
        padded, total = pad2d(planes[block], window.covering(size)), y[block]
        for u, v in np.ndindex(window.kernel_size):
            total += padded[:, *window.tap(u, v, out)]
        total[:] = divide(total, divisor.astype(x.dtype))
    return y.reshape(*x.shape[:2], *out), (x.shape, window, divisor)


def avg_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Spread each window's gradient evenly over the cells it averaged: the same share to every tap."""
    x_shape, window, divisor = saved
    size, out = x_shape[2:], dy.shape[2:]
    dx = np.empty(x_shape, dy.dtype).reshape(-1, *size)
    dy = dy.reshape(-1, *out)
    border = window.covering(size)

    for block in blocks(len(dx), 4 * dx[:1].nbytes):
        dpadded = pad2d(np.zeros_like(dx[block]), border)
        share = dy[block] / divisor.astype(dy.dtype)
        for u, v in np.ndindex(window.kernel_size):
            dpadded[:, *window.tap(u, v, out)] += share
        dx[block] = unpad2d(dpadded, border)
    return dx.reshape(x_shape)


def divisors(window: Window2d, size: Pair, count_include_pad: bool, override: int | None) -> Array:
    """Give what each window's sum is divided by, an integer array that broadcasts over (..., outH, outW)."""
    if override is not None:
        return np.array(override)
    heights, widths = window.cell_counts(size, count_include_pad)
    return np.outer(heights, widths)
