"""Errors of NLLLoss: what its mean divides by."""

from parity_tests.diagnosis.scene import Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.diagnosis.suspects.cross_entropy import IGNORED, WEIGHTS
from parity_tests.diagnosis.suspects.loss import divided_by
from parity_tests.harness.laws.loss import one_hot_of
from parity_tests.harness.loss_case import LossCase


def labels_that_count(case: LossCase, scene: Scene) -> float:
    """How many labels are not ignored."""
    return float(one_hot_of(case, scene.inputs)[0].sum())


def all_labels(case: LossCase, scene: Scene) -> float:
    """How many labels there are; nothing where they have weights."""
    return 0.0 if "weight" in scene.inputs else float(scene.inputs["target"].size)


SUSPECTS = [
    Suspect("weights-not-in-divisor", WEIGHTS, divided_by(labels_that_count)),
    Suspect("ignored-labels-counted", IGNORED, divided_by(all_labels)),
]
