"""The losses of predicted classes."""

from functools import lru_cache
from math import nan
from operator import index
from typing import Any

import numpy as np

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.layers.base import check_array
from scratch.layers.loss import Loss, Losses, Reduction
from scratch.number import number

INT64, UINT8 = np.dtype(np.int64), np.dtype(np.uint8)


class ClassLoss(Loss):
    """A loss of one class out of C: the weights of the classes, and the checks of labels.

    `x` is (C,), (N, C) or (N, C, d1, ...); labels are int64, of x's shape without C (uint8 for (C,) and (N, C)).
    """

    def __init__(self, weight: Array | None, ignore_index: int, reduction: Reduction) -> None:
        super().__init__(reduction=reduction)
        if weight is not None:
            check_array(self.backend, "weight", weight)
            if weight.ndim != 1:
                raise ValueError(f"weight has shape {weight.shape}; one number per class is needed")
        try:
            self.weight, self.ignore_index = weight, index(ignore_index)
        except TypeError:
            raise TypeError(f"ignore_index={ignore_index!r} must be an integer") from None

    def _check_weight(self, x: Array, C: int) -> None:
        """Raise a ValueError or a TypeError unless the weights, if there are any, fit x of C classes."""
        weight = self.weight
        if weight is None:
            return
        if weight.shape != (C,):
            raise ValueError(
                f"weight tensor should be defined either for all {C} classes or no classes but got weight tensor of "
                f"shape: {weight.shape}"
            )
        if weight.dtype != x.dtype:
            raise TypeError(f"weight has dtype {weight.dtype} and x {x.dtype}; they should be the same")

    def _labels(self, target: Array, shape: tuple[int, ...], C: int) -> tuple[Array, Array, Array | None]:
        """The labels (M,), their one-hot rows (M, C), empty where one is ignored, and which are (None: none is).

        Raises
        ------
        TypeError, ValueError
            unless all are labels of one of C classes, or ignored; a GPU has to be waited for here
        """
        if target.shape != shape:
            raise ValueError(
                f"target has shape {target.shape}: Expected input batch_size {shape} to match target batch_size "
                f"{target.shape}"
            )
        if target.dtype != INT64 and not (target.dtype == UINT8 and target.ndim < 2):
            raise TypeError(f"target has dtype {target.dtype}; labels are int64: target.astype('int64')")
        labels = target if target.ndim == 1 else target.reshape(-1)
        if labels.dtype != INT64:
            labels = labels.astype(INT64)
        one_hot = labels[:, None] == namespace_of(labels).arange(C)
        ignored = None
        if 0 <= self.ignore_index < C or one_hot.sum() < len(labels):  # some label is none of a class
            ignored = labels == self.ignore_index
            wrong = ~(ignored | one_hot.any(axis=1))
            if bool(wrong.any()):
                raise ValueError(
                    f"Target {int(labels[wrong][0])} is out of bounds. Labels are 0 ... {C - 1}, or "
                    f"{self.ignore_index} (ignored)"
                )
            one_hot &= ~ignored[:, None]
        return labels, one_hot, ignored

    def _total(self, weights: Array) -> Array:
        """The sum of the labels' weights, which "mean" divides by; NaN for 0."""
        total = weights.sum()
        return namespace_of(total).where(total == 0, weights.dtype.type(nan), total)  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def axes_of(shape: tuple[int, ...]) -> tuple[int, int, tuple[int, ...]]:
    """Which axis holds the classes, how many they are, and the shape without them.

    Raises
    ------
    ValueError
        if there is no class

    >>> axes_of((5, 3, 8, 8)), axes_of((3,))
    ((1, 3, (5, 8, 8)), (0, 3, ()))
    """
    axis = min(1, len(shape) - 1)
    if not shape or shape[axis] == 0:
        raise ValueError(f"x has shape {shape}; (C,), (N, C) or (N, C, d1, ...) with a class is needed")
    return axis, shape[axis], shape[:axis] + shape[axis + 1 :]


def rows_of(x: Array, axis: int, C: int) -> Array:
    """The classes of each sample as a row, (M, C)."""
    if x.ndim == 2:
        return x
    rows: Array = namespace_of(x).moveaxis(x, axis, -1).reshape(-1, C)
    return rows


