"""Softmax and cross entropy by one kernel for each direction: cross_entropy.cu has the picture.

The loops this replaces: scratch/naive/class_loss.py. On the GPU with array functions: gpu/class_loss.py.
"""

from gpu.declaration import Source
from gpu.kernels.rows import teams
from gpu.runtime import launch
from scratch.array import Array, namespace_of
from scratch.contracts import Saved

SOURCE = Source("cross_entropy.cu")
SIZES = dict.fromkeys(["logits", "q", "dlogits"], "M C") | dict.fromkeys(["losses", "maxima", "sums", "dlosses"], "M")
FORWARD = SOURCE.kernel(
    "cross_entropy",
    "const T* logits, const T* q, T* losses, T* maxima, T* sums, long long M, long long C",
    SIZES,
)
BACKWARD = SOURCE.kernel(
    "cross_entropy_backward",
    "const T* logits, const T* q, const T* maxima, const T* sums, const T* dlosses, T* dlogits, long long M, "
    "long long C",
    SIZES,
)


def cross_entropy(logits: Array, q: Array) -> tuple[Array, Saved]:
    """Compute - sum of q * log softmax(logits), row by row; probabilities are not kept, but what makes them.

    Parameters, returns: as `scratch.naive.class_loss.cross_entropy`.
    """
    xp, (M, C) = namespace_of(logits), logits.shape
    logits, q = xp.ascontiguousarray(logits), xp.ascontiguousarray(q)
    losses, maxima, sums = (xp.empty(M, logits.dtype) for _ in range(3))
    if M:
        launch(FORWARD, *teams(M, C), logits=logits, q=q, losses=losses, maxima=maxima, sums=sums, M=M, C=C)
    return losses, (logits, q, maxima, sums)


def cross_entropy_backward(dlosses: Array, saved: Saved) -> Array:
    """Compute dloss * (p * sum of q - q), with the p of logits computed anew.

    Parameters, returns: as `scratch.naive.class_loss.cross_entropy_backward`.
    """
    logits, q, maxima, sums = saved
    xp, (M, C) = namespace_of(logits), logits.shape
    dlogits: Array = xp.empty((M, C), logits.dtype)
    if M:
        kept = {"logits": logits, "q": q, "maxima": maxima, "sums": sums, "dlosses": xp.ascontiguousarray(dlosses)}
        launch(BACKWARD, *teams(M, C), **kept, dlogits=dlogits, M=M, C=C)
    return dlogits
