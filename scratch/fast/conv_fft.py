"""Convolution through the Fourier transform, for large kernels: products of spectra instead of sums over the kernel.

    Y[o, f]  =  sum over c of  X[c, f] * conj(K[o, c, f])         f: frequencies of a tile, K: spectra of the filters

A product of spectra is a *circular* correlation, so x is cut into overlapping tiles, and of each the part is kept over
which the kernel does not wrap around (overlap-save):

    tile of T rows        |<------------- T ------------->|
    rows of y             |<----- T - kH + 1 ----->|             the last kH - 1 have wrapped around
    next tile                                      |<------------- T ------------->|

dx is the same with the filters turned and the channels swapped, dweight the correlation of each tile of x with its
part of dy, whose spectra are added up before they are transformed back. Spectra are made of as many filters at a time
as BLOCK_BYTES hold, whatever the batch.

An error is eps times the size of the *whole tile*: a dark corner beside a bright one gets the bright one's. One NaN or
infinity would spread over its tile, so where numbers are not finite, or could overflow, im2col takes over.

Milliseconds, forward / backward, on two cores of a busy 2.3 GHz Xeon, float32:

    images, channels      1 x 1, 512x512                       4 x 16, 64x64                   4 x 32, depthwise, 64x64
    kernel                15x15       25x25       51x51        15x15      21x21      31x31     21x21       31x31
    im2col, depthwise     15 / 108    57 / 439    1279 / 11.7s 73 / 257   151 / 556  345 / -   50 / 228    78 / 437
    fft                   7 / 25      5 / 21      8 / 40       115 / 382  145 / 384  140 / -   34 / 112    40 / 110

The loops this replaces: scratch/naive/conv.py. Images alone: scratch/images/by_fft.py, where the source is.
"""

from collections.abc import Iterator

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.product import LeftTo
from scratch.fast import conv_im2col as direct
from scratch.fast import threads, workspace
from scratch.geometry import Pair, Window2d
from scratch.images.by_fft import tile_size

BLOCK_BYTES = 4 * 2**20
"""How much the spectra of some filters take."""

LEAST_CELLS, LARGEST_KERNEL = 49, 128
"""Kernels of fewer cells are left to others, and longer ones, whose tiles would take too much memory."""


