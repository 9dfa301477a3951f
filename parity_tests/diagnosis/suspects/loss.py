"""Errors that the losses share: sums and means, and what a mean divides by."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

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


def divided_by(count: Callable[[LossCase, Scene], float]) -> Callable[[Scene], Predictions]:
    """The sum in place of the mean, divided by something else."""

    def predict(scene: Scene) -> Predictions:
        case = cast("LossCase", scene.case)
        if case.settings["reduction"] != "mean" or 0 in case.shape:
            return {}
        n = count(case, scene)
        settings = dict(case.spec.settings) | {"reduction": "sum"}
        sums = scene.torch(replace(case, spec=Spec(case.op, case.spec.args, tuple(settings.items()))))
        return {name: each.scaled(1 / n, scene.eps) for name, each in sums.items()} if n else {}

    return predict


def first_axis(scene: Scene) -> float:
    """N."""
    return float(max(scene.samples, 1))


BATCH = "The sum and the mean over the batch are confused: reduction='mean' divides the loss and its gradient, once."


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
