# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""RMSprop, and what goes wrong in it."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from parity_tests.mutants.base import Array, Parameter
from parity_tests.mutants.optim import Optimizer
from parity_tests.mutants.table import Mutant


class RMSprop(Optimizer):
    """v = alpha * v + (1 - alpha) * g**2, and theta = theta - lr * g / (sqrt(v) + eps); momentum sums the quotients.

    With centered, the variance v - a**2 stands for v, a the mean of g. Weight decay adds weight_decay * theta to g.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(params)
        self.lr, self.alpha, self.eps, self.weight_decay = lr, alpha, eps, weight_decay
        self.momentum, self.centered, self.maximize = momentum, centered, maximize

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        g = self.decayed(self.signed(g), theta)
        state["step"] = state.get("step", 0) + 1
        v = state["square_avg"] = self.average(state.get("square_avg", np.zeros_like(g)), g * g)
        if self.centered:
            a = state["grad_avg"] = self.average(state.get("grad_avg", np.zeros_like(g)), g)
            v = self.spread(v, a)
        b = g / self.divisor(v)
        if self.momentum:
            b = state["momentum_buffer"] = self.velocity(state.get("momentum_buffer", np.zeros_like(g)), b)
        return theta - self.lr * b

    def signed(self, g: Array) -> Array:
        """The gradient of what becomes smaller."""
        return -g if self.maximize else g

    def decayed(self, g: Array, theta: Array) -> Array:
        """The gradient with weight decay."""
        return g + self.weight_decay * theta if self.weight_decay else g

    def average(self, before: Array, newest: Array) -> Array:
        """A running mean."""
        return self.alpha * before + (1 - self.alpha) * newest

    def spread(self, v: Array, a: Array) -> Array:
        """The variance."""
        return v - a * a

    def divisor(self, v: Array) -> Array:
        """What g is divided by."""
        return np.sqrt(v) + v.dtype.type(self.eps)

    def velocity(self, b: Array, quotient: Array) -> Array:
        """The next direction."""
        return self.momentum * b + quotient


class AlphaOfTheNewest(RMSprop):
    """Gives the newest square the weight alpha."""

    def average(self, before: Array, newest: Array) -> Array:
        return (1 - self.alpha) * before + self.alpha * newest


class EpsInsideTheRoot(RMSprop):
    """Divides by sqrt(v + eps), as TensorFlow once did."""

    def divisor(self, v: Array) -> Array:
        return np.sqrt(v + v.dtype.type(self.eps))


class CenteredIgnored(RMSprop):
    """Divides by the root of the mean square, in spite of centered."""

    def spread(self, v: Array, a: Array) -> Array:
        return v


class DecayIgnored(RMSprop):
    """Does not decay."""

    def decayed(self, g: Array, theta: Array) -> Array:
        return g


class DecaySign(RMSprop):
    """Subtracts the decay from the gradient, so that weights grow."""

    def decayed(self, g: Array, theta: Array) -> Array:
        return g - self.weight_decay * theta


class GoesDown(RMSprop):
    """Goes down, in spite of maximize."""

    def signed(self, g: Array) -> Array:
        return g


class MomentumDamped(RMSprop):
    """Makes an average of the quotients."""

    def velocity(self, b: Array, quotient: Array) -> Array:
        return self.momentum * b + (1 - self.momentum) * quotient


MUTANTS = [
    Mutant.of(AlphaOfTheNewest, "RMSprop", "alpha-of-the-newest"),
    Mutant.of(EpsInsideTheRoot, "RMSprop", "eps-inside-root"),
    Mutant.of(CenteredIgnored, "RMSprop", "centered-ignored"),
    Mutant.of(DecayIgnored, "RMSprop", "weight-decay-ignored"),
    Mutant.of(DecaySign, "RMSprop", "weight-decay-sign"),
    Mutant.of(GoesDown, "RMSprop", "maximize-ignored"),
    Mutant.of(MomentumDamped, "RMSprop", "velocity-averaged"),
]
