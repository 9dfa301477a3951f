"""The losses of each number by itself, on whole arrays, those of a GPU too.

The loops this replaces: scratch/naive/elementwise_loss.py.
"""

from scratch.array import Array, namespace_of
from scratch.contracts import Saved


def mse(x: Array, target: Array) -> tuple[Array, Saved]:
    """Compute (x - target)**2.

    Parameters, returns: as `scratch.naive.elementwise_loss.mse`.
    """
    return (x - target) ** 2, (x, target)


def mse_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss * 2 * (x - target)."""
    x, target = saved
    dx: Array = x - target
    dx *= 2
    dx *= dlosses
    return dx


def bce_with_logits(x: Array, target: Array, weight: Array | None, pos_weight: Array | None) -> tuple[Array, Saved]:
    """Compute w * ((1 - t) * x + (1 + (v - 1) * t) * (max(-x, 0) + log1p(exp(-|x|)))).

    Parameters, returns: as `scratch.naive.elementwise_loss.bce_with_logits`.
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

    Parameters, returns: as `scratch.naive.elementwise_loss.smooth_l1`.
    """
    distance = abs(x - target)
    if beta == 0:
        return distance, (x, target, beta)
    m = namespace_of(x).minimum(distance, beta)
    return m * m / (2 * beta) + (distance - m), (x, target, beta)


def smooth_l1_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss times d cut off at -beta and beta, over beta; for beta = 0 the sign of d, 0 at NaN as in torch."""
    x, target, beta = saved
    xp, d = namespace_of(x), x - target
    slope = sign(d) if beta == 0 else xp.clip(d, -beta, beta) / beta
    dx: Array = slope * dlosses
    return dx


def sign(d: Array) -> Array:
    """1, -1 or 0, which it is at NaN, too."""
    xp = namespace_of(d)
    signs: Array = xp.where(d > 0, 1, xp.where(d < 0, d.dtype.type(-1), 0))
    return signs


def l1(x: Array, target: Array) -> tuple[Array, Saved]:
    """Compute |x - target|.

    Parameters, returns: as `scratch.naive.elementwise_loss.l1`.
    """
    return abs(x - target), (x, target)


def l1_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss times the sign of x - target."""
    x, target = saved
    dx: Array = sign(x - target) * dlosses
    return dx
