# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Cross entropy and the negative log likelihood, and what goes wrong in them."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array
from parity_tests.mutants.loss import Loss
from parity_tests.mutants.table import Mutant


class CrossEntropyLoss(Loss):
    """- sum of q * log p for each sample, with p = softmax(x), and q what is wanted: 1 at the label, or probabilities.

    x has its C classes on axis 1 (of a single sample on axis 0); inside, a row is a sample. With label smoothing e, q
    is (1 - e) q + e / C; then each class is multiplied by its weight. "mean" divides by the weights of the labels
    that are not ignored, for probabilities by the number of samples.
    """

    def __init__(
        self,
        weight: Array | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        self.weight, self.ignore_index, self.label_smoothing = weight, ignore_index, label_smoothing
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Array:
        self.axis = min(1, x.ndim - 1)
        last = np.moveaxis(x, self.axis, -1)
        self.x_shape, rows = last.shape, last.reshape(-1, last.shape[-1]) if x.size else last.reshape(0, last.shape[-1])
        self.log_p = self.log_softmax(rows)
        if target.dtype.kind == "f":
            wanted = np.moveaxis(target, self.axis, -1).reshape(rows.shape)
            self.q = self.weights(rows) * self.smoothed(wanted, rows.shape[1])
            self.counted, self.divisor = np.ones(len(rows), bool), len(rows)
        else:
            labels = self.labels(target.reshape(-1))
            self.counted = self.counts(labels)
            at = np.where(self.counted, labels, 0)[:, None] == np.arange(rows.shape[1])
            self.q = self.weights(rows) * self.smoothed(at.astype(x.dtype), rows.shape[1]) * self.counted[:, None]
            self.divisor = self.total_weight((self.weights(rows) * at * self.counted[:, None]).sum(axis=1))
        losses = -np.where(self.q != 0, self.q * self.logarithms(), x.dtype.type(0)).sum(axis=1)
        return self.reduced(losses.reshape(last.shape[:-1]), self.divisor)

    def backward(self, dloss: Any = 1.0) -> Array:
        dlosses = self.upstream(dloss, self.divisor, self.log_p.dtype)
        each = self.logits_gradient() * (dlosses.reshape(-1, 1) if dlosses.ndim else dlosses)
        dx = np.where(self.counted[:, None], each, self.log_p.dtype.type(0)).reshape(self.x_shape)
        return np.moveaxis(dx, -1, self.axis)

    def log_softmax(self, x: Array) -> Array:
        """The logarithms of the probabilities; a row is a sample."""
        shifted = x - self.shift(x)
        log_p: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return log_p

    def shift(self, x: Array) -> Array:
        """What makes the largest number 0, so that nothing overflows."""
        return x.max(axis=1, keepdims=True) if x.size else x[:, :1]

    def logarithms(self) -> Array:
        """log p, as it is added up."""
        return self.log_p

    def labels(self, target: Array) -> Array:
        """The labels, for indexing."""
        return target.astype(np.int64)

    def counts(self, labels: Array) -> Array:
        """Which labels are not ignored."""
        return labels != self.ignore_index

    def smoothed(self, wanted: Array, C: int) -> Array:
        """Give each class a part of what is wanted."""
        return wanted * (1 - self.label_smoothing) + self.label_smoothing / C if self.label_smoothing else wanted

    def weights(self, rows: Array) -> Array:
        """The weights of the classes."""
        return np.ones(rows.shape[1], rows.dtype) if self.weight is None else self.weight.astype(rows.dtype)

    def total_weight(self, weights: Array) -> Any:
        """What "mean" divides by; `weights` holds those of the labels, 0 where one is ignored."""
        return weights.sum()

    def logits_gradient(self) -> Array:
        """The gradient of each sample's loss: p * sum of q - q."""
        return np.exp(self.log_p) * self.q.sum(axis=1, keepdims=True) - self.q


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


class GradientNotDivided(CrossEntropyLoss):
    """Forgets in backward that the loss is a mean: the gradient is too large by the number of samples."""

    def upstream(self, dloss: Any, divisor: Any, dtype: Any) -> Array:
        return super().upstream(dloss, 1, dtype)


class SumForMean(CrossEntropyLoss):
    """Adds up where it should average, in the loss and in the gradient."""

    def total_weight(self, weights: Array) -> Any:
        return 1


class NoShift(CrossEntropyLoss):
    """Takes exp(x) as it is, which overflows."""

    def shift(self, x: Array) -> Array:
        return np.zeros_like(x[:, :1])


class SoftmaxMissing(CrossEntropyLoss):
    """Takes x for probabilities: - log x."""

    def log_softmax(self, x: Array) -> Array:
        log_p: Array = np.log(np.abs(x))
        return log_p


class EpsInLog(CrossEntropyLoss):
    """Adds 1e-10 to the probabilities, for fear of log 0."""

    def logarithms(self) -> Array:
        logarithms: Array = np.log(np.exp(self.log_p) + self.log_p.dtype.type(1e-10))
        return logarithms


class UpstreamIgnored(CrossEntropyLoss):
    """Takes the loss for the end of everything: dloss is not looked at."""

    def backward(self, dloss: Any = 1.0) -> Array:
        return super().backward(np.ones_like(dloss))


class IgnoredCounted(CrossEntropyLoss):
    """Divides by the number of all samples, ignored or not."""

    def total_weight(self, weights: Array) -> Any:
        return len(weights) if self.weight is None else super().total_weight(weights)


class WeightsNotInDivisor(CrossEntropyLoss):
    """Divides by the number of samples, not by their weights."""

    def total_weight(self, weights: Array) -> Any:
        return self.counted.sum()


class SmoothingIgnored(CrossEntropyLoss):
    """Does not smooth the labels."""

    def smoothed(self, wanted: Array, C: int) -> Array:
        return wanted


class SmoothedOverOthers(CrossEntropyLoss):
    """Shares the smoothing among the C - 1 other classes."""

    def smoothed(self, wanted: Array, C: int) -> Array:
        e = self.label_smoothing
        return wanted * (1 - e) + (1 - wanted) * (e / max(1, C - 1)) if e else wanted


class Logarithm2(CrossEntropyLoss):
    """Measures in bits: the logarithm has base 2."""

    def reduced(self, losses: Array, divisor: Any) -> Array:
        return super().reduced(losses / losses.dtype.type(np.log(2)), divisor)

    def logits_gradient(self) -> Array:
        gradient = super().logits_gradient()
        return gradient / gradient.dtype.type(np.log(2))


class ProbabilitiesSumToOne(CrossEntropyLoss):
    """Gives p - q for the gradient, which holds if the q of a sample sum to 1."""

    def logits_gradient(self) -> Array:
        return super().logits_gradient() if self.weight is not None else np.exp(self.log_p) - self.q


class LabelsInAByte(CrossEntropyLoss):
    """Reads labels of 8 bits as signed numbers."""

    def labels(self, target: Array) -> Array:
        return target.astype(np.int8 if target.itemsize == 1 else np.int64)


class NoWeightNoLoss(CrossEntropyLoss):
    """Gives 0 rather than NaN where the weights of all labels are 0."""

    def total_weight(self, weights: Array) -> Any:
        return 1 if self.weight is not None and not weights.any() else super().total_weight(weights)


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


MUTANTS = [
    Mutant.of(GradientNotDivided, "CrossEntropyLoss", "batch-factor"),
    Mutant.of(SumForMean, "CrossEntropyLoss", "batch-factor"),
    Mutant.of(NoShift, "CrossEntropyLoss", "no-shift"),
    Mutant.of(SoftmaxMissing, "CrossEntropyLoss", "softmax-missing"),
    Mutant.of(EpsInLog, "CrossEntropyLoss", "eps-in-log"),
    Mutant.of(UpstreamIgnored, "CrossEntropyLoss", "upstream-ignored"),
    Mutant.of(IgnoredCounted, "CrossEntropyLoss", "ignored-labels-counted"),
    Mutant.of(WeightsNotInDivisor, "CrossEntropyLoss", "weights-not-in-divisor"),
    Mutant.of(SmoothingIgnored, "CrossEntropyLoss", "label-smoothing-ignored"),
    Mutant.of(SmoothedOverOthers, "CrossEntropyLoss", "label-smoothing-over-the-others"),
    Mutant.of(Logarithm2, "CrossEntropyLoss", "log-base"),
    Mutant.of(ProbabilitiesSumToOne, "CrossEntropyLoss", "weights-not-summed-in-gradient"),
    Mutant.of(LabelsInAByte, "CrossEntropyLoss"),
    Mutant.of(NoWeightNoLoss, "CrossEntropyLoss"),
    Mutant.of(NllSignMissing, "NLLLoss", "negated"),
    Mutant.of(NllWeightsNotInDivisor, "NLLLoss", "weights-not-in-divisor"),
    Mutant.of(NllIgnoredCounted, "NLLLoss", "ignored-labels-counted"),
]
