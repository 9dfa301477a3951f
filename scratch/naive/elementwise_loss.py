"""The losses of each number by itself, one by one.

The same in NumPy at full speed: scratch/fast/elementwise_loss.py. On the GPU: gpu/elementwise_loss.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved


def mse(x: Array, target: Array) -> tuple[Array, Saved]:
    """Square the difference of every number to its target.

        loss = (x - target)**2

    Parameters
    ----------
    x, target : floating arrays of one shape, not modified

    Returns
    -------
    losses : array like x
    saved : what `mse_backward` needs

    References
    ----------
    torch.nn.MSELoss.
    """
    losses = np.empty_like(x)
    for at in np.ndindex(x.shape):
        losses[at] = (x[at] - target[at]) ** 2
    return losses, (x, target)


def mse_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute the gradient of x.

    dx = dloss * 2 * (x - target)
    """
    x, target = saved
    dx: Array = np.empty_like(x)
    for at in np.ndindex(x.shape):
        dx[at] = dlosses[at] * 2 * (x[at] - target[at])
    return dx


def bce_with_logits(x: Array, target: Array, weight: Array | None, pos_weight: Array | None) -> tuple[Array, Saved]:
    """Compute the cross entropy of yes and no for each number.

        loss = - w * (v * t * log p + (1 - t) * log(1 - p)),         p = sigmoid(x) = 1 / (1 + exp(-x))

    With  - log p = log(1 + exp(-x)) = max(-x, 0) + log(1 + exp(-|x|))  and  log(1 - p) = log p - x  that is

        loss = w * ((1 - t) * x + (1 + (v - 1) * t) * (max(-x, 0) + log1p(exp(-|x|))))

    in which no power is of a positive number.

    Parameters
    ----------
    x, target : floating arrays of one shape, not modified; t is in 0 ... 1, but need not be
    weight, pos_weight : w and v, arrays that broadcast to that shape; None for ones

    Returns
    -------
    losses : array like x
    saved : what `bce_with_logits_backward` needs

    References
    ----------
    torch.nn.BCEWithLogitsLoss.
    """
    losses = np.empty_like(x)
    w, v = (np.broadcast_to(x.dtype.type(1) if each is None else each, x.shape) for each in (weight, pos_weight))
    for at in np.ndindex(x.shape):
        t = target[at]
        surprise = np.maximum(-x[at], 0) + np.log1p(np.exp(-abs(x[at])))
        losses[at] = w[at] * ((1 - t) * x[at] + (1 + (v[at] - 1) * t) * surprise)
    return losses, (x, target, w, v)


def bce_with_logits_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute the gradient of x.

    dx = dloss * w * ((v * t + 1 - t) * p - v * t),         p = 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x))
    """
    x, target, w, v = saved
    dx: Array = np.empty_like(x)
    for at in np.ndindex(x.shape):
        t, small = target[at], np.exp(-abs(x[at]))
        p = 1 / (1 + small) if x[at] >= 0 else small / (1 + small)
        dx[at] = dlosses[at] * w[at] * ((v[at] * t + 1 - t) * p - v[at] * t)
    return dx


def smooth_l1(x: Array, target: Array, beta: float) -> tuple[Array, Saved]:
    """Square small differences, and take large ones as they are.

        loss = d**2 / (2 * beta)  where |d| < beta, else  |d| - beta / 2,         d = x - target

    Parameters
    ----------
    x, target : floating arrays of one shape, not modified
    beta : at least 0

    Returns
    -------
    losses : array like x
    saved : what `smooth_l1_backward` needs

    References
    ----------
    Girshick, "Fast R-CNN", 2015; torch.nn.SmoothL1Loss.
    """
    losses = np.empty_like(x)
    for at in np.ndindex(x.shape):
        distance = abs(x[at] - target[at])
        losses[at] = distance**2 / (2 * beta) if distance < beta else distance - beta / 2
    return losses, (x, target, beta)


def smooth_l1_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute the gradient of x: dloss times d / beta where |d| < beta, else the sign of d.

    The sign is 0 at 0; and at NaN, too, where beta is 0, as in torch.
    """
    x, target, beta = saved
    dx: Array = np.empty_like(x)
    for at in np.ndindex(x.shape):
        d = x[at] - target[at]
        dx[at] = dlosses[at] * (d / beta if beta and not abs(d) >= beta else int(d > 0) - int(d < 0))
    return dx


def l1(x: Array, target: Array) -> tuple[Array, Saved]:
    """Take the size of the difference of every number to its target.

        loss = |x - target|

    Parameters
    ----------
    x, target : floating arrays of one shape, not modified

    Returns
    -------
    losses : array like x
    saved : what `l1_backward` needs

    References
    ----------
    torch.nn.L1Loss.
    """
    losses = np.empty_like(x)
    for at in np.ndindex(x.shape):
        losses[at] = abs(x[at] - target[at])
    return losses, (x, target)


def l1_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute the gradient of x: dloss times the sign of x - target, which is 0 at 0, and at NaN as in torch."""
    x, target = saved
    dx: Array = np.empty_like(x)
    for at in np.ndindex(x.shape):
        d = x[at] - target[at]
        dx[at] = dlosses[at] * (int(d > 0) - int(d < 0))
    return dx
