"""Errors of Adam and AdamW."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from parity_tests.diagnosis.scene import Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.diagnosis.suspects.optim import DEFAULTS, State, Step, altered, steps
from parity_tests.harness.laws.optimiser import adam_formula
from parity_tests.harness.roundoff import Rounded


def adam_with(**changed: Callable[[Any], Any]) -> Callable[[Scene], Predictions]:
    """Adam with other options."""
    return steps(lambda given, t, options: adam_formula(given, t, altered(options, changed)))


def shrunk_by(factor: Callable[[dict[str, Any]], float]) -> Step:
    """Adam without decay, and theta shrunk beside the step."""

    def step(given: State, t: int, options: dict[str, Any]) -> State:
        found = adam_formula(given, t, options | {"weight_decay": 0.0})
        return found | {"theta": found["theta"] - given["theta"] * factor(options)}

    return step


def newest_square(given: State, t: int, options: dict[str, Any]) -> State:
    """The v of this step in place of the largest."""
    found = adam_formula(given, t, options | {"amsgrad": False})
    return found | {"max_exp_avg_sq": found["exp_avg_sq"]}


@dataclass(frozen=True)
class Options:
    """Adam's options."""

    lr: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float

    def corrections(self, t: int) -> tuple[float, float]:
        """1 - beta**t, for both."""
        return 1 - self.betas[0] ** t, 1 - self.betas[1] ** t


def adam_by(change: Callable[[Rounded, Rounded, int, Options], Rounded]) -> Callable[[Scene], Predictions]:
    """Adam with another change of theta, change(m, v, t, options), which is subtracted."""

    def step(given: State, t: int, options: dict[str, Any]) -> State:
        found, theta = adam_formula(given, t, options), given["theta"]
        known = Options(*(options[name] for name in DEFAULTS["Adam"]))
        moved = change(found["exp_avg"], found.get("max_exp_avg_sq", found["exp_avg_sq"]), t, known)
        if options.get("decoupled_weight_decay"):
            theta = theta - theta * (known.lr * known.weight_decay)
        return found | {"theta": theta - moved}

    return steps(step)


def uncorrected(m: Rounded, v: Rounded, t: int, options: Options) -> Rounded:
    """lr m / (sqrt(v) + eps)."""
    return m / (v.sqrt() + options.eps) * options.lr


def inside_the_root(m: Rounded, v: Rounded, t: int, options: Options) -> Rounded:
    """lr m' / sqrt(v' + eps)."""
    first, second = options.corrections(t)
    return m / (v / second + options.eps).sqrt() * (options.lr / first)


def before_the_correction(m: Rounded, v: Rounded, t: int, options: Options) -> Rounded:
    """lr m' / ((sqrt(v) + eps) / sqrt(1 - beta2**t))."""
    first, second = options.corrections(t)
    return m / (v.sqrt() + options.eps) * (options.lr * sqrt(second) / first)


def without_eps(m: Rounded, v: Rounded, t: int, options: Options) -> Rounded:
    """lr m' / sqrt(v')."""
    first, second = options.corrections(t)
    return m / v.sqrt() * (options.lr * sqrt(second) / first)


def counting_from_zero(m: Rounded, v: Rounded, t: int, options: Options) -> Rounded:
    """With t - 1 in the corrections; the first step divides 0 by 0."""
    first, second = options.corrections(t - 1)
    if 0 in (first, second):
        return Rounded(np.full_like(m.value, np.nan), m.eps)
    return m / (v.sqrt() / sqrt(second) + options.eps) * (options.lr / first)


def corrected_from_the_second(m: Rounded, v: Rounded, t: int, options: Options) -> Rounded:
    """The same without any correction in the first step."""
    return counting_from_zero(m, v, t, options) if t > 1 else uncorrected(m, v, t, options)


COUPLED = Suspect(
    "weight-decay-coupled",
    "The decay is added to the gradient: decoupled, it shrinks theta by lr * weight_decay * theta beside the step.",
    adam_with(decoupled_weight_decay=lambda value: False),
)

OF_ADAM = [
    Suspect(
        "bias-correction-missing",
        "The correction of the first steps is missing: m / (1 - beta1**t), v / (1 - beta2**t).",
        adam_by(uncorrected),
    ),
    Suspect("eps-inside-root", "eps is inside the root: sqrt(v) + eps, not sqrt(v + eps).", adam_by(inside_the_root)),
    Suspect(
        "eps-before-correction",
        "eps is added before the correction: sqrt(v) / sqrt(1 - beta2**t) + eps.",
        adam_by(before_the_correction),
    ),
    Suspect("eps-missing", "eps is missing: the step is divided by sqrt(v) + eps.", adam_by(without_eps)),
    Suspect(
        "betas-swapped",
        "The betas are exchanged: the first belongs to m, the second to v.",
        adam_with(betas=lambda betas: betas[::-1]),
    ),
    Suspect(
        "weight-decay-decoupled",
        "weight_decay shrinks theta beside the step, as AdamW does: torch's Adam adds it to the gradient.",
        steps(shrunk_by(lambda options: options["lr"] * options["weight_decay"])),
    ),
    Suspect(
        "weight-decay-ignored",
        "weight_decay is not used: g = g + weight_decay * theta.",
        adam_with(weight_decay=lambda value: 0.0),
    ),
    Suspect(
        "weight-decay-sign",
        "The sign of weight_decay is turned: g = g + weight_decay * theta.",
        adam_with(weight_decay=lambda value: -value),
    ),
    Suspect(
        "first-step-counts-as-zero",
        "The first step counts as 0 in the correction: t begins with 1.",
        adam_by(counting_from_zero),
    ),
    Suspect(
        "first-step-counts-as-zero",
        "The first step counts as 0 in the correction: t begins with 1.",
        adam_by(corrected_from_the_second),
    ),
    COUPLED,
    Suspect(
        "maximize-ignored",
        "maximize is not used: turn the sign of the gradient.",
        adam_with(maximize=lambda value: False),
    ),
    Suspect(
        "amsgrad-ignored",
        "amsgrad is not used: the largest v so far stands in the quotient.",
        steps(newest_square),
    ),
]

OF_ADAMW = [
    *(suspect for suspect in OF_ADAM if suspect.id != "weight-decay-decoupled"),
    Suspect(
        "weight-decay-without-rate",
        "theta shrinks by weight_decay * theta: the decay is multiplied by lr.",
        steps(shrunk_by(lambda options: options["weight_decay"])),
    ),
]
