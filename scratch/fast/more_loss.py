"""The negative log likelihood, the cross entropy of yes and no, and the smooth absolute difference, on whole arrays.

On NumPy's arrays and on those of a GPU alike. The loops this replaces: scratch/naive/more_loss.py.
"""

from scratch.array import Array, namespace_of
from scratch.contracts import Saved


def nll(log_p: Array, labels: Array, weights: Array | None) -> tuple[Array, Saved]:
    """Compute - weight * log_p[label]; log_p of sample m and label c is number m * C + c.

    Parameters, returns: as `scratch.naive.more_loss.nll`.
    """
    xp, (M, C) = namespace_of(log_p), log_p.shape
    losses = -xp.take(log_p.reshape(-1), xp.arange(M) * C + labels, axis=0)
    return losses if weights is None else losses * weights, (labels, weights, C)


def nll_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute - weight * dloss at the label, 0 elsewhere."""
    labels, weights, C = saved
    xp = namespace_of(dlosses)
    at_label = -dlosses if weights is None else -dlosses * weights
    dlog_p: Array = xp.where(labels[:, None] == xp.arange(C), at_label[:, None], 0)
    return dlog_p


def bce_with_logits(x: Array, target: Array, weight: Array | None, pos_weight: Array | None) -> tuple[Array, Saved]:
    """Compute w * ((1 - t) * x + (1 + (v - 1) * t) * (max(-x, 0) + log1p(exp(-|x|)))).

    Parameters, returns: as `scratch.naive.more_loss.bce_with_logits`.
    """
    xp = namespace_of(x)
    losses = (1 - target) * x
    large, small = xp.maximum(-x, 0), xp.log1p(xp.exp(-abs(x)))
    if pos_weight is None:
        losses = losses + large + small  # in this order nothing of a small loss is lost
    else:
        losses = losses + ((pos_weight - 1) * target + 1) * (large + small)
    return losses if weight is None else losses * weight, (x, target, weight, pos_weight)


def bce_with_logits_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss * w * ((v * t + 1 - t) * p - v * t)."""
    x, target, weight, pos_weight = saved
    xp = namespace_of(x)
    small = xp.exp(-abs(x))
    dx: Array = xp.where(x >= 0, 1, small) / (1 + small)
    if pos_weight is None:
        dx = dx - target
    else:
        yes = pos_weight * target
        dx = (yes + 1 - target) * dx - yes
    dx = dx * dlosses
    return dx if weight is None else dx * weight


def smooth_l1(x: Array, target: Array, beta: float) -> tuple[Array, Saved]:
    """Compute m**2 / (2 beta) + (|d| - m) with m = min(|d|, beta): the square up to beta, and what is beyond.

    Parameters, returns: as `scratch.naive.more_loss.smooth_l1`.
    """
    distance = abs(x - target)
    if beta == 0:
        return distance, (x, target, beta)
    m = namespace_of(x).minimum(distance, beta)
    return m * m / (2 * beta) + (distance - m), (x, target, beta)


def smooth_l1_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss times d cut off at -beta and beta, over beta; for beta = 0 the sign of d."""
    x, target, beta = saved
    xp, d = namespace_of(x), x - target
    slope = xp.where(d > 0, 1, xp.where(d < 0, -1, d)) if beta == 0 else xp.clip(d, -beta, beta) / beta
    dx: Array = slope * dlosses
    return dx
