# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""SGD and Adam, and what goes wrong in them."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Parameter
from parity_tests.mutants.table import Mutant


class Optimizer:
    """Changes parameters by their gradients; for each it keeps a dict with torch's names."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self.parameters = list(parameters)
        self.state: list[dict[str, Any]] = [{} for _ in self.parameters]

    def step(self) -> None:
        """Do one step; a parameter without a gradient stays as it is."""
        for parameter, state in zip(self.parameters, self.state, strict=True):
            g = self.gradient_of(parameter)
            if g is not None:
                parameter.data = self.stepped(parameter.data, g, state)

    def gradient_of(self, parameter: Parameter) -> Array | None:
        """Its gradient."""
        return parameter.grad

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        """A parameter after one step."""
        raise NotImplementedError


class SGD(Optimizer):
    """b = momentum * b + (1 - dampening) * g, where the first b is g, and theta = theta - lr * b.

    Weight decay adds weight_decay * theta to g; with nesterov, g + momentum * b stands for b in the step; with maximize
    the sign of g is turned.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(params)
        self.lr, self.momentum, self.dampening, self.weight_decay = lr, momentum, dampening, weight_decay
        self.nesterov, self.maximize = nesterov, maximize

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        g = self.decayed(self.signed(g), theta)
        if not self.momentum:
            return theta - self.lr * g
        b = self.velocity(state["momentum_buffer"], g) if "momentum_buffer" in state else self.first_velocity(g)
        state["momentum_buffer"] = b
        return theta - self.step_of(self.direction(g, b))

    def signed(self, g: Array) -> Array:
        """The gradient of what becomes smaller."""
        return -g if self.maximize else g

    def decayed(self, g: Array, theta: Array) -> Array:
        """The gradient with weight decay."""
        return g + self.weight_decay * theta if self.weight_decay else g

    def velocity(self, b: Array, g: Array) -> Array:
        """The next velocity."""
        return self.momentum * b + (1 - self.dampening) * g

    def first_velocity(self, g: Array) -> Array:
        """The first velocity."""
        return g.copy()

    def direction(self, g: Array, b: Array) -> Array:
        """Where the step goes."""
        return g + self.momentum * b if self.nesterov else b

    def step_of(self, direction: Array) -> Array:
        """How far it goes."""
        return self.lr * direction


class Adam(Optimizer):
    """theta - lr / (1 - beta1**t) * m / (sqrt(v) / sqrt(1 - beta2**t) + eps), m and v the averages of g and g**2."""

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.beta1, self.beta2 = self.decays(betas)

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        g = self.decayed(g, theta)
        state["step"] = t = state.get("step", 0) + 1
        m = self.beta1 * state.get("exp_avg", np.zeros_like(g)) + (1 - self.beta1) * g
        v = self.beta2 * state.get("exp_avg_sq", np.zeros_like(g)) + (1 - self.beta2) * g * g
        state["exp_avg"], state["exp_avg_sq"] = m, v
        return self.shrunk(theta) - self.change(m, v, t)

    def change(self, m: Array, v: Array, t: int) -> Array:
        """What is subtracted."""
        c1, c2 = self.corrections(t)
        return self.lr / c1 * m / self.divisor(v, c2)

    def decays(self, betas: tuple[float, float]) -> tuple[float, float]:
        """How much of m and of v is kept."""
        return betas

    def decayed(self, g: Array, theta: Array) -> Array:
        """The gradient with weight decay."""
        return g + self.weight_decay * theta if self.weight_decay else g

    def shrunk(self, theta: Array) -> Array:
        """The parameter before the step."""
        return theta

    def corrections(self, t: int) -> tuple[float, float]:
        """What makes up for m and v beginning with 0, in step t = 1, 2, ..."""
        return 1 - self.beta1**t, 1 - self.beta2**t

    def divisor(self, v: Array, correction: float) -> Array:
        """What m is divided by."""
        return np.sqrt(v) / np.sqrt(correction, dtype=v.dtype) + v.dtype.type(self.eps)


class MomentumSign(SGD):
    """Subtracts what is kept of the velocity, and so brakes."""

    def velocity(self, b: Array, g: Array) -> Array:
        return (1 - self.dampening) * g - self.momentum * b


class FirstVelocityDamped(SGD):
    """Damps the first velocity, too: it begins with 0."""

    def first_velocity(self, g: Array) -> Array:
        return self.velocity(np.zeros_like(g), g)


