"""The losses of predicted classes on whole arrays.

The loops this replaces: scratch/naive/class_loss.py. On the GPU: gpu/class_loss.py.
"""

import numpy as np

from scratch.array import Array, namespace_of
from scratch.contracts import Saved


def cross_entropy(logits: Array, q: Array) -> tuple[Array, Saved]:
    """Compute - sum of q * log softmax(logits), row by row.

    Parameters, returns: as `scratch.naive.class_loss.cross_entropy`.
    """
    if len(logits) == 0:
        return np.zeros(0, logits.dtype), (logits, q)
    log_p = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    log_p -= np.log(np.add.reduce(np.exp(log_p), axis=1, keepdims=True))
    chosen = log_p
    if not np.vdot(log_p, log_p) < np.inf:  # one is infinite or NaN, and 0 times that would be NaN
        chosen = np.where(q != 0, log_p, logits.dtype.type(0))
    return -np.vecdot(q, chosen), (log_p, q)


def cross_entropy_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss * (p * sum of q - q).

    Parameters, returns: as `scratch.naive.class_loss.cross_entropy_backward`.
    """
    log_p, q = saved
    dlogits: Array = np.exp(log_p)
    dlogits *= np.add.reduce(q, axis=1, keepdims=True)
    dlogits -= q
    dlogits *= dlosses[:, None]
    return dlogits


def nll(log_p: Array, labels: Array, weights: Array | None) -> tuple[Array, Saved]:
    """Compute - weight * log_p[label]; log_p of sample m and label c is number m * C + c.

    Parameters, returns: as `scratch.naive.class_loss.nll`.
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
