"""The dense layer by its definition, one output element at a time.

The same in NumPy at full speed: scratch/fast/linear.py. On the GPU: gpu/linear.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved


def linear(x: Array, weight: Array, bias: Array | None) -> tuple[Array, Saved]:
    """Multiply every row of x with every row of the weight.

        y[n, o] = bias[o] + sum over i of  x[n, i] * weight[o, i]

    Parameters
    ----------
    x : (N, in) floating array, not modified
    weight : (out, in) array of the same dtype
    bias : (out,) array or None

    Returns
    -------
    y : (N, out) array
    saved : what `linear_backward` needs

    References
    ----------
    torch.nn.Linear.
    """
    y = np.empty((len(x), len(weight)), x.dtype)
    for n, o in np.ndindex(y.shape):
        y[n, o] = np.sum(x[n] * weight[o])
        if bias is not None:
            y[n, o] += bias[o]
    return y, (x, weight, bias)


def linear_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Send every output gradient back along the products that made the output.

    Parameters
    ----------
    dy : (N, out) array
    saved : from `linear`
    needs_dx : False for the first layer, whose input needs no gradient; dx is then None

    Returns
    -------
    dx, dweight, dbias : gradients, shaped like x, weight and bias (dbias is None without bias)
    """
    x, weight, bias = saved
    dx = np.zeros(x.shape, x.dtype) if needs_dx else None
    dweight = np.zeros_like(weight)
    for n, o in np.ndindex(dy.shape):
        dweight[o] += dy[n, o] * x[n]
        if dx is not None:
            dx[n] += dy[n, o] * weight[o]
    return dx, dweight, None if bias is None else dy.sum(axis=0)
