"""Errors of the optimisers: each is one step by a changed formula, from torch's state."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.roundoff import Rounded

State: TypeAlias = dict[str, Rounded]
Step: TypeAlias = Callable[[State, int, dict[str, Any]], State]
"""(theta, g and what is kept; the number of the step, from 1; the options) -> theta and what is kept."""

DEFAULTS: Mapping[str, dict[str, Any]] = {
    "SGD": {"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False},
    "Adam": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0},
    "AdamW": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01, "decoupled_weight_decay": True},
    "RMSprop": {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0},
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


def altered(options: dict[str, Any], changed: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The options with some of them changed."""
    return options | {name: change(options.get(name)) for name, change in changed.items()}


def gradient(given: State, options: dict[str, Any]) -> Rounded:
    """The gradient with weight decay, its sign turned with maximize."""
    g = given["g"] * -1 if options.get("maximize") else given["g"]
    return g + given["theta"] * options["weight_decay"] if options["weight_decay"] else g