class CrossEntropyLoss(ClassLoss):
    """How surprised a prediction is by the truth: torch.nn.CrossEntropyLoss.

        loss = - sum over classes c of  q_c * log softmax(x)_c

    where q is the target distribution: 1 at the label and 0 elsewhere, times the weight of the label's class; with
    label_smoothing e, (1 - e) of that, and e / C times its weight at every class.

    Parameters
    ----------
    weight : (C,) array, or None for ones
    ignore_index : samples with this label count for nothing, not even in the mean
    reduction : "mean" divides by the sum of the weights of the labels (of probabilities, by the number of samples)
    label_smoothing : e, in 0 ... 1

    `x` is (C,), (N, C) or (N, C, d1, ...); `target` holds labels (int64, x's shape without C; uint8 for (C,) and
    (N, C)) or probabilities (x's shape and dtype).

    Examples
    --------
    >>> import numpy as np, scratch
    >>> criterion = scratch.CrossEntropyLoss()
    >>> float(criterion(np.zeros((2, 4)), np.array([1, 3]))) == float(np.log(4))
    True
    >>> criterion.backward()
    array([[ 0.125, -0.375,  0.125,  0.125],
           [ 0.125,  0.125,  0.125, -0.375]])
    """

    def __init__(
        self,
        weight: Array | None = None,
        *,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, ignore_index, reduction)
        if not 0 <= number("label_smoothing", label_smoothing) <= 1:
            raise ValueError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
        self.label_smoothing = float(label_smoothing)

    def _losses(self, x: Array, target: Array) -> Losses:
        axis, C, sample_shape = axes_of(x.shape)
        self._check_weight(x, C)
        if target.shape == x.shape and target.dtype.kind == "f":
            if target.dtype != x.dtype:
                raise TypeError(f"target has dtype {target.dtype} and x {x.dtype}; they should be the same")
            if self.ignore_index >= 0:
                raise ValueError(f"ignore_index={self.ignore_index} is not supported for floating point target")
            rows = rows_of(target, axis, C)
            e = self.label_smoothing
            q = rows * (1 - e) + e / C
            q = q if self.weight is None else q * self.weight
            divisor, ignored = len(rows) or nan, None
        else:
            q, divisor, ignored = self._of_labels(*self._labels(target, sample_shape, C), x.dtype)

        algorithm = self._choose(self.backend.cross_entropy)
        losses, saved = algorithm.cross_entropy(rows_of(x, axis, C), q)
        return Losses(losses.reshape(sample_shape), divisor, ignored, (algorithm, saved, axis, (*sample_shape, C)))

    def _of_labels(
        self, labels: Array, one_hot: Array, ignored: Array | None, dtype: Any
    ) -> tuple[Array, Any, Array | None]:
        """The target distribution of each label, the sum of their weights, and which are ignored."""
        weight, e, C = self.weight, self.label_smoothing, one_hot.shape[1]
        divisor: Any = len(labels) or nan
        if weight is None and ignored is None and e == 0:
            return one_hot.astype(dtype), divisor, None
        xp, zero = namespace_of(labels), dtype.type(0)
        q = one_hot.astype(dtype) if weight is None else xp.where(one_hot, weight, zero)
        if weight is not None or ignored is not None:
            divisor = self._total(q)
        if e > 0:
            q = q * (1 - e) + (e / C if weight is None else weight * (e / C))
            if ignored is not None:
                q = xp.where(ignored[:, None], zero, q)
        return q, divisor, ignored

    def _backward(self, dlosses: Array, saved: Saved) -> Array:
        algorithm, inner, axis, shape = saved
        dx = algorithm.cross_entropy_backward(dlosses.reshape(-1), inner).reshape(shape)
        return dx if axis == dx.ndim - 1 else namespace_of(dx).moveaxis(dx, -1, axis)  # type: ignore[no-any-return]


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
        xp, (axis, C, shape) = namespace_of(x), axes_of(x.shape)
        self._check_weight(x, C)
        labels, one_hot, ignored = self._labels(target, shape, C)
        weights = None if self.weight is None else xp.where(one_hot, self.weight, x.dtype.type(0)).sum(axis=1)
        divisor: Any = len(labels) or nan
        if ignored is not None:
            labels = xp.where(ignored, 0, labels)
        if weights is not None or ignored is not None:
            divisor = self._total(one_hot.any(axis=1).astype(x.dtype) if weights is None else weights)

        algorithm = self._choose(self.backend.nll)
        losses, saved = algorithm.nll(rows_of(x, axis, C), labels, weights)
        if ignored is not None:
            losses = xp.where(ignored, 0, losses)
        return Losses(losses.reshape(shape), divisor, ignored, (algorithm, saved, axis, (*shape, C)))

    def _backward(self, dlosses: Array, saved: Saved) -> Array:
        algorithm, inner, axis, shape = saved
        dx = algorithm.nll_backward(dlosses.reshape(-1), inner).reshape(shape)
        return dx if axis == dx.ndim - 1 else namespace_of(dx).moveaxis(dx, -1, axis)  # type: ignore[no-any-return]
