"""Errors of SGD."""

from collections.abc import Callable
from typing import Any

from parity_tests.diagnosis.scene import Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.diagnosis.suspects.optim import State, Step, altered, gradient, steps
from parity_tests.harness.laws.optimiser import sgd_formula


def sgd_with(**changed: Callable[[Any], Any]) -> Callable[[Scene], Predictions]:
    """SGD with other options."""
    return steps(lambda given, t, options: sgd_formula(given, t, altered(options, changed)))


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
