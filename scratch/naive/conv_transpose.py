"""The transposed convolution by its definition, one input element at a time.

A convolution gathers: each window of the image becomes one number. Transposed, each number of x becomes a window of y,
the kernel times that number, and where windows overlap they are added. With kernel size 3, stride 2, padding 1:

    cell of y     -1      0      1      2      3      4      5
    from a        a*w0   a*w1   a*w2
    from b                      b*w0   b*w1   b*w2
    from c                                    c*w0   c*w1   c*w2
                  cut off                                   kept where output_padding is 1, else cut off

So what is padding there is cut off here, and a stride of 2 makes images twice as large. It is the dx of a convolution,
and its own dx is that convolution. It undoes the convolution's change of size, not the convolution.

The same in NumPy at full speed: scratch/fast/conv_transpose.py. On the GPU: gpu/conv_transpose.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Window2d, pad2d, unpad2d
from scratch.naive.conv import channels_of


def conv_transpose2d(
    x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
) -> tuple[Array, Saved]:
    """Add a window to every image for each number of x.

        y[n, o, i*sH + u*dH - pH, j*sW + v*dW - pW]  +=  x[n, c, i, j] * weight[c, o, u, v]        and bias[o], once

    where o runs over the output channels of the group that c belongs to; what falls outside y is lost.

    Parameters
    ----------
    x : (N, C, H, W) floating array, not modified
    weight : (C, O / groups, kH, kW) array of the same dtype
    bias : (O,) array or None
    window : of the convolution that is transposed: it stands at H x W places of y
    groups : number of blocks into which the C and the O channels are divided

    Returns
    -------
    y : (N, O, *window.input_size((H, W))) array
    saved : what `conv_transpose2d_backward` needs

    References
    ----------
    torch.nn.ConvTranspose2d; Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.
    """
    size = window.input_size(x.shape[2:])
    padded = pad2d(np.zeros((len(x), weight.shape[1] * groups, *size), x.dtype), window.padding)

    for n, c, i, j in np.ndindex(x.shape):
        padded[n, channels_of(c, weight, groups), *window.at(i, j)] += x[n, c, i, j] * weight[c]
    y = unpad2d(padded, window.padding)
    if bias is not None:
        y += bias[:, None, None]
    return y, (x, weight, bias, window, groups)


def conv_transpose2d_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array, Array | None]:
    """Look at the window of every number of x: it collects dy * weight, and its weights collect dy * x.

    Parameters
    ----------
    dy : array like y, the gradient of the loss with respect to y
    saved : from `conv_transpose2d`
    needs_dx : False for the first layer, whose input needs no gradient; dx is then None

    Returns
    -------
    dx, dweight, dbias : gradients, shaped like x, weight and bias (dbias is None without bias)
    """
    x, weight, bias, window, groups = saved
    padded = pad2d(dy, window.padding)
    dx, dweight = np.empty(x.shape, x.dtype) if needs_dx else None, np.zeros_like(weight)

    for n, c, i, j in np.ndindex(x.shape):
        patch = padded[n, channels_of(c, weight, groups), *window.at(i, j)]  # patch[o, u, v], as in the formula
        dweight[c] += x[n, c, i, j] * patch
        if dx is not None:
            dx[n, c, i, j] = np.sum(patch * weight[c])
    return dx, dweight, None if bias is None else dy.sum(axis=(0, 2, 3))
