"""ReLU and softmax on whole arrays.

The loops this replaces: scratch/naive/activation.py. On the GPU: gpu/activation.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.blocks import blocks


def relu(x: Array) -> tuple[Array, Saved]:
    """Compute max(x, 0); `maximum` keeps a NaN.

    Parameters, returns: as `scratch.naive.activation.relu`.
    """
    return np.maximum(x, x.dtype.type(0)), x


def relu_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy where not x <= 0: a comparison with NaN is false, so the gradient passes there.

    In blocks: a mask for all of x would take a quarter of its memory.
    """
    dx = np.empty(dy.shape, dy.dtype)
    dx_flat, dy_flat, x_flat = dx.reshape(-1), dy.reshape(-1), saved.reshape(-1)
    for part in blocks(dx.size, dx.itemsize):
        dx_flat[part] = np.where(x_flat[part] <= 0, 0, dy_flat[part])
    return dx


def softmax(x: Array, dim: int) -> tuple[Array, Saved]:
    """Compute y = exp(x - max) / sum.

    Parameters, returns: as `scratch.naive.activation.softmax`.
    """
    if x.size == 0:
        return x.copy(), (x, dim)
    y = x - x.max(axis=dim, keepdims=True)
    np.exp(y, out=y)
    y /= y.sum(axis=dim, keepdims=True)
    return y, (y, dim)


def softmax_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = y * (dy - sum of dy * y); dx itself holds the products first."""
    y, dim = saved
    dx: Array = dy * y
    sums = dx.sum(axis=dim, keepdims=True)
    dx[...] = dy
    dx -= sums
    dx *= y
    return dx
