"""Group normalisation in NCHW memory, where a channel of an image is a plane: its sums are products, of few passes.

    x, 2 groups of 2 channels        sums of planes, then of groups        y = z * (inverse * w) + b
    a a a a   b b b b                A + B, C + D                          a number for each plane
    c c c c   d d d d

    dx = dy * (w * inverse) - z * c - s        z = x - mean, of K numbers        for each group
         s = inverse / K * sum of w * (sum of dy)
         c = inverse**3 / K * sum of w * (sum of dy * z)

Time of 16x64x56x56 in 32 groups, two cores of a Xeon 2.3 GHz, float32, of the readable form's: forward 0.6,
forward and backward 0.55; of torch's: 3.6 and 3.1.

In NHWC memory: group_norm_nhwc.py. The readable form, which serves any other memory, small planes and large ones:
scratch/fast/layer_norm.py; the loops: scratch/naive/layer_norm.py.
"""

from math import prod

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import group_norm_nhwc, threads, workspace
from scratch.fast import layer_norm as readable
from scratch.fast.channels import SHORT, ones
from scratch.fast.row_norm import LONGEST


def group_norm(x: Array, num_groups: int, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Saved]:
    """Normalise groups of channels.

    Parameters, returns: as `scratch.naive.layer_norm.group_norm`.
    """
    layout = readable.in_threads(x, readable.group_shapes(x, num_groups))
    if group_norm_nhwc.serves(x) and not by_planes(x):
        y, mean, inverse = group_norm_nhwc.group_norm(x, num_groups, weight, bias, eps)
        each = (*mean.shape, *(1 for _ in layout.axes))
        return y, (x, layout, mean.reshape(each), inverse.reshape(each), weight, bias is not None)
    if not by_planes(x):
        return readable.standardise(x, layout, weight, bias, eps)
    N, G, D = layout.shape[:3]
    of_x, y = x.reshape(N, G, D, -1), np.empty_like(x)
    of_y, K = y.reshape(of_x.shape), prod(layout.shape[2:])
    w, b = (None if values is None else values.reshape(G, D, 1) for values in (weight, bias))
    mean, inverse = (np.empty((N, G, 1, 1), x.dtype) for _ in range(2))

    def work(part: slice) -> None:
        for at, groups in layout.blocks(part):
            mean[at] = sums(of_x[at]).sum(axis=2, keepdims=True) / K
            z = np.subtract(of_x[at], mean[at], out=of_y[at])
            inverse[at] = 1 / np.sqrt(dots(z, z).sum(axis=2, keepdims=True) / K + eps)
            z *= inverse[at] if w is None else inverse[at] * w[groups]
            if b is not None:
                z += b[groups]

    threads.run(work, layout.parts)
    each = (N, G, *(1 for _ in layout.axes))
    return y, (x, layout, mean.reshape(each), inverse.reshape(each), weight, bias is not None)


def group_norm_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array | None, Array | None]:
    """Compute dx, dweight and dbias.

    Parameters, returns: as `scratch.naive.layer_norm.group_norm_backward`.
    """
    x, layout, mean, inverse, weight, biased = saved
    if group_norm_nhwc.serves(x) and group_norm_nhwc.serves(dy) and not (by_planes(x) and by_planes(dy)):
        N, G = mean.shape[:2]
        of_groups = mean.reshape(N, G), inverse.reshape(N, G)
        dx, *gradients = group_norm_nhwc.group_norm_backward(dy, x, *of_groups, weight, needs_dx)
        if weight is None:
            return dx, None, None
        dweight, dbias = (values.astype(x.dtype) for values in gradients)
        return dx, dweight, dbias if biased else None
    if not (by_planes(x) and dy.flags.c_contiguous):
        return readable.standardise_backward(dy, saved, needs_dx)
    N, G, D = layout.shape[:3]
    of_x, of_dy = (values.reshape(N, G, D, -1) for values in (x, dy))
    mean, inverse = (values.reshape(N, G, 1, 1) for values in (mean, inverse))
    K = prod(layout.shape[2:])
    dx = np.empty_like(x) if needs_dx else None
    of_dx = None if dx is None else dx.reshape(of_x.shape)
    w = (ones(G * D, x.dtype) if weight is None else weight).reshape(G, D, 1)

    def work(part: slice) -> tuple[Array, Array]:
        dweight, dbias = np.zeros((G, D, 1)), np.zeros((G, D, 1))
        for at, groups in layout.blocks(part):
            g, factor = of_dy[at], inverse[at]
            z = np.subtract(of_x[at], mean[at], out=workspace.empty("group_norm", g.shape, x.dtype))
            total, product = sums(g), dots(g, z) * factor
            dweight[groups] += product.sum(axis=0)
            dbias[groups] += total.sum(axis=0)
            if of_dx is not None:
                s, c = ((w[groups] * each).sum(axis=2, keepdims=True) * factor / K for each in (total, product))
                np.multiply(g, w[groups] * factor, out=of_dx[at])
                z *= (c * factor).astype(x.dtype)
                z += s.astype(x.dtype)
                of_dx[at] -= z
        return dweight, dbias

    each = threads.run(work, layout.parts)
    if weight is None:
        return dx, None, None
    dweight, dbias = (sum(values).astype(x.dtype).reshape(weight.shape) for values in zip(*each, strict=True))
    return dx, dweight, dbias if biased else None


def by_planes(x: Array) -> bool:
    """Whether x lies in planes, which are worth a product each, and not too long for one."""
    return bool(x.flags.c_contiguous) and x.size > 0 and SHORT <= prod(x.shape[2:]) <= LONGEST


def sums(planes: Array) -> Array:
    """The sum of each plane, (n, G, D, 1), in float64."""
    P = planes.shape[-1]
    total: Array = (planes.reshape(-1, P) @ ones(P, planes.dtype)).astype(np.float64)
    return total.reshape(*planes.shape[:-1], 1)


def dots(planes: Array, others: Array) -> Array:
    """The sum of the products of two planes each, (n, G, D, 1), in float64."""
    total: Array = np.vecdot(planes, others)[..., None].astype(np.float64)
    return total
