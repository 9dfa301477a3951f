"""The losses of each number by itself: of a difference, of a yes or no, of a distance."""

from math import nan

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.layers.base import check_array
from scratch.layers.loss import Loss, Losses, Reduction
from scratch.number import number


class MSELoss(Loss):
    """The mean squared difference of two arrays of one shape: torch.nn.MSELoss.

        loss = mean of (x - target)**2            dx = 2 * (x - target) / count

    Where torch warns that shapes differ and broadcasts them, this raises.

    >>> import numpy as np, scratch
    >>> float(scratch.MSELoss()(np.array([1.0, 3.0]), np.array([1.0, 1.0])))
    2.0
    """

    def _losses(self, x: Array, target: Array) -> Losses:
        check_like(x, "target", target)
        algorithm = self._choose(self.backend.mse)
        losses, saved = algorithm.mse(x, target)
        return Losses(losses, x.size or nan, None, (algorithm, saved))

    def _backward(self, dlosses: Array, saved: Saved) -> Array:
        algorithm, inner = saved
        dx: Array = algorithm.mse_backward(dlosses, inner)
        return dx


class L1Loss(Loss):
    """The mean size of the difference of two arrays of one shape: torch.nn.L1Loss.

        loss = mean of |x - target|            dx = sign(x - target) / count, 0 where they are the same

    Where torch warns that shapes differ and broadcasts them, this raises.

    >>> import numpy as np, scratch
    >>> criterion = scratch.L1Loss(reduction="sum")
    >>> float(criterion(np.array([1.0, 3.0]), np.array([1.0, 1.0])))
    2.0
    >>> criterion.backward()
    array([0., 1.])
    """

    def _losses(self, x: Array, target: Array) -> Losses:
        check_like(x, "target", target)
        algorithm = self._choose(self.backend.l1)
        losses, saved = algorithm.l1(x, target)
        return Losses(losses, x.size or nan, None, (algorithm, saved))

    def _backward(self, dlosses: Array, saved: Saved) -> Array:
        algorithm, inner = saved
        dx: Array = algorithm.l1_backward(dlosses, inner)
        return dx


class BCEWithLogitsLoss(Loss):
    """The cross entropy of yes and no, for each number: torch.nn.BCEWithLogitsLoss.

        loss = - weight * (pos_weight * t * log p + (1 - t) * log(1 - p)),         p = sigmoid(x)

    computed so that nothing overflows. The targets t are probabilities, which is not checked, as torch does not.

    Parameters
    ----------
    weight : array that broadcasts to x, or None for ones
    reduction : "mean" divides by how many numbers there are, whatever their weights
    pos_weight : array that broadcasts to x, the weight of a yes, or None for ones

    Examples
    --------
    >>> import numpy as np, scratch
    >>> criterion = scratch.BCEWithLogitsLoss(reduction="sum")
    >>> float(criterion(np.array([0.0, 1000.0]), np.array([1.0, 0.0]))) == float(1000 + np.log(2))
    True
    >>> criterion.backward()
    array([-0.5,  1. ])
    """

    def __init__(
        self, weight: Array | None = None, *, reduction: Reduction = "mean", pos_weight: Array | None = None
    ) -> None:
        super().__init__(reduction=reduction)
        for name, value in (("weight", weight), ("pos_weight", pos_weight)):
            if value is not None:
                check_array(self.backend, name, value)
        self.weight, self.pos_weight = weight, pos_weight

    def _losses(self, x: Array, target: Array) -> Losses:
        check_like(x, "target", target)
        for name, value in (("weight", self.weight), ("pos_weight", self.pos_weight)):
            if value is not None:
                check_broadcasts(x, name, value)
        algorithm = self._choose(self.backend.bce_with_logits)
        losses, saved = algorithm.bce_with_logits(x, target, self.weight, self.pos_weight)
        return Losses(losses, x.size or nan, None, (algorithm, saved))

    def _backward(self, dlosses: Array, saved: Saved) -> Array:
        algorithm, inner = saved
        dx: Array = algorithm.bce_with_logits_backward(dlosses, inner)
        return dx


class SmoothL1Loss(Loss):
    """A square for small differences, which goes on as a straight line for large ones: torch.nn.SmoothL1Loss.

        loss = d**2 / (2 * beta)  where |d| < beta, else  |d| - beta / 2,         d = x - target

    Where torch warns that shapes differ and broadcasts them, this raises.

    Parameters
    ----------
    reduction : "mean" divides by how many numbers there are
    beta : where the line begins, at least 0; 0 is the absolute difference

    Examples
    --------
    >>> import numpy as np, scratch
    >>> criterion = scratch.SmoothL1Loss(reduction="none")
    >>> criterion(np.array([0.5, -3.0]), np.zeros(2))
    array([0.125, 2.5  ])
    >>> criterion.backward(np.ones(2))
    array([ 0.5, -1. ])
    """

    def __init__(self, *, reduction: Reduction = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.beta = number("beta", beta)
        if not self.beta >= 0:
            raise ValueError(f"beta={beta!r}: smooth_l1_loss does not support negative values for beta.")

    def _losses(self, x: Array, target: Array) -> Losses:
        check_like(x, "target", target)
        algorithm = self._choose(self.backend.smooth_l1)
        losses, saved = algorithm.smooth_l1(x, target, self.beta)
        return Losses(losses, x.size or nan, None, (algorithm, saved))

    def _backward(self, dlosses: Array, saved: Saved) -> Array:
        algorithm, inner = saved
        dx: Array = algorithm.smooth_l1_backward(dlosses, inner)
        return dx


def check_like(x: Array, name: str, value: Array) -> None:
    """Raise a ValueError or TypeError unless an array has x's shape and dtype."""
    if x.shape != value.shape:
        raise ValueError(f"{name} has shape {value.shape} and x {x.shape}; they must be the same")
    if x.dtype != value.dtype:
        raise TypeError(f"{name} has dtype {value.dtype} and x {x.dtype}; they should be the same")


def check_broadcasts(x: Array, name: str, value: Array) -> None:
    """Raise a ValueError or TypeError unless an array has x's dtype and broadcasts to its shape."""
    try:
        fits = np.broadcast_shapes(x.shape, value.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} has shape {value.shape} and x {x.shape}; it must broadcast to that")
    if x.dtype != value.dtype:
        raise TypeError(f"{name} has dtype {value.dtype} and x {x.dtype}; they should be the same")
