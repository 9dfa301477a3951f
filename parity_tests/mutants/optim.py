# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""SGD, and what goes wrong in it."""

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


MUTANTS = [
    Mutant.of(MomentumSign, "SGD", "momentum-sign"),
    Mutant.of(FirstVelocityDamped, "SGD", "first-velocity-damped"),
    Mutant.of(DampeningIgnored, "SGD", "dampening-ignored"),
    Mutant.of(DampenedByMomentum, "SGD", "velocity-averaged"),
    Mutant.of(MaximizeIgnored, "SGD", "maximize-ignored"),
    Mutant.of(GoesUp, "SGD", "step-sign"),
    Mutant.of(NesterovIgnored, "SGD", "nesterov-ignored"),
    Mutant.of(WeightDecayIgnored, "SGD", "weight-decay-ignored"),
    Mutant.of(WeightDecaySign, "SGD", "weight-decay-sign"),
    Mutant.of(WeightDecayDecoupled, "SGD", "weight-decay-decoupled"),
    Mutant.of(LearningRateInVelocity, "SGD", "learning-rate-in-velocity"),
    Mutant.of(NoneForZero, "SGD"),
    Mutant.of(DecaysTheGradient, "SGD", "inputs-modified"),
]
