"""Convolution by its definition, one output element at a time.

Slow on purpose: these loops are the specification that every faster implementation is compared with, and the
first thing a learner reads. Frameworks call it convolution; in the language of signal processing it is
cross-correlation, since the kernel is not flipped.

The same in NumPy at full speed: scratch/fast/conv.py. On the GPU: gpu/conv.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Window2d, pad2d, unpad2d


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over every image.

        y[n, o, i, j] = bias[o] + sum over c, u, v of  x[n, c, i*sH + u*dH - pH, j*sW + v*dW - pW] * weight[o, c, u, v]

    where c runs over the input channels of the group that o belongs to, and x is 0 outside the image.

    Parameters
    ----------
    x : (N, C, H, W) floating array, not modified
    weight : (O, C / groups, kH, kW) array of the same dtype
    bias : (O,) array or None
    window : kernel size, stride, padding and dilation, already checked against x
    groups : number of blocks into which the C and the O channels are divided

    Returns
    -------
    y : (N, O, outH, outW) array
    saved : what `conv2d_backward` needs

    References
    ----------
    torch.nn.Conv2d; Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.
    """
    padded = pad2d(x, window.padding)
    y = np.empty((len(x), len(weight), *window.output_size(x.shape[2:])), x.dtype)

    for n, o, i, j in np.ndindex(y.shape):
        patch = padded[n, channels_of(o, weight, groups), *window.at(i, j)]  # patch[c, u, v], as in the formula
        y[n, o, i, j] = np.sum(patch * weight[o])
    if bias is not None:
        y += bias[:, None, None]
    return y, (padded, weight, bias, window, groups)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Send every output gradient back along the products that made the output.

    y is a sum of products x * weight, so each product gives dy * weight to its x and dy * x to its weight;
    an x that was used by several windows, and a weight that was used at every position, collect all of them.

    Parameters
    ----------
    dy : (N, O, outH, outW) array, the gradient of the loss with respect to y
    saved : from `conv2d`
    needs_dx : False for the first layer, whose input needs no gradient; dx is then None

    Returns
    -------
    dx, dweight, dbias : gradients, shaped like x, weight and bias (dbias is None without bias)
    """
    padded, weight, bias, window, groups = saved
    dpadded, dweight = np.zeros_like(padded), np.zeros_like(weight)

    for n, o, i, j in np.ndindex(dy.shape):
        here = (n, channels_of(o, weight, groups), *window.at(i, j))
        dweight[o] += dy[n, o, i, j] * padded[here]
        if needs_dx:
            dpadded[here] += dy[n, o, i, j] * weight[o]

    dx = unpad2d(dpadded, window.padding) if needs_dx else None
    dbias = None if bias is None else dy.sum(axis=(0, 2, 3))
    return dx, dweight, dbias


def channels_of(o: int, weight: Array, groups: int) -> slice:
    """Find the input channels that output channel o looks at.

    groups = 2, C = 6, O = 4:      o = 0 1 | 2 3
                                   c = 0 1 2 | 3 4 5
    """
    per_group_in, per_group_out = weight.shape[1], len(weight) // groups
    first = o // per_group_out * per_group_in
    return slice(first, first + per_group_in)
