"""The losses on whole arrays.

The loops this replaces: scratch/naive/loss.py. On the GPU: gpu/loss.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved


def cross_entropy(logits: Array, q: Array) -> tuple[Array, Saved]:
    """Compute - sum of q * log softmax(logits), row by row.

    Parameters, returns: as `scratch.naive.loss.cross_entropy`.
    """
    if len(logits) == 0:
        return np.zeros(0, logits.dtype), (logits, q)
    log_p = logits - logits.max(axis=1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    losses = -(q * np.where(q != 0, log_p, logits.dtype.type(0))).sum(axis=1)
    return losses, (log_p, q)


def cross_entropy_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss * (p * sum of q - q).

    Parameters, returns: as `scratch.naive.loss.cross_entropy_backward`.
    """
    log_p, q = saved
    dlogits: Array = np.exp(log_p)
    dlogits *= q.sum(axis=1, keepdims=True)
    dlogits -= q
    dlogits *= dlosses[:, None]
    return dlogits


def mse(x: Array, target: Array) -> tuple[Array, Saved]:
    """Compute (x - target)**2.

    Parameters, returns: as `scratch.naive.loss.mse`.
    """
    return (x - target) ** 2, (x, target)


def mse_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss * 2 * (x - target)."""
    x, target = saved
    dx: Array = x - target
    dx *= 2
    dx *= dlosses
    return dx
