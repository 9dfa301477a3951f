# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Adam and AdamW, and what goes wrong in them."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Parameter
from parity_tests.mutants.optim import Optimizer
from parity_tests.mutants.table import Mutant


class Adam(Optimizer):
    """theta - lr / (1 - beta1**t) * m / (sqrt(v) / sqrt(1 - beta2**t) + eps), m and v the averages of g and g**2.

    With amsgrad, the largest v so far divides; with decoupled_weight_decay, theta shrinks beside the step.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(params)
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.amsgrad, self.maximize, self.decoupled_weight_decay = amsgrad, maximize, decoupled_weight_decay
        self.beta1, self.beta2 = self.decays(betas)

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        g = self.decayed(self.signed(g), theta)
        state["step"] = t = state.get("step", 0) + 1
        m = self.beta1 * state.get("exp_avg", np.zeros_like(g)) + (1 - self.beta1) * g
        v = self.beta2 * state.get("exp_avg_sq", np.zeros_like(g)) + (1 - self.beta2) * g * g
        state["exp_avg"], state["exp_avg_sq"] = m, v
        if self.amsgrad:
            v = state["max_exp_avg_sq"] = self.largest(state.get("max_exp_avg_sq", v), v)
        return self.shrunk(theta) - self.change(m, v, t)

    def change(self, m: Array, v: Array, t: int) -> Array:
        """What is subtracted."""
        c1, c2 = self.corrections(t)
        return self.lr / c1 * m / self.divisor(v, c2)

    def decays(self, betas: tuple[float, float]) -> tuple[float, float]:
        """How much of m and of v is kept."""
        return betas

    def signed(self, g: Array) -> Array:
        """The gradient of what becomes smaller."""
        return -g if self.maximize else g

    def decayed(self, g: Array, theta: Array) -> Array:
        """The gradient with weight decay."""
        return g + self.weight_decay * theta if self.weight_decay and not self.decoupled_weight_decay else g

    def shrunk(self, theta: Array) -> Array:
        """The parameter before the step."""
        return theta * (1 - self.lr * self.weight_decay) if self.decoupled_weight_decay else theta

    def largest(self, before: Array, v: Array) -> Array:
        """What amsgrad divides by the root of."""
        return np.maximum(before, v)

    def corrections(self, t: int) -> tuple[float, float]:
        """What makes up for m and v beginning with 0, in step t = 1, 2, ..."""
        return 1 - self.beta1**t, 1 - self.beta2**t

    def divisor(self, v: Array, correction: float) -> Array:
        """What m is divided by."""
        return np.sqrt(v) / np.sqrt(correction, dtype=v.dtype) + v.dtype.type(self.eps)


class BiasCorrectionMissing(Adam):
    """Uses m and v as they are in the first steps, too."""

    def corrections(self, t: int) -> tuple[float, float]:
        return 1.0, 1.0


class EpsInsideRoot(Adam):
    """Divides by sqrt(v / (1 - beta2**t) + eps)."""

    def divisor(self, v: Array, correction: float) -> Array:
        return np.sqrt(v / v.dtype.type(correction) + v.dtype.type(self.eps))


class EpsBeforeCorrection(Adam):
    """Divides by (sqrt(v) + eps) / sqrt(1 - beta2**t)."""

    def divisor(self, v: Array, correction: float) -> Array:
        divisor: Array = (np.sqrt(v) + v.dtype.type(self.eps)) / np.sqrt(correction, dtype=v.dtype)
        return divisor


class EpsMissing(Adam):
    """Divides by sqrt(v / (1 - beta2**t))."""

    def divisor(self, v: Array, correction: float) -> Array:
        return np.sqrt(v / v.dtype.type(correction))


class BetasSwapped(Adam):
    """Takes betas for (of v, of m)."""

    def decays(self, betas: tuple[float, float]) -> tuple[float, float]:
        return betas[::-1]


class DecayDecoupled(Adam):
    """Shrinks the weights beside the gradient, as AdamW does."""

    def decayed(self, g: Array, theta: Array) -> Array:
        return g

    def shrunk(self, theta: Array) -> Array:
        return theta * (1 - self.lr * self.weight_decay)


class DecayNotDecoupled(Adam):
    """Adds the decay to the gradient, in spite of decoupled_weight_decay."""

    def decayed(self, g: Array, theta: Array) -> Array:
        return g + self.weight_decay * theta

    def shrunk(self, theta: Array) -> Array:
        return theta


class MaximizeIgnoredByAdam(Adam):
    """Goes down, in spite of maximize."""

    def signed(self, g: Array) -> Array:
        return g


class AmsgradIgnored(Adam):
    """Divides by the v of this step, in spite of amsgrad."""

    def largest(self, before: Array, v: Array) -> Array:
        return v


class StepsFromZero(Adam):
    """Counts the steps from 0, so that the first divides by 0."""

    def change(self, m: Array, v: Array, t: int) -> Array:
        c1, c2 = np.array(self.corrections(t - 1), m.dtype)
        return self.lr / c1 * m / self.divisor(v, c2)


class AdamW(Adam):
    """Adam, whose decay shrinks theta beside the step."""

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay=True)


class DecayInTheGradient(AdamW):
    """Adds the decay to the gradient, as Adam does."""

    def decayed(self, g: Array, theta: Array) -> Array:
        return g + self.weight_decay * theta

    def shrunk(self, theta: Array) -> Array:
        return theta


class DecayNotThere(AdamW):
    """Does not decay."""

    def shrunk(self, theta: Array) -> Array:
        return theta


class DecayGrows(AdamW):
    """Makes theta grow, where it should shrink."""

    def shrunk(self, theta: Array) -> Array:
        return theta * (1 + self.lr * self.weight_decay)


class DecayWithoutRate(AdamW):
    """Shrinks theta by weight_decay alone, whatever lr is."""

    def shrunk(self, theta: Array) -> Array:
        return theta * (1 - self.weight_decay)


class BiasCorrectionMissingW(BiasCorrectionMissing, AdamW):
    """Uses m and v as they are in the first steps, too."""


class EpsInsideRootW(EpsInsideRoot, AdamW):
    """Divides by sqrt(v / (1 - beta2**t) + eps)."""


class EpsBeforeCorrectionW(EpsBeforeCorrection, AdamW):
    """Divides by (sqrt(v) + eps) / sqrt(1 - beta2**t)."""


class EpsMissingW(EpsMissing, AdamW):
    """Divides by sqrt(v / (1 - beta2**t))."""


class BetasSwappedW(BetasSwapped, AdamW):
    """Takes betas for (of v, of m)."""


class StepsFromZeroW(StepsFromZero, AdamW):
    """Counts the steps from 0, so that the first divides by 0."""


class MaximizeIgnoredByAdamW(MaximizeIgnoredByAdam, AdamW):
    """Goes down, in spite of maximize."""


class AmsgradIgnoredW(AmsgradIgnored, AdamW):
    """Divides by the v of this step, in spite of amsgrad."""


MUTANTS = [
    Mutant.of(BiasCorrectionMissing, "Adam", "bias-correction-missing"),
    Mutant.of(EpsInsideRoot, "Adam", "eps-inside-root"),
    Mutant.of(EpsBeforeCorrection, "Adam", "eps-before-correction"),
    Mutant.of(EpsMissing, "Adam", "eps-missing"),
    Mutant.of(BetasSwapped, "Adam", "betas-swapped"),
    Mutant.of(DecayDecoupled, "Adam", "weight-decay-decoupled"),
    Mutant.of(StepsFromZero, "Adam", "first-step-counts-as-zero"),
    Mutant.of(DecayNotDecoupled, "Adam", "weight-decay-coupled"),
    Mutant.of(MaximizeIgnoredByAdam, "Adam", "maximize-ignored"),
    Mutant.of(AmsgradIgnored, "Adam", "amsgrad-ignored"),
    Mutant.of(DecayInTheGradient, "AdamW", "weight-decay-coupled"),
    Mutant.of(DecayNotThere, "AdamW", "weight-decay-ignored"),
    Mutant.of(DecayGrows, "AdamW", "weight-decay-sign"),
    Mutant.of(DecayWithoutRate, "AdamW", "weight-decay-without-rate"),
    Mutant.of(BiasCorrectionMissingW, "AdamW", "bias-correction-missing"),
    Mutant.of(EpsInsideRootW, "AdamW", "eps-inside-root"),
    Mutant.of(EpsBeforeCorrectionW, "AdamW", "eps-before-correction"),
    Mutant.of(EpsMissingW, "AdamW", "eps-missing"),
    Mutant.of(BetasSwappedW, "AdamW", "betas-swapped"),
    Mutant.of(StepsFromZeroW, "AdamW", "first-step-counts-as-zero"),
    Mutant.of(MaximizeIgnoredByAdamW, "AdamW", "maximize-ignored"),
    Mutant.of(AmsgradIgnoredW, "AdamW", "amsgrad-ignored"),
]