class DampeningIgnored(SGD):
    """Does not damp."""

    def velocity(self, b: Array, g: Array) -> Array:
        return self.momentum * b + g


class DampenedByMomentum(SGD):
    """Makes the velocity an average: the gradient counts 1 - momentum."""

    def velocity(self, b: Array, g: Array) -> Array:
        return self.momentum * b + (1 - self.momentum) * g


class MaximizeIgnored(SGD):
    """Goes down, in spite of maximize."""

    def signed(self, g: Array) -> Array:
        return g


class GoesUp(SGD):
    """Adds the step, where it should subtract it."""

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        return theta + (theta - super().stepped(theta, g, state))


class NesterovIgnored(SGD):
    """Goes along the velocity, in spite of nesterov."""

    def direction(self, g: Array, b: Array) -> Array:
        return b


class WeightDecayIgnored(SGD):
    """Does not decay."""

    def decayed(self, g: Array, theta: Array) -> Array:
        return g


class WeightDecaySign(SGD):
    """Subtracts the decay from the gradient, so that weights grow."""

    def decayed(self, g: Array, theta: Array) -> Array:
        return g - self.weight_decay * theta


class WeightDecayDecoupled(SGD):
    """Shrinks the weights beside the gradient, which only AdamW does: the velocity knows nothing of it."""

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        return super().stepped(theta, g, state) - self.lr * self.weight_decay * theta

    def decayed(self, g: Array, theta: Array) -> Array:
        return g


class LearningRateInVelocity(SGD):
    """Keeps lr * g in the velocity, so that a new lr has no effect on what is kept."""

    def velocity(self, b: Array, g: Array) -> Array:
        return self.momentum * b + self.lr * (1 - self.dampening) * g

    def first_velocity(self, g: Array) -> Array:
        return self.lr * g

    def direction(self, g: Array, b: Array) -> Array:
        return self.lr * g + self.momentum * b if self.nesterov else b

    def step_of(self, direction: Array) -> Array:
        return direction


class NoneForZero(SGD):
    """Takes a missing gradient for 0: the parameter rolls on."""

    def gradient_of(self, parameter: Parameter) -> Array | None:
        return np.zeros_like(parameter.data) if parameter.grad is None else parameter.grad


class DecaysTheGradient(SGD):
    """Adds the weight decay into the caller's gradient."""

    def decayed(self, g: Array, theta: Array) -> Array:
        if self.weight_decay:
            g += self.weight_decay * theta
        return g


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


class AdamW(Adam):
    """Shrinks the weights beside the gradient, as AdamW does."""

    def decayed(self, g: Array, theta: Array) -> Array:
        return g

    def shrunk(self, theta: Array) -> Array:
        return theta * (1 - self.lr * self.weight_decay)


class StepsFromZero(Adam):
    """Counts the steps from 0, so that the first divides by 0."""

    def change(self, m: Array, v: Array, t: int) -> Array:
        c1, c2 = np.array(self.corrections(t - 1), m.dtype)
        return self.lr / c1 * m / self.divisor(v, c2)


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "Adam" if issubclass(layer, Adam) else "SGD", *suspects)


MUTANTS = [
    row(MomentumSign, "momentum-sign"),
    row(FirstVelocityDamped, "first-velocity-damped"),
    row(DampeningIgnored, "dampening-ignored"),
    row(DampenedByMomentum, "velocity-averaged"),
    row(MaximizeIgnored, "maximize-ignored"),
    row(GoesUp, "step-sign"),
    row(NesterovIgnored, "nesterov-ignored"),
    row(WeightDecayIgnored, "weight-decay-ignored"),
    row(WeightDecaySign, "weight-decay-sign"),
    row(WeightDecayDecoupled, "weight-decay-decoupled"),
    row(LearningRateInVelocity, "learning-rate-in-velocity"),
    row(NoneForZero),
    row(DecaysTheGradient, "inputs-modified"),
    row(BiasCorrectionMissing, "bias-correction-missing"),
    row(EpsInsideRoot, "eps-inside-root"),
    row(EpsBeforeCorrection, "eps-before-correction"),
    row(EpsMissing, "eps-missing"),
    row(BetasSwapped, "betas-swapped"),
    row(AdamW, "weight-decay-decoupled"),
    row(StepsFromZero, "first-step-counts-as-zero"),
]
