"""Errors that the losses share, and those of MSELoss: sums and means, factors, signs."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np

from parity_tests.diagnosis.scene import Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.harness.case import Spec
from parity_tests.harness.loss_case import LossCase


def with_reduction(before: str, after: str) -> Callable[[Scene], Predictions]:
    """Another reduction."""

    def predict(scene: Scene) -> Predictions:
        case = cast("LossCase", scene.case)
        if case.settings["reduction"] != before:
            return {}
        settings = dict(case.spec.settings) | {"reduction": after}
        return scene.torch(replace(case, spec=Spec(case.op, case.spec.args, tuple(settings.items()))))

    return predict


def divided(count: Callable[[Scene], float], *tensors: str, where: str = "") -> Callable[[Scene], Predictions]:
    """The loss or dx divided by a number."""

    def predict(scene: Scene) -> Predictions:
        n = count(scene)
        if n == 0 or where not in ("", cast("LossCase", scene.case).settings["reduction"]):
            return {}
        return {name: scene.scaled(name, 1 / n) for name in tensors if name in scene.truth}

    return predict


def per_sample(scene: Scene) -> float:
    """How many numbers a sample has."""
    return float(max(int(np.prod(scene.inputs["x"].shape[1:])), 1))


def first_axis(scene: Scene) -> float:
    """N."""
    return float(max(scene.samples, 1))


BATCH = "The sum and the mean over the batch are confused: reduction='mean' divides the loss and its gradient, once."
TWO = "The factor 2 is wrong: the loss is the mean of (x - target)**2, without 1/2, its gradient has a 2."
ONLY_BATCH = "The mean is over the batch alone: it is over all numbers."
SIGN = "The gradient has the wrong sign: it is 2 (x - target)."


def batch_factors(undone: Callable[[Scene], float]) -> list[Suspect]:
    """The sum and the mean confused; `undone` is what "mean" divided by, inverted."""
    return [
        *(
            Suspect("batch-factor", BATCH, with_reduction(before, after))
            for before, after in (("mean", "sum"), ("sum", "mean"), ("mean", "none"))
        ),
        *(
            Suspect("batch-factor", BATCH, divided(count, *tensors, where="mean"))
            for tensors in (("loss", "dx"), ("loss",), ("dx",))
            for count in (undone, first_axis, lambda scene: 1 / first_axis(scene))
        ),
    ]


def undone(scene: Scene) -> float:
    """What "mean" divided by, inverted."""
    return 1 / max(scene.inputs["x"].size, 1)


OF_SQUARES = [
    *batch_factors(undone),
    Suspect("factor-two", TWO, divided(lambda scene: 2.0, "loss", "dx")),
    Suspect("factor-two", TWO, divided(lambda scene: 0.5, "dx")),
    Suspect(
        "averaged-over-batch-only", ONLY_BATCH, divided(lambda scene: 1 / per_sample(scene), "loss", "dx", where="mean")
    ),
    Suspect("sign-of-gradient", SIGN, divided(lambda scene: -1.0, "dx")),
]
