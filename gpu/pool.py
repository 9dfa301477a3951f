"""Max and average pooling on the GPU, tap by tap: for each cell of the window, one operation on all windows at once.

    x padded       0 1 2 3 4 5          window of 3, stride 2: tap 0 meets  0 . 2 .
                                                               tap 1 meets  . 1 . 3
                                                               tap 2 meets  . . 2 . 4      (see Window2d.tap)

Backward goes through the taps, too. No two windows meet the same cell with the same tap, so each tap is one plain
addition: nothing is added in an order that the GPU chooses, and the gradient is the same in every run.
What follows from the geometry alone, the divisors and the first taps, is made on the host, by the functions of
scratch/fast/pool.py, and sent over.

The loops this replaces: scratch/naive/pool.py. The same in NumPy: scratch/fast/pool.py.
"""

import numpy as np

from gpu.blocks import BLOCK_BYTES
from scratch.array import Array, divide, namespace_of
from scratch.contracts import Saved
from scratch.fast.blocks import blocks
from scratch.fast.pool import divisors, first_tap
from scratch.geometry import Window2d, pad2d, unpad2d


def max_pool2d(x: Array, window: Window2d) -> tuple[Array, Saved]:
    """Find the largest value under each window, and which tap met it.

    A tap must be larger than the best before it, or NaN, to take over: the first of equal values wins, the last of
    several NaN. Padding is the smallest value there is, so it never takes over; where a window begins outside the
    image, the search begins at its first tap inside, which therefore wins if all cells are the smallest value.

    Parameters, returns: as `scratch.naive.pool.max_pool2d`.
    """
    xp, size = namespace_of(x), x.shape[2:]
    out = window.output_size(size)
    planes = x.reshape(-1, *size)
    y = xp.empty((len(planes), *out), x.dtype)
    winner = xp.empty(y.shape, np.min_scalar_type(window.kernel_size[0] * window.kernel_size[1]))
    smallest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    first = xp.asarray(first_tap(window, size))

    for block in blocks(len(planes), 4 * x[:1, :1].nbytes, BLOCK_BYTES):
        padded = pad2d(planes[block], window.covering(size), smallest)
        best, best_tap = y[block], winner[block]
        best[:], best_tap[:] = smallest, first
        for tap, (u, v) in enumerate(np.ndindex(window.kernel_size)):
            value = padded[:, *window.tap(u, v, out)]
            takes_over = value > best
            takes_over |= value != value  # noqa: PLR0124 - true of NaN alone, in integers of none
            xp.copyto(best, value, where=takes_over)
            xp.copyto(best_tap, tap, where=takes_over)
    shape = (*x.shape[:2], *out)
    return y.reshape(shape), (winner.reshape(shape), x.shape, window)


def max_pool2d_indices(saved: Saved) -> Array:
    """Tell where each maximum stands: int64, flat in one unpadded H*W plane, shaped like y."""
    winner, (_, _, _, W), window = saved
    xp, (outH, outW) = namespace_of(winner), winner.shape[2:]
    winner = winner.astype(np.int64)
    u, v = winner // window.kernel_size[1], winner % window.kernel_size[1]
    i, j = xp.arange(outH)[:, None], xp.arange(outW)
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
    xp, size, out = namespace_of(dy), x_shape[2:], dy.shape[2:]
    dx: Array = xp.empty(x_shape, dy.dtype).reshape(-1, *size)
    dy, winner = dy.reshape(-1, *out), winner.reshape(-1, *out)
    border = window.covering(size)

    for block in blocks(len(dx), 4 * dx[:1].nbytes, BLOCK_BYTES):
        dpadded = pad2d(xp.zeros_like(dx[block]), border)
        for tap, (u, v) in enumerate(np.ndindex(window.kernel_size)):
            dpadded[:, *window.tap(u, v, out)] += xp.where(winner[block] == tap, dy[block], 0)
        dx[block] = unpad2d(dpadded, border)
    return dx.reshape(x_shape)


def avg_pool2d(
    x: Array, window: Window2d, count_include_pad: bool = True, divisor_override: int | None = None
) -> tuple[Array, Saved]:
    """Add up the taps and divide.

    Parameters, returns: as `scratch.naive.pool.avg_pool2d`.
    """
    xp, size = namespace_of(x), x.shape[2:]
    divisor = xp.asarray(divisors(window, size, count_include_pad, divisor_override))
    out = window.output_size(size)
    planes = x.reshape(-1, *size)
    y = xp.zeros((len(planes), *out), x.dtype)
    for block in blocks(len(planes), 4 * x[:1, :1].nbytes, BLOCK_BYTES):
        padded, total = pad2d(planes[block], window.covering(size)), y[block]
        for u, v in np.ndindex(window.kernel_size):
            total += padded[:, *window.tap(u, v, out)]
        total[:] = divide(total, divisor.astype(x.dtype))
    return y.reshape(*x.shape[:2], *out), (x.shape, window, divisor)


def avg_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Spread each window's gradient evenly over the cells it averaged: the same share to every tap."""
    x_shape, window, divisor = saved
    xp, size, out = namespace_of(dy), x_shape[2:], dy.shape[2:]
    dx: Array = xp.empty(x_shape, dy.dtype).reshape(-1, *size)
    dy = dy.reshape(-1, *out)
    border = window.covering(size)

    for block in blocks(len(dx), 4 * dx[:1].nbytes, BLOCK_BYTES):
        dpadded = pad2d(xp.zeros_like(dx[block]), border)
        share = dy[block] / divisor.astype(dy.dtype)
        for u, v in np.ndindex(window.kernel_size):
            dpadded[:, *window.tap(u, v, out)] += share
        dx[block] = unpad2d(dpadded, border)
    return dx.reshape(x_shape)
