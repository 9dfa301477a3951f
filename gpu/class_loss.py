"""The losses of predicted classes on whole arrays of the GPU.

The loops this replaces: scratch/naive/class_loss.py. The same in NumPy: scratch/fast/class_loss.py.
"""

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast.class_loss import nll, nll_backward

__all__ = ["cross_entropy", "cross_entropy_backward", "nll", "nll_backward"]


def cross_entropy(logits: Array, q: Array) -> tuple[Array, Saved]:
    """Compute - sum of q * log softmax(logits), row by row.

    Parameters, returns: as `scratch.naive.class_loss.cross_entropy`.
    """
    xp = namespace_of(logits)
    if len(logits) == 0:
        return xp.zeros(0, logits.dtype), (logits, q)
    log_p = logits - logits.max(axis=1, keepdims=True)
    log_p -= xp.log(xp.exp(log_p).sum(axis=1, keepdims=True))
    # A selection: CuPy's sum has no `where`, and 0 * -inf would be NaN.
    losses = -(q * xp.where(q != 0, log_p, 0)).sum(axis=1)
    return losses, (log_p, q)


def cross_entropy_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss * (p * sum of q - q).

    Parameters, returns: as `scratch.naive.class_loss.cross_entropy_backward`.
    """
    log_p, q = saved
    dlogits: Array = namespace_of(log_p).exp(log_p)
    dlogits *= q.sum(axis=1, keepdims=True)
    dlogits -= q
    dlogits *= dlosses[:, None]
    return dlogits
