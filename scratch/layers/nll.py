"""The negative log likelihood."""

from math import nan
from typing import Any

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.layers.loss import ClassLoss, Losses, Reduction


class NLLLoss(ClassLoss):
    """Minus the log probability of the label, times the weight of its class: torch.nn.NLLLoss.

        loss = - weight[label] * x[label]

    x holds logarithms of probabilities, as LogSoftmax gives them; both together are CrossEntropyLoss.

    Parameters
    ----------
    weight : (C,) array, or None for ones
    ignore_index : samples with this label count for nothing, not even in the mean
    reduction : "mean" divides by the sum of the weights of the labels

    `x` is (C,), (N, C) or (N, C, d1, ...); `target` holds labels (int64, x's shape without C; uint8 for (C,) and
    (N, C)).

    Examples
    --------
    >>> import numpy as np, scratch
    >>> criterion = scratch.NLLLoss()
    >>> float(criterion(np.array([[-1.0, -2.0], [-3.0, -0.5]]), np.array([1, 0])))
    2.5
    >>> criterion.backward()
    array([[ 0. , -0.5],
           [-0.5,  0. ]])
    """

    def __init__(self, weight: Array | None = None, *, ignore_index: int = -100, reduction: Reduction = "mean") -> None:
        super().__init__(weight, ignore_index, reduction)

    def _losses(self, x: Array, target: Array) -> Losses:
        xp, axis = namespace_of(x), self._axis_of_classes(x)
        C = x.shape[axis]
        shape = x.shape[:axis] + x.shape[axis + 1 :]
        labels, one_hot, ignored = self._labels(target, shape, C)
        weights = None if self.weight is None else xp.where(one_hot, self.weight, x.dtype.type(0)).sum(axis=1)
        divisor: Any = len(labels) or nan
        if ignored is not None:
            labels = xp.where(ignored, 0, labels)
        if weights is not None or ignored is not None:
            divisor = self._total(one_hot.any(axis=1).astype(x.dtype) if weights is None else weights)

        algorithm = self._choose(self.backend.nll)
        rows = x if x.ndim == 2 else xp.moveaxis(x, axis, -1).reshape(-1, C)
        losses, saved = algorithm.nll(rows, labels, weights)
        if ignored is not None:
            losses = xp.where(ignored, 0, losses)
        return Losses(losses.reshape(shape), divisor, ignored, (algorithm, saved, axis, (*shape, C)))

    def _backward(self, dlosses: Array, saved: Saved) -> Array:
        algorithm, inner, axis, shape = saved
        dx = algorithm.nll_backward(dlosses.reshape(-1), inner).reshape(shape)
        return dx if axis == dx.ndim - 1 else namespace_of(dx).moveaxis(dx, -1, axis)  # type: ignore[no-any-return]
