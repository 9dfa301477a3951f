# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Batch normalisation, and what goes wrong in it."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Layer, Parameter
from parity_tests.mutants.table import Mutant


class BatchNorm2d(Layer):
    """z = (x - mean) / sqrt(var + eps), y = z * weight + bias, for each channel.

    Mean and variance are the batch's in training, and in evaluation the running ones, which training has collected:
    running = (1 - momentum) * running + momentum * the batch's, with the unbiased variance. Without a momentum they are
    the average of all batches.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        self.eps, self.momentum, self.track_running_stats = eps, momentum, track_running_stats
        self.weight = Parameter(np.ones(num_features, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_features, dtype)) if affine else None
        if track_running_stats:
            self.running_mean, self.running_var = np.zeros(num_features, dtype), np.ones(num_features, dtype)
            self.num_batches_tracked = np.array(0)

    def forward(self, x: Array) -> Array:
        self.from_batch = self.uses_batch() and x.size > 0
        mean, var = self.statistics(x) if self.from_batch else self.kept_statistics(x)
        if self.training and self.track_running_stats:
            self.num_batches_tracked = self.num_batches_tracked + 1
            if x.size:
                self.track(x)
        self.s = self.deviation(var)
        self.z = (x - mean) / self.s
        if self.bias is None:
            return self.z.copy()
        return self.scaled(self.z) + column(self.bias.data)

    def backward(self, dy: Array) -> Array:
        if self.weight is not None and self.bias is not None:
            self.weight.accumulate((dy * self.z).sum(axis=(0, 2, 3)))
            self.bias.accumulate(dy.sum(axis=(0, 2, 3)))
        dz = self.scaled(dy)
        if self.statistics_depend_on_x():
            dz = dz - self.mean(dz) - self.z * self.mean(dz * self.z)
        return dz / self.s

    def uses_batch(self) -> bool:
        """Whether mean and variance are the batch's."""
        return self.training or not self.track_running_stats

    def scaled(self, values: Array) -> Array:
        """Times the weight."""
        return values if self.weight is None else values * column(self.weight.data)

    def mean(self, x: Array) -> Array:
        """The mean for each channel, to be combined with an image."""
        return x.mean(axis=(0, 2, 3), keepdims=True)

    def statistics(self, x: Array) -> tuple[Array, Array]:
        """Mean and variance of the batch, to be combined with an image."""
        mean = self.mean(x)
        return mean, self.mean((x - mean) ** 2)

    def kept_statistics(self, x: Array) -> tuple[Array, Array]:
        """The running ones; of an empty batch, where none are kept, nothing is needed."""
        if self.track_running_stats:
            return column(self.running_mean), column(self.running_var)
        return column(np.zeros(x.shape[1], x.dtype)), column(np.ones(x.shape[1], x.dtype))

    def deviation(self, var: Array) -> Array:
        """What is divided by."""
        return np.sqrt(var + self.eps)

    def statistics_depend_on_x(self) -> bool:
        """Whether dx has a share through mean and variance."""
        return self.from_batch

    def track(self, x: Array) -> None:
        """Bring the running statistics up to date."""
        new = self.newest()
        self.running_mean = self.running_mean * (1 - new) + x.mean(axis=(0, 2, 3)) * new
        self.running_var = self.running_var * (1 - new) + self.estimated_variance(x) * new

    def newest(self) -> float:
        """The share of this batch in the running statistics."""
        return 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum

    def estimated_variance(self, x: Array) -> Array:
        """The unbiased variance for each channel."""
        M = x.size // x.shape[1]
        return x.var(axis=(0, 2, 3)) * (M / max(1, M - 1))


def column(values: Array) -> Array:
    """One number for each channel, to be combined with an image."""
    return values[:, None, None]


class UnbiasedVariance(BatchNorm2d):
    """Normalises with the unbiased variance."""

    def statistics(self, x: Array) -> tuple[Array, Array]:
        return self.mean(x), column(self.estimated_variance(x))


