# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""The losses of each number by itself, and what goes wrong in them."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array
from parity_tests.mutants.loss import Loss
from parity_tests.mutants.table import Mutant


class MSELoss(Loss):
    """(x - target)**2, averaged over all numbers."""

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Array:
        self.difference = np.asarray(x - target)
        return self.reduced(self.squares(self.difference), self.count(x))

    def backward(self, dloss: Any = 1.0) -> Array:
        upstream = self.upstream(dloss, self.count(self.difference), self.difference.dtype)
        return np.asarray(self.slope(self.difference) * upstream)

    def squares(self, difference: Array) -> Array:
        """The losses."""
        return np.asarray(difference * difference)

    def slope(self, difference: Array) -> Array:
        """Their derivatives."""
        return 2 * difference

    def count(self, x: Array) -> int:
        """What "mean" divides by."""
        return x.size


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


class FactorTwo(MSELoss):
    """Forgets the 2 in the derivative of a square."""

    def slope(self, difference: Array) -> Array:
        return difference


class AveragedOverBatchOnly(MSELoss):
    """Divides by the number of samples."""

    def count(self, x: Array) -> int:
        return len(x) if x.ndim else 1


class MseNotDivided(MSELoss):
    """Adds up where it should average, in the loss and in the gradient."""

    def count(self, x: Array) -> int:
        return 1


class SignOfGradient(MSELoss):
    """Gives 2 (target - x), the negative of the gradient."""

    def slope(self, difference: Array) -> Array:
        return super().slope(-difference)


class MseUpstreamIgnored(MSELoss):
    """Takes the loss for the end of everything: dloss is not looked at."""

    def backward(self, dloss: Any = 1.0) -> Array:
        return super().backward(np.ones_like(dloss))


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


MUTANTS = [
    Mutant.of(FactorTwo, "MSELoss", "factor-two"),
    Mutant.of(AveragedOverBatchOnly, "MSELoss", "averaged-over-batch-only"),
    Mutant.of(MseNotDivided, "MSELoss", "batch-factor"),
    Mutant.of(SignOfGradient, "MSELoss", "sign-of-gradient"),
    Mutant.of(MseUpstreamIgnored, "MSELoss", "upstream-ignored"),
    Mutant.of(SigmoidOverflows, "BCEWithLogitsLoss"),
    Mutant.of(LogOfOnePlus, "BCEWithLogitsLoss"),
    Mutant.of(PosWeightOfAll, "BCEWithLogitsLoss", "pos-weight-of-all"),
    Mutant.of(PosWeightNotInGradient, "BCEWithLogitsLoss", "pos-weight-not-in-gradient"),
    Mutant.of(BceWeightsInDivisor, "BCEWithLogitsLoss", "weights-in-divisor"),
    Mutant.of(HalfMissing, "SmoothL1Loss", "half-missing"),
    Mutant.of(BetaNotInSquare, "SmoothL1Loss", "square-of-huber"),
    Mutant.of(GradientOfHuber, "SmoothL1Loss", "gradient-of-huber"),
    Mutant.of(NotAbsolute, "SmoothL1Loss"),
    Mutant.of(SignForgotten, "L1Loss", "sign-forgotten"),
    Mutant.of(NoSlopeAtZero, "L1Loss", "sign-at-zero"),
    Mutant.of(NotTheSize, "L1Loss"),
]
