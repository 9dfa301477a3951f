"""The losses by their definition, one sample at a time.

The same in NumPy at full speed: scratch/fast/loss.py. On the GPU: gpu/loss.py.
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