def serves(weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool:
    """Large kernels, stride 1, no dilation."""
    kH, kW = window.kernel_size
    large = kH * kW >= LEAST_CELLS and max(kH, kW) <= LARGEST_KERNEL
    return large and window.stride == window.dilation == (1, 1)


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Multiply spectra, tile by tile.

    Parameters, returns: as `scratch.naive.conv.conv2d`.
    """
    out = window.output_size(x.shape[2:])
    if not stays_finite(x, weight, out, window.kernel_size):
        y, inner = direct.conv2d(x, weight, bias, window, groups)
        return y, LeftTo("im2col", inner)
    (top, _), (left, _) = window.padding
    y = correlate(x, weight, (top, left), out, groups)
    if bias is not None:
        y += bias[:, None, None]
    return y, (x, weight, bias, window, groups)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Correlate x with dy for dweight, dy with the turned filters for dx.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`.
    """
    if isinstance(saved, LeftTo):
        return direct.conv2d_backward(dy, saved.saved, needs_dx)
    x, weight, bias, window, groups = saved
    out, (kH, kW), ((top, _), (left, _)) = dy.shape[2:], window.kernel_size, window.padding
    finite = stays_finite(x, dy, out, (kH, kW)) and stays_finite(dy, weight, x.shape[2:], (kH, kW))
    if not finite:
        return direct.conv2d_backward(dy, saved, needs_dx)
    dx = None
    if needs_dx:
        dx = correlate(dy, direct.turned_filters(weight, groups), (kH - 1 - top, kW - 1 - left), x.shape[2:], groups)
    dweight = gradient_of_weight(x, dy, weight, (top, left), groups)
    return dx, dweight, None if bias is None else dy.sum(axis=(0, 2, 3))


def stays_finite(x: Array, other: Array, out: Pair, kernel_size: Pair) -> bool:
    """Whether no spectrum can overflow, and no product of two: a tile of the largest number, times all of the other."""
    if x.size == 0:
        return False
    cells = np.prod([tile_size(n, k) for n, k in zip(out, kernel_size, strict=True)], dtype=np.float64)
    one, two = (max(float(each.max()), -float(each.min())) for each in (x, other))
    with np.errstate(over="ignore"):
        bound = cells * np.maximum(one, 1) * np.maximum(x.shape[1] * other.size * two, 1)  # of NaN it is NaN
    return bool(bound < np.finfo(x.dtype).max)


def some_filters(weight: Array, groups: int, tile: Pair) -> Iterator[tuple[slice, slice, slice]]:
    """Cut the filters into blocks whose spectra fit: which of them, which of their channels, and which those are in x.

    Yields
    ------
    o, c, channels : weight[o, c] meets x[:, channels]
    """
    O, C = len(weight) // groups, weight.shape[1]
    fit = max(1, BLOCK_BYTES // (2 * tile[0] * (tile[1] // 2 + 1) * weight.itemsize))
    step_c = min(C, fit)
    step_o = min(O, max(1, fit // step_c))
    for group in range(groups):
        for o in range(0, O, step_o):
            for c in range(0, C, step_c):
                stop_o, stop_c = min(o + step_o, O), min(c + step_c, C)
                yield (
                    slice(group * O + o, group * O + stop_o),
                    slice(c, stop_c),
                    slice(group * C + c, group * C + stop_c),
                )


def tiles_of(N: int, out: Pair, step: Pair) -> list[tuple[int, int, int]]:
    """The image, and the first row and column of y, of every tile."""
    return [(n, top, left) for n in range(N) for top in range(0, out[0], step[0]) for left in range(0, out[1], step[1])]


def cut(planes: Array, top: int, left: int, size: Pair) -> Array:
    """Copy a tile out of (C, H, W), zeros where it lies outside."""
    tile = workspace.empty("tile", (len(planes), *size), planes.dtype)
    tile[:] = 0
    h, w = size
    inside = planes[:, max(top, 0) : max(top + h, 0), max(left, 0) : max(left + w, 0)]
    first_h, first_w = max(-top, 0), max(-left, 0)
    tile[:, first_h : first_h + inside.shape[1], first_w : first_w + inside.shape[2]] = inside
    return tile


def correlate(x: Array, weight: Array, padding: Pair, out: Pair, groups: int) -> Array:
    """Slide the filters over x, moved down and right by `padding`, which may be negative: (N, O, *out)."""
    kH, kW = weight.shape[2:]
    tile = tile_size(out[0], kH), tile_size(out[1], kW)
    step = tile[0] - kH + 1, tile[1] - kW + 1
    y = np.zeros((len(x), len(weight), *out), x.dtype)
    tiles = tiles_of(len(x), out, step)
    for o, c, channels in some_filters(weight, groups, tile):
        spectra = np.conj(np.fft.rfft2(weight[o, c], tile))

        def part(some: slice, o: slice = o, channels: slice = channels, spectra: Array = spectra) -> None:
            for n, top, left in tiles[some]:
                X = np.fft.rfft2(cut(x[n, channels], top - padding[0], left - padding[1], tile))
                for filter_spectra, plane in zip(spectra, y[n, o], strict=True):
                    Y = np.einsum("chw,chw->hw", X, filter_spectra) if len(X) > 1 else X[0] * filter_spectra[0]
                    here = plane[top : top + step[0], left : left + step[1]]
                    here += np.fft.irfft2(Y, tile)[: here.shape[0], : here.shape[1]]

        threads.run(part, threads.parts(len(tiles), 40.0 * len(tiles) * spectra.size))
    return y


def gradient_of_weight(x: Array, dy: Array, weight: Array, padding: Pair, groups: int) -> Array:
    """Correlate every tile of x with the part of dy that it made; the parts of the tiles in their order."""
    out, (kH, kW) = dy.shape[2:], weight.shape[2:]
    tile = tile_size(out[0], kH), tile_size(out[1], kW)
    step = tile[0] - kH + 1, tile[1] - kW + 1
    dweight = np.empty(weight.shape, dy.dtype)
    tiles = tiles_of(len(x), out, step)
    for o, c, channels in some_filters(weight, groups, tile):

        def part(some: slice, o: slice = o, channels: slice = channels) -> Array:
            total: Array | float = 0.0
            for n, top, left in tiles[some]:
                X = np.fft.rfft2(cut(x[n, channels], top - padding[0], left - padding[1], tile))
                D = np.conj(np.fft.rfft2(dy[n, o, top : top + step[0], left : left + step[1]], tile))
                total = total + D[:, None] * X
            return np.asarray(total)

        first, *more = threads.run(part, threads.parts(len(tiles), 40.0 * len(tiles) * tile[0] * tile[1]))
        for each in more:
            first += each
        dweight[o, c] = np.fft.irfft2(first, tile)[..., :kH, :kW]
    return dweight
