"""Batch normalisation by its definition, one channel at a time.

The same in NumPy at full speed: scratch/fast/norm.py. On the GPU: gpu/norm.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved


def batch_statistics(x: Array) -> tuple[Array, Array]:
    """Compute mean and biased variance of each channel.

        mean[c] = sum over n, i, j of x[n, c, i, j] / M,     var[c] = sum of (x - mean[c])**2 / M,     M = N*H*W

    Parameters
    ----------
    x : (N, C, H, W) floating array, not modified; for an empty batch, both are NaN

    Returns
    -------
    mean, var : (C,) arrays
    """
    N, C, H, W = x.shape
    M = N * H * W
    mean, var = np.full(C, np.nan, x.dtype), np.full(C, np.nan, x.dtype)
    for c in range(C if M else 0):
        mean[c] = np.sum(x[:, c]) / M
        var[c] = np.sum((x[:, c] - mean[c]) ** 2) / M
    return mean, var


def batch_norm2d(
    x: Array,
    mean: Array,
    var: Array,
    weight: Array | None,
    bias: Array | None,
    eps: float,
    training: bool,
) -> tuple[Array, Saved]:
    """Shift and scale each channel.

        y = (x - mean[c]) / sqrt(var[c] + eps) * weight[c] + bias[c]

    Parameters
    ----------
    x : (N, C, H, W) floating array, not modified
    mean, var : (C,) arrays, x's own in training, the running ones else
    weight, bias : (C,) arrays, or both None
    eps : keeps the root away from 0
    training : whether mean and var are x's own, so that dx goes through them

    Returns
    -------
    y : array like x
    saved : what `batch_norm2d_backward` needs

    References
    ----------
    Ioffe and Szegedy, "Batch Normalization", 2015; torch.nn.BatchNorm2d.
    """
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        y[:, c] = (x[:, c] - mean[c]) / np.sqrt(var[c] + eps)
        if weight is not None and bias is not None:
            y[:, c] = y[:, c] * weight[c] + bias[c]
    return y, (x, mean, var, weight, eps, training)


def batch_norm2d_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array | None, Array | None]:
    """Send the gradient back through scale, shift and, in training, through the variance and the mean.

        z  = (x - mean) / s,     s = sqrt(var + eps)
        dx = weight / s * (dy - mean of dy - z * mean of (dy * z))      in training
        dx = weight / s * dy                                            else

    Parameters
    ----------
    dy : (N, C, H, W) array
    saved : from `batch_norm2d`
    needs_dx : False for the first layer; dx is then None

    Returns
    -------
    dx, dweight, dbias : gradients; dweight and dbias are None without weight
    """
    x, mean, var, weight, eps, training = saved
    dx, dweight, dbias = np.empty_like(dy), np.zeros_like(mean), np.zeros_like(mean)
    M = dy[:, 0].size
    for c in range(dy.shape[1] if M else 0):
        s = np.sqrt(var[c] + eps)
        z = (x[:, c] - mean[c]) / s
        dweight[c], dbias[c] = np.sum(dy[:, c] * z), np.sum(dy[:, c])
        dz = dy[:, c] - dbias[c] / M - z * (dweight[c] / M) if training else dy[:, c]
        dx[:, c] = dz / s if weight is None else weight[c] * dz / s
    if weight is None:
        return (dx if needs_dx else None), None, None
    return (dx if needs_dx else None), dweight, dbias
