"""Errors of RMSprop."""

from collections.abc import Callable
from typing import Any

from parity_tests.diagnosis.scene import Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.diagnosis.suspects.optim import State, altered, gradient, steps
from parity_tests.harness.laws.optimiser import rmsprop_formula


def rmsprop_with(**changed: Callable[[Any], Any]) -> Callable[[Scene], Predictions]:
    """RMSprop with other options."""
    return steps(lambda given, t, options: rmsprop_formula(given, t, altered(options, changed)))


def averaged_quotients(given: State, t: int, options: dict[str, Any]) -> State:
    """b = momentum * b + (1 - momentum) * g / (sqrt(v) + eps)."""
    found, momentum = rmsprop_formula(given, t, options), options["momentum"]
    if not momentum:
        return found
    before = given["momentum_buffer"] * momentum
    b = before + (found["momentum_buffer"] - before) * (1 - momentum)
    return found | {"momentum_buffer": b, "theta": given["theta"] - b * options["lr"]}


def rmsprop_inside_the_root(given: State, t: int, options: dict[str, Any]) -> State:
    """g / sqrt(v + eps)."""
    found, g = rmsprop_formula(given, t, options), gradient(given, options)
    v = found["square_avg"]
    if options.get("centered"):
        v = v - found["grad_avg"] * found["grad_avg"]
    b = g / (v + options["eps"]).sqrt()
    if options["momentum"]:
        b = found["momentum_buffer"] = given["momentum_buffer"] * options["momentum"] + b
    return found | {"theta": given["theta"] - b * options["lr"]}


OF_RMSPROP = [
    Suspect(
        "alpha-of-the-newest",
        "alpha is the weight of the newest square: it is that of the mean before, v = alpha * v + (1 - alpha) * g**2.",
        rmsprop_with(alpha=lambda value: 1 - value),
    ),
    Suspect(
        "eps-inside-root", "eps is inside the root: sqrt(v) + eps, not sqrt(v + eps).", steps(rmsprop_inside_the_root)
    ),
    Suspect(
        "centered-ignored",
        "centered is not used: divide by the root of v - a**2, a the running mean of g.",
        rmsprop_with(centered=lambda value: False),
    ),
    Suspect(
        "weight-decay-ignored",
        "weight_decay is not used: g = g + weight_decay * theta.",
        rmsprop_with(weight_decay=lambda value: 0.0),
    ),
    Suspect(
        "weight-decay-sign",
        "The sign of weight_decay is turned: g = g + weight_decay * theta.",
        rmsprop_with(weight_decay=lambda value: -value),
    ),
    Suspect(
        "velocity-averaged",
        "The velocity is an average, b = momentum * b + (1 - momentum) * g / r: torch's is a sum.",
        steps(averaged_quotients),
    ),
    Suspect(
        "maximize-ignored",
        "maximize is not used: turn the sign of the gradient.",
        rmsprop_with(maximize=lambda value: False),
    ),
]
