"""Errors of the optimisers: each is one step by a changed formula, from torch's state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, TypeAlias, cast

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.harness.laws.optimiser import adam_formula, sgd_formula
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.roundoff import Rounded

State: TypeAlias = dict[str, Rounded]
Step: TypeAlias = Callable[[State, int, dict[str, Any]], State]
"""(theta, g and what is kept; the number of the step, from 1; the options) -> theta and what is kept."""

DEFAULTS: Mapping[str, dict[str, Any]] = {
    "SGD": {"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False},
    "Adam": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0},
}


def steps(step: Step) -> Callable[[Scene], Predictions]:
    """All steps of a case by some formula; where they are steps in a row, from the state that the last one has left."""

    def predict(scene: Scene) -> Predictions:
        options = DEFAULTS[scene.case.op] | cast("OptimiserCase", scene.case).settings
        count = len(scene.inputs["theta"])
        in_a_row = getattr(scene.case, "in_a_row", False)
        done: list[State] = []
        for t in range(count):
            given = {name: Rounded(value[t], scene.eps) for name, value in scene.inputs.items()}
            if in_a_row and t:
                given |= {name: value for name, value in done[-1].items() if name != "theta"}
            done.append(step(given, t + 1, options))
        found = {}
        for name in done[0].keys() & scene.truth.keys():
            shape = scene.truth[name].value.shape
            parts = [Predicted.of(each[name], shape[1:]) for each in done]
            laws = [part.law for part in parts if part.law is not None]
            found[name] = Predicted(
                np.stack([part.value for part in parts]),
                type(laws[0])(np.stack([law.hard for law in laws]), np.stack([law.scale for law in laws])),
            )
        return found

    return predict


def sgd_with(**changed: Callable[[Any], Any]) -> Callable[[Scene], Predictions]:
    """SGD with other options."""
    return steps(lambda given, t, options: sgd_formula(given, t, altered(options, changed)))


def adam_with(**changed: Callable[[Any], Any]) -> Callable[[Scene], Predictions]:
    """Adam with other options."""
    return steps(lambda given, t, options: adam_formula(given, t, altered(options, changed)))


def altered(options: dict[str, Any], changed: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The options with some of them changed."""
    return options | {name: change(options[name]) for name, change in changed.items()}


def first_velocity_damped(given: State, t: int, options: dict[str, Any]) -> State:
    """The first velocity like any other, from 0."""
    return sgd_formula(given, max(t, 2), options)


def velocity_of(of_b: int, of_g: int, of_nesterov: int) -> Step:
    """b = (+-) momentum * b (+-) g, the first b is g; and the sign of nesterov's b."""

    def step(given: State, t: int, options: dict[str, Any]) -> State:
        found, momentum = sgd_formula(given, t, options), options["momentum"]
        if "momentum_buffer" not in found:
            return found
        g, b = gradient(given, options), found["momentum_buffer"]
        if t > 1:
            b = given["momentum_buffer"] * (of_b * momentum) + g * (of_g * (1 - options["dampening"]))
        change = g + b * (of_nesterov * momentum) if options["nesterov"] else b
        return {"theta": given["theta"] - change * options["lr"], "momentum_buffer": b}

    return step


def gradient(given: State, options: dict[str, Any]) -> Rounded:
    """The gradient with weight decay, its sign turned with maximize."""
    g = given["g"] * -1 if options["maximize"] else given["g"]
    return g + given["theta"] * options["weight_decay"] if options["weight_decay"] else g


def rate_in_velocity(given: State, t: int, options: dict[str, Any]) -> State:
    """b = momentum * b + lr * g, theta - b."""
    theta, g = given["theta"], gradient(given, options)
    if not options["momentum"]:
        return {"theta": theta - g * options["lr"]}
    damped = g * (1 - options["dampening"]) * options["lr"]
    b = given["momentum_buffer"] * options["momentum"] + damped if t > 1 else g * options["lr"]
    change = g * options["lr"] + b * options["momentum"] if options["nesterov"] else b
    return {"theta": theta - change, "momentum_buffer": b}


def averaged(given: State, t: int, options: dict[str, Any]) -> State:
    """b = momentum * b + (1 - momentum) * g."""
    return sgd_formula(given, t, options | {"dampening": options["momentum"]})


def uphill(given: State, t: int, options: dict[str, Any]) -> State:
    """theta + lr * b."""
    found = sgd_formula(given, t, options)
    return found | {"theta": given["theta"] * 2 - found["theta"]}


def sgd_decoupled(given: State, t: int, options: dict[str, Any]) -> State:
    """theta shrunk by itself, beside the step."""
    found = sgd_formula(given, t, options | {"weight_decay": 0.0})
    return found | {"theta": found["theta"] - given["theta"] * (options["lr"] * options["weight_decay"])}


def adam_decoupled(given: State, t: int, options: dict[str, Any]) -> State:
    """AdamW."""
    found = adam_formula(given, t, options | {"weight_decay": 0.0})
    return found | {"theta": found["theta"] - given["theta"] * (options["lr"] * options["weight_decay"])}


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
        found = adam_formula(given, t, options)
        moved = change(found["exp_avg"], found["exp_avg_sq"], t, Options(**options))
        return found | {"theta": given["theta"] - moved}

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


OF_SGD = [
    *(
        Suspect("momentum-sign", "A sign in the velocity is turned: b = momentum * b + g, theta - lr * b.", steps(step))
        for step in (velocity_of(-1, 1, 1), velocity_of(-1, 1, -1), velocity_of(1, -1, 1))
    ),
    Suspect("step-sign", "The step goes uphill: theta - lr * b.", steps(uphill)),
    Suspect(
        "first-velocity-damped",
        "The first velocity is damped: torch's first b is g itself, without (1 - dampening).",
        steps(first_velocity_damped),
    ),
    Suspect(
        "dampening-ignored",
        "dampening is not used: b = momentum * b + (1 - dampening) * g.",
        sgd_with(dampening=lambda value: 0.0),
    ),
    Suspect(
        "velocity-averaged",
        "The velocity is an average, b = momentum * b + (1 - momentum) * g: torch's is a sum, momentum * b + g.",
        steps(averaged),
    ),
    Suspect(
        "nesterov-ignored",
        "nesterov is not used: the step is then lr * (g + momentum * b).",
        sgd_with(nesterov=lambda value: False),
    ),
    Suspect(
        "weight-decay-ignored",
        "weight_decay is not used: g = g + weight_decay * theta.",
        sgd_with(weight_decay=lambda value: 0.0),
    ),
    Suspect(
        "weight-decay-sign",
        "The sign of weight_decay is turned: g = g + weight_decay * theta.",
        sgd_with(weight_decay=lambda value: -value),
    ),
    Suspect(
        "weight-decay-decoupled",
        "weight_decay shrinks theta beside the step: torch's SGD adds weight_decay * theta to the gradient.",
        steps(sgd_decoupled),
    ),
    Suspect(
        "learning-rate-in-velocity",
        "The learning rate is part of the velocity: torch keeps b without it, and steps by lr * b.",
        steps(rate_in_velocity),
    ),
    Suspect(
        "maximize-ignored",
        "maximize is not used: turn the sign of the gradient.",
        sgd_with(maximize=lambda value: False),
    ),
]

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
        steps(adam_decoupled),
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
]
