"""One step of each optimiser, with numbers that carry their error."""

from collections.abc import Callable
from typing import Any, TypeAlias

from parity_tests.harness.roundoff import Rounded

Formula: TypeAlias = Callable[[dict[str, Rounded], int, dict[str, Any]], dict[str, Rounded]]
"""(theta, g and what is kept; the number of the step, from 1; the options) -> theta and what is kept."""


def sgd_formula(given: dict[str, Rounded], t: int, settings: dict[str, Any]) -> dict[str, Rounded]:
    """One step of SGD; the first velocity is the gradient, undamped."""
    options: dict[str, Any] = {"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0} | settings
    theta, g = given["theta"], given["g"]
    if options.get("maximize"):
        g = g * -1
    if options["weight_decay"]:
        g = g + theta * options["weight_decay"]
    kept = {}
    if options["momentum"]:
        b = given["momentum_buffer"] * options["momentum"] + g * (1 - options["dampening"]) if t > 1 else g
        kept["momentum_buffer"] = b
        g = g + b * options["momentum"] if options.get("nesterov") else b
    return {"theta": theta - g * options["lr"], **kept}


def adam_formula(given: dict[str, Rounded], t: int, settings: dict[str, Any]) -> dict[str, Rounded]:
    """One step of Adam; a decoupled decay shrinks theta, or is subtracted with the rest of the step."""
    options: dict[str, Any] = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0} | settings
    beta1, beta2 = options["betas"]
    theta, g, decay = given["theta"], given["g"], options["weight_decay"]
    if options.get("maximize"):
        g = g * -1
    decoupled = options.get("decoupled_weight_decay")
    if decay and not decoupled:
        g = g + theta * decay
    m = given["exp_avg"] * beta1 + g * (1 - beta1)
    v = given["exp_avg_sq"] * beta2 + g * g * (1 - beta2)
    kept = {"exp_avg": m, "exp_avg_sq": v}
    if options.get("amsgrad"):
        v = kept["max_exp_avg_sq"] = v.larger(given["max_exp_avg_sq"])
    root = v.sqrt() / (1 - beta2**t) ** 0.5 + options["eps"]
    change = m / root * (options["lr"] / (1 - beta1**t))
    if decay and decoupled:
        at_once, before = theta - (theta * (options["lr"] * decay) + change), theta * (1 - options["lr"] * decay)
        return {"theta": at_once.or_worse(before - change), **kept}
    return {"theta": theta - change, **kept}


def adamw_formula(given: dict[str, Rounded], t: int, settings: dict[str, Any]) -> dict[str, Rounded]:
    """One step of AdamW."""
    return adam_formula(given, t, {"weight_decay": 1e-2} | settings | {"decoupled_weight_decay": True})


def rmsprop_formula(given: dict[str, Rounded], t: int, settings: dict[str, Any]) -> dict[str, Rounded]:
    """One step of RMSprop; centered, v - a * a cancels where the gradients hardly change."""
    options: dict[str, Any] = {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0} | settings
    theta, g, alpha = given["theta"], given["g"], options["alpha"]
    if options.get("maximize"):
        g = g * -1
    if options["weight_decay"]:
        g = g + theta * options["weight_decay"]
    v = given["square_avg"] * alpha + g * g * (1 - alpha)
    kept, spread = {"square_avg": v}, v
    if options.get("centered"):
        a = kept["grad_avg"] = given["grad_avg"] * alpha + g * (1 - alpha)
        spread = v - a * a
    b = g / (spread.sqrt() + options["eps"])
    if options["momentum"]:
        b = kept["momentum_buffer"] = given["momentum_buffer"] * options["momentum"] + b
    return {"theta": theta - b * options["lr"], **kept}


FORMULAS: dict[str, Formula] = {
    "SGD": sgd_formula,
    "Adam": adam_formula,
    "AdamW": adamw_formula,
    "RMSprop": rmsprop_formula,
}
