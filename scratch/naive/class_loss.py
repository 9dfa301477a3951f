"""The losses of predicted classes by their definition, one sample at a time.

The same in NumPy at full speed: scratch/fast/class_loss.py. On the GPU: gpu/class_loss.py.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved


def cross_entropy(logits: Array, q: Array) -> tuple[Array, Saved]:
    """Compute the cross entropy of softmax(logits) relative to the target distribution q, for each sample.

        loss = - sum over classes c of  q_c * log p_c,         p = softmax(logits)
        log p_c = x_c - m - log(sum over j of exp(x_j - m)),   m = max over j of x_j

    A class with q_c = 0 adds nothing, even where its p_c is 0 and the logarithm infinite.

    Parameters
    ----------
    logits : (M, C) floating array, not modified
    q : (M, C) array of the same dtype; it need not sum to 1

    Returns
    -------
    losses : (M,) array
    saved : what `cross_entropy_backward` needs

    References
    ----------
    torch.nn.CrossEntropyLoss.
    """
    losses = np.zeros(len(logits), logits.dtype)
    log_p = np.empty_like(logits)
    for m, x in enumerate(logits):
        shifted = x - np.max(x)
        log_p[m] = shifted - np.log(np.sum(np.exp(shifted)))
        losses[m] = -sum(q_c * log_p_c for q_c, log_p_c in zip(q[m], log_p[m], strict=True) if q_c != 0)
    return losses, (log_p, q)


def cross_entropy_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute the gradient of the logits: predicted minus wanted.

        dx_c = dloss * (p_c * sum over j of q_j - q_c)

    Parameters
    ----------
    dlosses : (M,) array
    saved : from `cross_entropy`

    Returns
    -------
    dlogits : (M, C) array
    """
    log_p, q = saved
    dlogits: Array = np.empty_like(log_p)
    for m, dloss in enumerate(dlosses):
        dlogits[m] = dloss * (np.exp(log_p[m]) * np.sum(q[m]) - q[m])
    return dlogits


def nll(log_p: Array, labels: Array, weights: Array | None) -> tuple[Array, Saved]:
    """Compute minus the log probability of each label, weighted.

        loss = - weight * log_p[label]

    Parameters
    ----------
    log_p : (M, C) floating array, not modified
    labels : (M,) integers in 0 ... C - 1
    weights : (M,) array, those of the labels; None for ones

    Returns
    -------
    losses : (M,) array
    saved : what `nll_backward` needs

    References
    ----------
    torch.nn.NLLLoss.
    """
    losses = np.zeros(len(log_p), log_p.dtype)
    for m, label in enumerate(labels):
        losses[m] = -log_p[m, label] if weights is None else -weights[m] * log_p[m, label]
    return losses, (labels, weights, log_p.shape[1])


def nll_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dlog_p: - weight * dloss at the label, 0 elsewhere."""
    labels, weights, C = saved
    dlog_p = np.zeros((len(labels), C), dlosses.dtype)
    for m, label in enumerate(labels):
        dlog_p[m, label] = -dlosses[m] if weights is None else -weights[m] * dlosses[m]
    return dlog_p
