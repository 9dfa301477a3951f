"""Errors of the losses of each number by itself: factors and signs, divisors, pos_weight, what beta divides."""

from collections.abc import Callable
from typing import cast

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.diagnosis.suspects.loss import batch_factors, divided, divided_by
from parity_tests.harness.laws.loss import reduced, sizes, smooth_distances
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray


def per_sample(scene: Scene) -> float:
    """How many numbers a sample has."""
    return float(max(int(np.prod(scene.inputs["x"].shape[1:])), 1))


def undone(scene: Scene) -> float:
    """What "mean" divided by, inverted."""
    return 1 / max(scene.inputs["x"].size, 1)


def all_weights(case: LossCase, scene: Scene) -> float:
    """The sum of the weights of all numbers."""
    return float(np.broadcast_to(scene.inputs.get("weight", np.ones(())), case.shape).sum())


def pos_weight_of_all(scene: Scene) -> Predictions:
    """pos_weight as a weight of yes and no."""
    v = scene.inputs.get("pos_weight")
    if v is None:
        return {}
    return scene.torch(weight=np.asarray(scene.inputs.get("weight", np.ones_like(v)) * v), pos_weight=None)


def pos_weight_not_in_gradient(scene: Scene) -> Predictions:
    """dx without pos_weight."""
    return only(scene.torch(pos_weight=None), "dx") if "pos_weight" in scene.inputs else {}


def times_beta(*powers: tuple[str, float, float]) -> Callable[[Scene], Predictions]:
    """The loss with its square times 2**k * beta**n, or dx times that: (tensor, k, n)."""

    def predict(scene: Scene) -> Predictions:
        case = cast("LossCase", scene.case)
        beta, x = case.settings["beta"], scene.inputs["x"]
        if beta == 0 or x.size == 0:
            return {}
        found = {}
        for tensor, k, n in powers:
            losses, slope, count = smooth_distances(case, scene.inputs, scene.eps)
            factor = float(2.0**k * beta**n)
            near = np.abs(x - scene.inputs["target"]) < beta
            inside = Rounded(np.where(near, factor, 1.0), scene.eps)
            parts = losses * inside, slope * (factor if tensor == "dx" else 1), count
            law = reduced(case, scene.inputs, scene.eps, parts)[tensor]
            assert law is not None
            assert law.value is not None
            found[tensor] = Predicted(law.value, law)
        return found

    return predict


def with_slope(slope: Callable[[HostArray], HostArray]) -> Callable[[Scene], Predictions]:
    """dx of L1Loss by another slope than the sign."""

    def predict(scene: Scene) -> Predictions:
        case = cast("LossCase", scene.case)
        losses, _, count = sizes(case, scene.inputs, scene.eps)
        if losses.value.size == 0:
            return {}
        d = (Rounded(scene.inputs["x"], scene.eps) - scene.inputs["target"]).value
        each = Rounded(slope(d), scene.eps, losses.errors)
        law = reduced(case, scene.inputs, scene.eps, (losses, each, count))["dx"]
        assert law is not None
        assert law.value is not None
        return {"dx": Predicted(law.value, law)}

    return predict


TWO = "The factor 2 is wrong: the loss is the mean of (x - target)**2, without 1/2, its gradient has a 2."
ONLY_BATCH = "The mean is over the batch alone: it is over all numbers."
SIGN = "The gradient has the wrong sign: it is 2 (x - target)."
SLOPE = "The gradient of |x - target| is the sign of x - target, not the difference itself."
AT_ZERO = "Where x is its target the gradient is 0."
IN_DIVISOR = "The mean divides by the sum of the weights: here it divides by how many numbers there are."
OF_ALL = "pos_weight multiplies the whole loss: it is the weight of a yes, t * log p, alone."
NOT_IN_GRADIENT = "pos_weight is missing in the gradient: dx = (v t + 1 - t) p - v t."
HUBER = "That is Huber's gradient, cut off at beta: it is d / beta, cut off at 1."
HUBERS_SQUARE = "The square is not divided by beta: the loss of a small difference is d**2 / (2 beta)."
HALF = "The half of the square is missing: the loss of a small difference is d**2 / (2 beta)."

OF_SQUARES = [
    *batch_factors(undone),
    Suspect("factor-two", TWO, divided(lambda scene: 2.0, "loss", "dx")),
    Suspect("factor-two", TWO, divided(lambda scene: 0.5, "dx")),
    Suspect(
        "averaged-over-batch-only", ONLY_BATCH, divided(lambda scene: 1 / per_sample(scene), "loss", "dx", where="mean")
    ),
    Suspect("sign-of-gradient", SIGN, divided(lambda scene: -1.0, "dx")),
]
OF_YES_OR_NO = [
    Suspect("pos-weight-of-all", OF_ALL, pos_weight_of_all),
    Suspect("pos-weight-not-in-gradient", NOT_IN_GRADIENT, pos_weight_not_in_gradient),
    Suspect("weights-in-divisor", IN_DIVISOR, divided_by(all_weights)),
]
OF_DISTANCES = [
    Suspect("half-missing", HALF, times_beta(("loss", 1, 0))),
    Suspect("square-of-huber", HUBERS_SQUARE, times_beta(("loss", 0, 1))),
    Suspect("gradient-of-huber", HUBER, times_beta(("dx", 0, 1))),
]
OF_SIZES = [
    Suspect("sign-forgotten", SLOPE, with_slope(lambda d: d)),
    Suspect("sign-at-zero", AT_ZERO, with_slope(lambda d: (d >= 0).astype(float) - (d < 0))),
    Suspect("sign-at-zero", AT_ZERO, with_slope(lambda d: (d > 0).astype(float) - (d <= 0))),
]
