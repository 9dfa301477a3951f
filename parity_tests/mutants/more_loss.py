# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Other losses than cross entropy and the mean squared error, and what goes wrong in them."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array
from parity_tests.mutants.loss import Loss
from parity_tests.mutants.table import Mutant


class NLLLoss(Loss):
    """- weight[label] * x[label] for each sample; x has its classes on axis 1, of a single sample on axis 0."""

    def __init__(self, weight: Array | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        self.weight, self.ignore_index, self.reduction = weight, ignore_index, reduction

    def forward(self, x: Array, target: Array) -> Array:
        self.axis = min(1, x.ndim - 1)
        C = x.shape[self.axis]
        labels = np.expand_dims(target.astype(np.int64), self.axis)
        self.counted = labels != self.ignore_index
        classes = np.arange(C).reshape(-1, *(1 for _ in x.shape[self.axis + 1 :]))
        self.at = (labels == classes) & self.counted
        self.w = np.where(self.at, 1 if self.weight is None else self.weight.reshape(classes.shape), 0).astype(x.dtype)
        picked = np.where(self.at, x, x.dtype.type(0))
        return self.reduced(self.signed((picked * self.w).sum(axis=self.axis)), self.divisor())

    def backward(self, dloss: Any = 1.0) -> Array:
        dlosses = self.upstream(dloss, self.divisor(), self.w.dtype)
        dlosses = np.expand_dims(dlosses, self.axis) if dlosses.ndim else dlosses
        return np.where(self.at, self.signed(self.w * dlosses), self.w.dtype.type(0))

    def signed(self, values: Array) -> Array:
        """Minus."""
        return -values

    def divisor(self) -> Any:
        """What "mean" divides by."""
        return self.w.sum()


class BCEWithLogitsLoss(Loss):
    """The cross entropy of yes and no, w ((1 - t) x - (1 + (v - 1) t) log p) with p = sigmoid(x)."""

    def __init__(self, weight: Array | None = None, reduction: str = "mean", pos_weight: Array | None = None) -> None:
        self.weight, self.reduction, self.pos_weight = weight, reduction, pos_weight

    def forward(self, x: Array, target: Array) -> Array:
        self.x, self.t = x, target
        self.v = x.dtype.type(1) if self.pos_weight is None else self.pos_weight
        losses = np.asarray((1 - target) * x - (1 + (self.v - 1) * target) * self.log_p(x))
        return self.reduced(self.weighted(losses), self.divisor())

    def backward(self, dloss: Any = 1.0) -> Array:
        slope = np.asarray(self.slope(self.sigmoid(self.x)))
        return np.asarray(self.weighted(slope) * self.upstream(dloss, self.divisor(), self.x.dtype))

    def log_p(self, x: Array) -> Array:
        """The logarithm of the sigmoid."""
        return np.asarray(np.minimum(x, 0) - np.log1p(np.exp(-abs(x))))

    def sigmoid(self, x: Array) -> Array:
        """1 / (1 + exp(-x))."""
        small = np.exp(-abs(x))
        return np.asarray(np.where(x >= 0, x.dtype.type(1), small) / (1 + small))

    def slope(self, p: Array) -> Array:
        """The derivatives of the losses."""
        return np.asarray((self.v * self.t + 1 - self.t) * p - self.v * self.t)

    def weighted(self, values: Array) -> Array:
        """Times the weights."""
        return values if self.weight is None else np.asarray(values * self.weight)

    def divisor(self) -> Any:
        """What "mean" divides by."""
        return self.x.size


class SmoothL1Loss(Loss):
    """d**2 / (2 beta) where |d| < beta, else |d| - beta / 2."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        self.reduction, self.beta = reduction, beta

    def forward(self, x: Array, target: Array) -> Array:
        self.d = np.asarray(x - target)
        return self.reduced(np.asarray(self.losses(np.abs(self.d))), self.d.size)

    def backward(self, dloss: Any = 1.0) -> Array:
        return np.asarray(self.slope(self.d) * self.upstream(dloss, self.d.size, self.d.dtype))

    def losses(self, distance: Array) -> Array:
        """The losses."""
        if self.beta == 0:
            return distance
        near = np.minimum(distance, distance.dtype.type(self.beta))
        return np.asarray(np.where(distance < self.beta, self.square(near), distance - self.beta / 2))

    def square(self, d: Array) -> Array:
        """The losses of small differences."""
        return np.asarray(d * d / (2 * self.beta))

    def slope(self, d: Array) -> Array:
        """Their derivatives."""
        if self.beta == 0:
            return np.sign(np.nan_to_num(d))  # torch's sign of NaN is 0
        return np.asarray(np.clip(d, -self.beta, self.beta) / self.beta)


class L1Loss(Loss):
    """|x - target|."""

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Array:
        self.d = np.asarray(x - target)
        return self.reduced(self.losses(self.d), self.d.size)

    def backward(self, dloss: Any = 1.0) -> Array:
        return np.asarray(self.slope(self.d) * self.upstream(dloss, self.d.size, self.d.dtype))

    def losses(self, d: Array) -> Array:
        """The losses."""
        return np.abs(d)

    def slope(self, d: Array) -> Array:
        """Their derivatives, 0 at NaN."""
        return (d > 0).astype(d.dtype) - (d < 0).astype(d.dtype)


class NllSignMissing(NLLLoss):
    """Forgets the minus."""

    def signed(self, values: Array) -> Array:
        return values


class NllWeightsNotInDivisor(NLLLoss):
    """Divides by the number of labels that count, not by their weights."""

    def divisor(self) -> Any:
        return self.at.sum()


class NllIgnoredCounted(NLLLoss):
    """Divides by the number of all samples."""

    def divisor(self) -> Any:
        return self.counted.size if self.weight is None else super().divisor()


class SigmoidOverflows(BCEWithLogitsLoss):
    """Takes the logarithm of 1 / (1 + exp(-x)) as it is, which is 0 for large -x."""

    def log_p(self, x: Array) -> Array:
        return np.asarray(np.log(self.sigmoid(x)))


class LogOfOnePlus(BCEWithLogitsLoss):
    """Computes log(1 + exp(-|x|)) by log, not by log1p: small losses lose their digits."""

    def log_p(self, x: Array) -> Array:
        return np.asarray(np.minimum(x, 0) - np.log(1 + np.exp(-abs(x))))

    def forward(self, x: Array, target: Array) -> Array:
        self.x, self.t = x, target
        self.v = x.dtype.type(1) if self.pos_weight is None else self.pos_weight
        surprise = np.log(1 + np.exp(-abs(x)))
        losses = (1 - target) * x + (1 + (self.v - 1) * target) * (np.maximum(-x, 0) + surprise)
        return self.reduced(self.weighted(np.asarray(losses)), self.divisor())


class PosWeightOfAll(BCEWithLogitsLoss):
    """Multiplies the whole loss by pos_weight, not the share of a yes alone."""

    def forward(self, x: Array, target: Array) -> Array:
        weight, v = self.weight, self.pos_weight
        if v is None:
            return super().forward(x, target)
        self.weight, self.pos_weight = (v if weight is None else weight * v), None
        return super().forward(x, target)


class PosWeightNotInGradient(BCEWithLogitsLoss):
    """Gives p - t for the gradient, with weights of a yes, too."""

    def slope(self, p: Array) -> Array:
        return p - self.t


class BceWeightsInDivisor(BCEWithLogitsLoss):
    """Divides by the sum of the weights, as the losses of classes do."""

    def divisor(self) -> Any:
        return self.x.size if self.weight is None else np.broadcast_to(self.weight, self.x.shape).sum()


class HalfMissing(SmoothL1Loss):
    """Forgets the half of the square, and keeps that of the line."""

    def square(self, d: Array) -> Array:
        return 2 * super().square(d)


class BetaNotInSquare(SmoothL1Loss):
    """Forgets to divide the square by beta, as Huber's loss, which jumps where the line begins."""

    def square(self, d: Array) -> Array:
        return np.asarray(d * d / 2)


class GradientOfHuber(SmoothL1Loss):
    """Cuts the gradient off at beta, and does not divide by it: that is Huber's."""

    def slope(self, d: Array) -> Array:
        return super().slope(d) if self.beta == 0 else np.clip(d, -self.beta, self.beta)


class NotAbsolute(SmoothL1Loss):
    """Knows no beta of 0: squares what is below 1 there."""

    def losses(self, distance: Array) -> Array:
        return super().losses(distance) if self.beta else np.where(distance < 1, distance**2 / 2, distance - 0.5)


class SignForgotten(L1Loss):
    """Gives dx = dloss * (x - target), with the size of the difference left in."""

    def slope(self, d: Array) -> Array:
        return d


class NoSlopeAtZero(L1Loss):
    """Gives a gradient of -1 where x is its target: it knows two signs."""

    def slope(self, d: Array) -> Array:
        return np.where(np.isnan(d), 0, np.where(d > 0, 1, -1)).astype(d.dtype)


class NotTheSize(L1Loss):
    """Adds up the differences with their signs."""

    def losses(self, d: Array) -> Array:
        return d


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, next(base.__name__ for base in BASES if issubclass(layer, base)), *suspects)


BASES = (NLLLoss, BCEWithLogitsLoss, SmoothL1Loss, L1Loss)

MUTANTS = [
    row(NllSignMissing, "negated"),
    row(NllWeightsNotInDivisor, "weights-not-in-divisor"),
    row(NllIgnoredCounted, "ignored-labels-counted"),
    row(SigmoidOverflows),
    row(LogOfOnePlus),
    row(PosWeightOfAll, "pos-weight-of-all"),
    row(PosWeightNotInGradient, "pos-weight-not-in-gradient"),
    row(BceWeightsInDivisor, "weights-in-divisor"),
    row(HalfMissing, "half-missing"),
    row(BetaNotInSquare, "square-of-huber"),
    row(GradientOfHuber, "gradient-of-huber"),
    row(NotAbsolute),
    row(SignForgotten, "sign-forgotten"),
    row(NoSlopeAtZero, "sign-at-zero"),
    row(NotTheSize),
]