class BiasedRunningVariance(BatchNorm2d):
    """Keeps the variance that it normalises with."""

    def estimated_variance(self, x: Array) -> Array:
        return x.var(axis=(0, 2, 3))


class EpsMissing(BatchNorm2d):
    """Divides by sqrt(var)."""

    def deviation(self, var: Array) -> Array:
        return np.sqrt(var)


class EpsOutsideRoot(BatchNorm2d):
    """Divides by sqrt(var) + eps."""

    def deviation(self, var: Array) -> Array:
        return np.sqrt(var) + self.eps


class MomentumSwapped(BatchNorm2d):
    """Takes momentum for the share of what is kept, as optimisers do."""

    def newest(self) -> float:
        return super().newest() if self.momentum is None else 1 - self.momentum


class StatisticsConstant(BatchNorm2d):
    """Takes mean and variance for constants in backward."""

    def statistics_depend_on_x(self) -> bool:
        return False


class DxNotDivided(BatchNorm2d):
    """Forgets, in training, that dx is divided by the deviation, too."""

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        return dx * self.s if self.from_batch else dx


class PerFeatureStatistics(BatchNorm2d):
    """Takes mean and variance of each pixel over the batch, as after a dense layer."""

    def mean(self, x: Array) -> Array:
        return x.mean(axis=0, keepdims=True)


class BatchStatisticsInEvaluation(BatchNorm2d):
    """Uses the batch's mean and variance in evaluation, too."""

    def uses_batch(self) -> bool:
        return True


class VarianceOfSquares(BatchNorm2d):
    """Computes the variance as the mean of squares minus the square of the mean, which cancels."""

    def statistics(self, x: Array) -> tuple[Array, Array]:
        mean = self.mean(x)
        return mean, np.maximum(self.mean(x * x) - mean * mean, x.dtype.type(0))


class RunningStatisticsInTraining(BatchNorm2d):
    """Uses the running mean and variance in training, too."""

    def uses_batch(self) -> bool:
        return not self.track_running_stats


class WeightIgnored(BatchNorm2d):
    """Shifts by the bias, but does not scale by the weight."""

    def scaled(self, values: Array) -> Array:
        return values


class BatchesNotCounted(BatchNorm2d):
    """Forgets to count the batches once they are tracked."""

    def forward(self, x: Array) -> Array:
        before = self.num_batches_tracked if self.track_running_stats else None
        y = super().forward(x)
        if before is not None:
            self.num_batches_tracked = before
        return y


class NothingTracked(BatchNorm2d):
    """Never brings the running statistics up to date."""

    def track(self, x: Array) -> None:
        pass


class FirstBatchAveraged(BatchNorm2d):
    """Without a momentum, averages the very first batch with what the running statistics were made with."""

    def newest(self) -> float:
        return 0.5 if self.momentum is None and self.num_batches_tracked == 1 else super().newest()


class ModeOfBackward(BatchNorm2d):
    """Asks in backward whether it is training, rather than how forward ran."""

    def statistics_depend_on_x(self) -> bool:
        return self.uses_batch() and self.z.size > 0


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "BatchNorm2d", *suspects)


MUTANTS = [
    row(UnbiasedVariance, "unbiased-variance"),
    row(BiasedRunningVariance, "biased-running-variance"),
    row(EpsMissing, "eps-missing"),
    row(EpsOutsideRoot, "eps-outside-root"),
    row(MomentumSwapped, "momentum-swapped"),
    row(StatisticsConstant, "statistics-constant-in-backward"),
    row(DxNotDivided, "dx-not-divided"),
    row(PerFeatureStatistics, "per-feature-statistics"),
    row(BatchStatisticsInEvaluation, "batch-statistics-in-evaluation"),
    row(VarianceOfSquares),
    row(RunningStatisticsInTraining, "running-statistics-in-training"),
    row(WeightIgnored, "weight-ignored"),
    row(BatchesNotCounted, "batches-not-counted"),
    row(NothingTracked, "running-statistics-not-updated"),
    row(FirstBatchAveraged),
    row(ModeOfBackward),
]
