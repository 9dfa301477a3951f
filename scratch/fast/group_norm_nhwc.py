"""Group normalisation in NHWC memory, where a channel of an image is a column of a matrix: its sums are products.

    an image, 2 groups of 2 channels          sums of columns, then of groups       y = z * (inverse * w) + b
    a b c d                                   A + B, C + D                          numbers of a row of pixels
    a b c d   a row for each pixel

Numbers per channel are repeated for each pixel of a row of the image, so that they go with runs of W * C numbers; the
equations are those of group_norm.py.

Time of 16x64x56x56 in 32 groups, two cores of a Xeon 2.3 GHz, float32, of the readable form's: forward 0.5,
forward and backward 0.46.

The readable form, which serves large images: scratch/fast/layer_norm.py; the loops: scratch/naive/layer_norm.py.
"""

from math import isqrt

import numpy as np

from scratch.array import Array
from scratch.fast import blocks, threads, workspace
from scratch.fast.channels import ones
from scratch.fast.layout import nchw_view, nhwc_view

FLOPS = 20
"""What a matrix product computes in the time that one number takes here, in each pass: see threads.parts."""


def serves(x: Array) -> bool:
    """Whether x is images in NHWC memory, each of which fits a block."""
    return x.ndim == 4 and x.size > 0 and nhwc_view(x).flags.c_contiguous and x[:1].nbytes <= blocks.BLOCK_BYTES


def group_norm(x: Array, G: int, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Array, Array]:
    """Normalise groups of channels; y, and mean and 1 / deviation of each group of each image, (N, G)."""
    N, C, H, W = x.shape
    y = np.empty((N, H, W, C), x.dtype)
    of_x, of_y = (values.reshape(N, H, W * C) for values in (nhwc_view(x), y))
    K = C // G * H * W
    mean, inverse = (np.empty((N, G), x.dtype) for _ in range(2))

    def work(part: slice) -> None:
        for some in blocks.blocks(part.stop - part.start, x[:1].nbytes, blocks.CACHE_BYTES):
            at = slice(part.start + some.start, part.start + some.stop)
            mean[at] = groups(sums(of_x[at], C), G) / K
            z = np.subtract(of_x[at], spread(mean[at], C, W), out=of_y[at])
            squares = np.multiply(z, z, out=workspace.empty("group_norm", z.shape, x.dtype))
            inverse[at] = 1 / np.sqrt(groups(sums(squares, C), G) / K + eps)
            z *= spread(inverse[at], C, W, weight)
            if bias is not None:
                z += np.tile(bias, W)

    threads.run(work, threads.parts(N, FLOPS * x.size))
    return nchw_view(y), mean, inverse


def group_norm_backward(
    dy: Array, x: Array, mean: Array, inverse: Array, weight: Array | None, needs_dx: bool
) -> tuple[Array | None, Array, Array]:
    """Compute dx, dweight and dbias, the last two (C,) in float64."""
    (N, C, H, W), G = x.shape, mean.shape[1]
    of_x, of_dy = (nhwc_view(values).reshape(N, H, W * C) for values in (x, dy))
    K = C // G * H * W
    dx = np.empty((N, H, W, C), x.dtype) if needs_dx else None
    of_dx = None if dx is None else dx.reshape(of_x.shape)
    w = ones(C, x.dtype) if weight is None else weight

    def work(part: slice) -> tuple[Array, Array]:
        dweight, dbias = np.zeros(C), np.zeros(C)
        for some in blocks.blocks(part.stop - part.start, x[:1].nbytes, blocks.CACHE_BYTES):
            at = slice(part.start + some.start, part.start + some.stop)
            g, factor = of_dy[at], inverse[at]
            z, products = (workspace.empty(f"group_norm {name}", g.shape, x.dtype) for name in ("z", "products"))
            np.subtract(of_x[at], spread(mean[at], C, W), out=z)
            total = sums(g, C)
            product = sums(np.multiply(g, z, out=products), C) * np.repeat(factor, C // G, axis=1)
            dweight += product.sum(axis=0)
            dbias += total.sum(axis=0)
            if of_dx is not None:
                s, c = (groups(w * each, G) * factor / K for each in (total, product))
                z *= spread((c * factor).astype(x.dtype), C, W)
                z += spread(s.astype(x.dtype), C, W)
                np.multiply(g, spread(factor, C, W, w), out=of_dx[at])
                of_dx[at] -= z
        return dweight, dbias

    each = threads.run(work, threads.parts(N, FLOPS * x.size))
    dweight, dbias = (sum(values) for values in zip(*each, strict=True))
    return None if dx is None else nchw_view(dx), dweight, dbias


def groups(values: Array, G: int) -> Array:
    """Add up (n, C) numbers of channels to those of groups."""
    total: Array = values.reshape(len(values), G, -1).sum(axis=2)
    return total


def spread(values: Array, C: int, W: int, weight: Array | None = None) -> Array:
    """Lay out the (n, G) numbers of groups, times the weight of each channel, beside rows of pixels, (n, 1, W * C)."""
    channels = np.repeat(values, C // values.shape[1], axis=1)
    if weight is not None:
        channels *= weight
    return np.tile(channels, W)[:, None]


def sums(rows: Array, C: int) -> Array:
    """The sum of each channel of some images, (n, C), in float64: of k runs of g pixels, then of the g, then the rest.

    >>> sums(np.ones((2, 3, 10)), C=2)
    array([[15., 15.],
           [15., 15.]])
    """
    pixels = rows.reshape(len(rows), -1, C)
    g = isqrt(pixels.shape[1])
    k = pixels.shape[1] // g
    runs = ones(k, rows.dtype) @ pixels[:, : k * g].reshape(len(rows), k, g * C)
    total: Array = (ones(g, rows.dtype) @ runs.reshape(len(rows), g, C)).astype(np.float64)
    rest = pixels[:, k * g :]
    if rest.size:
        total += ones(rest.shape[1], rows.dtype) @ rest
    return total
