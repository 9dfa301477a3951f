"""Layer and group normalisation by their definitions, one row of numbers at a time.

What is normalised together, for x of N samples with 4 channels of 3 numbers:

    LayerNorm((4, 3))          GroupNorm(2, 4)             LayerNorm(3)
    a a a  b b b               a a a  b b b                a a a  b b b            each letter has
    a a a  b b b               a a a  b b b                c c c  d d d            its own mean and
    a a a  b b b               c c c  d d d                e e e  f f f            variance
    a a a  b b b               c c c  d d d                g g g  h h h
    n = 0  n = 1               n = 0  n = 1                n = 0  n = 1

The same in NumPy at full speed: scratch/fast/layer_norm.py. On the GPU: gpu/layer_norm.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved


def layer_norm(x: Array, dims: int, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Saved]:
    """Shift and scale the numbers of the last dimensions, then each by its own weight and bias.

        mean = sum of x / K,     var = sum of (x - mean)**2 / K,     over the K numbers of the last `dims` dimensions
        y = (x - mean) / sqrt(var + eps) * weight + bias

    Parameters
    ----------
    x : (..., *shape) floating array, not modified
    dims : how many of the last dimensions are normalised together
    weight, bias : arrays of their shape; both None, or the bias alone
    eps : keeps the root away from 0

    Returns
    -------
    y : array like x
    saved : what `layer_norm_backward` needs

    References
    ----------
    Ba, Kiros and Hinton, "Layer Normalization", 2016; torch.nn.LayerNorm.
    """
    y = np.empty_like(x)
    for at in np.ndindex(x.shape[: x.ndim - dims]):
        z, _ = standardised(x[at], eps)
        y[at] = z if weight is None else z * weight
        if bias is not None:
            y[at] += bias
    return y, (x, dims, weight, bias, eps)


def layer_norm_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array | None, Array | None]:
    """Send the gradient back through scale, shift, variance and mean.

        dz = dy * weight,     dx: see `through_statistics`
        dweight = sum of dy * z,     dbias = sum of dy,     over all but the last `dims` dimensions

    Parameters
    ----------
    dy : array like y
    saved : from `layer_norm`
    needs_dx : False for the first layer; dx is then None

    Returns
    -------
    dx, dweight, dbias : gradients; dweight and dbias are None without weight and bias
    """
    x, dims, weight, bias, eps = saved
    dx = np.empty_like(dy)
    dweight = None if weight is None else np.zeros_like(weight)
    dbias = None if bias is None else np.zeros_like(bias)
    for at in np.ndindex(x.shape[: x.ndim - dims]):
        z, s = standardised(x[at], eps)
        dx[at] = through_statistics(dy[at] if weight is None else dy[at] * weight, z, s)
        if dweight is not None:
            dweight += dy[at] * z
        if dbias is not None:
            dbias += dy[at]
    return (dx if needs_dx else None), dweight, dbias


def group_norm(x: Array, num_groups: int, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Saved]:
    """Shift and scale each sample's groups of C / num_groups neighbouring channels, then each channel.

        mean = sum of x / K,     var = sum of (x - mean)**2 / K,     over the K numbers of a group of one sample
        y = (x - mean) / sqrt(var + eps) * weight[c] + bias[c]

    Parameters
    ----------
    x : (N, C, ...) floating array, not modified
    num_groups : a divisor of C
    weight, bias : (C,) arrays, or both None
    eps : keeps the root away from 0

    Returns
    -------
    y : array like x
    saved : what `group_norm_backward` needs

    References
    ----------
    Wu and He, "Group Normalization", 2018; torch.nn.GroupNorm.
    """
    y = np.empty_like(x)
    N, C = x.shape[:2]
    D = C // num_groups
    for n in range(N):
        for first in range(0, C, D):
            z, _ = standardised(x[n, first : first + D], eps)
            for c in range(first, first + D):
                y[n, c] = z[c - first]
                if weight is not None and bias is not None:
                    y[n, c] = z[c - first] * weight[c] + bias[c]
    return y, (x, num_groups, weight, eps)


def group_norm_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array | None, Array | None]:
    """Send the gradient back through scale, shift, variance and mean.

        dz = dy * weight[c],     dx: see `through_statistics`
        dweight[c] = sum of dy * z,     dbias[c] = sum of dy,     over the samples and all pixels of channel c

    Parameters
    ----------
    dy : array like y
    saved : from `group_norm`
    needs_dx : False for the first layer; dx is then None

    Returns
    -------
    dx, dweight, dbias : gradients; dweight and dbias are None without weight
    """
    x, num_groups, weight, eps = saved
    N, C = x.shape[:2]
    D = C // num_groups
    dx, dweight, dbias = np.empty_like(dy), np.zeros(C, dy.dtype), np.zeros(C, dy.dtype)
    for n in range(N):
        for first in range(0, C, D):
            z, s = standardised(x[n, first : first + D], eps)
            dz = np.empty_like(z)
            for c in range(first, first + D):
                dz[c - first] = dy[n, c] if weight is None else dy[n, c] * weight[c]
                dweight[c] += np.sum(dy[n, c] * z[c - first])
                dbias[c] += np.sum(dy[n, c])
            dx[n, first : first + D] = through_statistics(dz, z, s)
    if weight is None:
        return (dx if needs_dx else None), None, None
    return (dx if needs_dx else None), dweight, dbias


def standardised(x: Array, eps: float) -> tuple[Array, Array]:
    """z = (x - mean) / s and s = sqrt(var + eps), mean and biased variance of all of x."""
    mean = np.sum(x) / x.size
    var = np.sum((x - mean) ** 2) / x.size
    s = np.sqrt(var + eps)
    return (x - mean) / s, s


def through_statistics(dz: Array, z: Array, s: Array) -> Array:
    """dx = (dz - mean of dz - z * mean of (dz * z)) / s: x also acts through its own mean and variance."""
    dx: Array = (dz - np.sum(dz) / dz.size - z * (np.sum(dz * z) / dz.size)) / s
    return dx
