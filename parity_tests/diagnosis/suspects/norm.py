"""Errors of BatchNorm2d: which variance, where eps stands, how the running statistics move, what dx leaves out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.roundoff import Rounded

CHANNELS = (0, 2, 3)
"""The axes of everything that belongs to one channel."""


@dataclass(frozen=True)
class Formula:
    """The formula of BatchNorm2d, with what may be wrong in it.

        mean, var      of the batch, or the running ones
        s = sqrt(var + eps)
        z = (x - mean) / s
        y = z * weight + bias
        dx = weight / s * (dy - sum of dy / M - z * sum of (dy * z) / M)           the last two through mean and var

    Attributes
    ----------
    axes, axes_in_backward : what mean and var are taken over, and what the sums in dx
    unbiased : divide the variance by M - 1
    unbiased_in_backward : and dx is the gradient of that
    eps_missing, eps_outside : s = sqrt(var), s = sqrt(var) + eps
    eps_outside_in_backward : and dx is the gradient of that
    constant : backward takes mean and var for constants
    undivided : and does not divide by s
    from_batch : None for what the case asks for
    """

    axes: tuple[int, ...] = CHANNELS
    axes_in_backward: tuple[int, ...] = CHANNELS
    unbiased: bool = False
    unbiased_in_backward: bool = False
    eps_missing: bool = False
    eps_outside: bool = False
    eps_outside_in_backward: bool = False
    constant: bool = False
    undivided: bool = False
    from_batch: bool | None = None

    def __call__(self, scene: Scene) -> Predictions:
        """y and the gradients."""
        x, dy = (Rounded(scene.inputs[name], scene.eps) for name in ("x", "dy"))
        C = x.value.shape[1]

        def held(name: str, default: float) -> Rounded:
            return Rounded(scene.inputs.get(name, np.full(C, default)).reshape(1, -1, 1, 1), scene.eps)

        from_batch = uses_batch(scene) if self.from_batch is None else self.from_batch
        M = int(np.prod([x.value.shape[axis] for axis in self.axes]))
        if (from_batch and 1 + self.unbiased > M) or not (from_batch or "running_mean" in scene.inputs):
            return {}
        mean = x.sum(self.axes, keepdims=True) / M if from_batch else held("running_mean", 0)
        deviation = x - mean
        squares = (deviation * deviation).sum(self.axes, keepdims=True)
        var = squares / (M - 1 if self.unbiased else M) if from_batch else held("running_var", 1)
        eps = scene.arguments["eps"]
        s = (var + (0 if self.eps_outside or self.eps_missing else eps)).sqrt() + (eps if self.eps_outside else 0)
        z, weight = deviation / s, held("weight", 1)
        dweight, dbias = (dy * z).sum(CHANNELS, keepdims=True), dy.sum(CHANNELS, keepdims=True)
        dz = dy
        if from_batch and not self.constant:
            axes = self.axes_in_backward
            count = int(np.prod([x.value.shape[axis] for axis in axes]))
            through_var = (dy * z).sum(axes, keepdims=True) / (count - 1 if self.unbiased_in_backward else count)
            if self.eps_outside_in_backward:
                through_var = through_var * s / var.sqrt()
            dz = dy - dy.sum(axes, keepdims=True) / count - z * through_var
        found = {
            "y": z * weight + held("bias", 0),
            "dx": weight * dz if self.undivided else weight * dz / s,
            "dweight": dweight,
            "dbias": dbias,
        }
        shape = x.value.shape
        return {
            name: Predicted.of(each, shape if name in ("y", "dx") else (-1,))
            for name, each in found.items()
            if name in scene.truth
        }


def uses_batch(scene: Scene) -> bool:
    """Whether torch normalises by the batch's own statistics."""
    return cast("LayerCase", scene.case).training or not scene.arguments["track_running_stats"]


def running(scene: Scene, unbiased: int, newest: float | None = None) -> Predictions:
    """The running statistics after the batch, the variance multiplied by M / (M - 1) so many times."""
    x = Rounded(scene.inputs["x"], scene.eps)
    M, moves = x.value.size // x.value.shape[1], cast("LayerCase", scene.case).training
    if "running_mean" not in scene.inputs or not moves or M < 2:
        return {}
    mean = x.sum(CHANNELS, keepdims=True) / M
    deviation = x - mean
    var = (deviation * deviation).sum(CHANNELS, keepdims=True) / M * (M / (M - 1)) ** unbiased
    batch = {"running_mean": mean, "running_var": var}
    return {name: mixed_in(scene, name, each, newest) for name, each in batch.items()}


def mixed_in(scene: Scene, name: str, batch: Rounded, newest: float | None = None) -> Predicted:
    """A running statistic after the batch's; `newest` is the weight of that, by default the right one."""
    if newest is None:
        newest = scene.arguments["momentum"]
        newest = 1 / (int(scene.inputs["num_batches_tracked"]) + 1) if newest is None else newest
    old = Rounded(scene.inputs[name].reshape(1, -1, 1, 1), scene.eps)
    return Predicted.of(old * (1 - newest) + batch * newest, (-1,))


def unbiased(in_backward: bool, times: int) -> Callable[[Scene], Predictions]:
    """The unbiased variance everywhere, in the running one once or twice."""

    def predict(scene: Scene) -> Predictions:
        found = Formula(unbiased=True, unbiased_in_backward=in_backward)(scene)
        return {**found, **only(running(scene, times), "running_var")}

    return predict


def per_feature(axes_in_backward: tuple[int, ...]) -> Callable[[Scene], Predictions]:
    """Statistics of every pixel, and in the running ones their mean over the pixels."""

    def predict(scene: Scene) -> Predictions:
        found = Formula(axes=(0,), axes_in_backward=axes_in_backward)(scene)
        x = Rounded(scene.inputs["x"], scene.eps)
        M, moves = x.value.size // x.value.shape[1], cast("LayerCase", scene.case).training
        if not found or "running_var" not in scene.inputs or not moves or M < 2:
            return found
        deviation = x - x.sum((0,), keepdims=True) / len(x.value)
        var = (deviation * deviation).sum(CHANNELS, keepdims=True) / M * (M / (M - 1))
        return {**found, "running_var": mixed_in(scene, "running_var", var)}

    return predict


def undivided_in_training(scene: Scene) -> Predictions:
    """The same where the statistics are the batch's."""
    return only(Formula(undivided=True)(scene), "dx") if uses_batch(scene) else {}


def momentum_swapped(scene: Scene) -> Predictions:
    """Momentum as the weight of what is kept."""
    momentum = scene.arguments["momentum"]
    return {} if momentum is None else running(scene, 1, 1 - momentum)


def batch_in_evaluation(scene: Scene) -> Predictions:
    """Evaluation like training, the running statistics moved or not."""
    case = cast("LayerCase", scene.case)
    return {} if case.training else scene.torch(replace(case, training=True))


def running_in_training(scene: Scene) -> Predictions:
    """Training like evaluation."""
    return Formula(from_batch=False)(scene) if uses_batch(scene) else {}


def not_updated(scene: Scene) -> Predictions:
    """The running statistics as they were."""
    names = [name for name in ("running_mean", "running_var", "num_batches_tracked") if name in scene.inputs]
    kept = {name: Predicted(scene.inputs[name], None) for name in names}
    return {name: each.scaled(1.0, scene.eps) if each.value.dtype.kind == "f" else each for name, each in kept.items()}


def one_kept(*names: str) -> Callable[[Scene], Predictions]:
    """Some of the running statistics as they were."""
    return lambda scene: only(not_updated(scene), *names)


def without(*names: str) -> Callable[[Scene], Predictions]:
    """y and dx without the weight, or without the bias."""

    def predict(scene: Scene) -> Predictions:
        neutral = {"weight": np.ones_like, "bias": np.zeros_like}
        changed = {name: neutral[name](scene.inputs[name]) for name in names if name in scene.inputs}
        return only(scene.torch(**changed), "y", "dx") if changed else {}

    return predict


UNBIASED = "The batch is normalised by the unbiased variance: divide by M = N*H*W, not by M - 1."
BIASED = "The running variance is the biased one: torch keeps var * M / (M - 1)."
MISSING = "eps is missing: s = sqrt(var + eps)."
OUTSIDE = "eps is added outside the root: s = sqrt(var + eps), not sqrt(var) + eps."
SWAPPED = "momentum is taken for the weight of the past: running = (1 - momentum) * running + momentum * batch."
CONSTANT = "Backward takes mean and variance for constants: they depend on x, and have two more terms in dx."
UNDIVIDED = "Backward does not divide by the deviation: dx has 1 / sqrt(var + eps) as y has."
PER_FEATURE = "Mean and variance are taken for every pixel: they are taken over batch, rows and columns, per channel."
EVALUATION = "In evaluation the batch's own statistics are used: there the running ones count."
TRAINING = "In training the running statistics are used: there those of the batch count."
NOT_UPDATED = "The running statistics are not updated in training."
UPDATED = "The number of batches is not counted: num_batches_tracked grows by 1 with every batch."

SUSPECTS = [
    *(
        Suspect("unbiased-variance", UNBIASED, unbiased(in_backward, times))
        for in_backward in (False, True)
        for times in (1, 2)
    ),
    Suspect("biased-running-variance", BIASED, lambda scene: only(running(scene, 0), "running_var")),
    Suspect("eps-missing", MISSING, Formula(eps_missing=True)),
    Suspect("eps-outside-root", OUTSIDE, Formula(eps_outside=True)),
    Suspect("eps-outside-root", OUTSIDE, Formula(eps_outside=True, eps_outside_in_backward=True)),
    Suspect("momentum-swapped", SWAPPED, momentum_swapped),
    Suspect("statistics-constant-in-backward", CONSTANT, lambda scene: only(Formula(constant=True)(scene), "dx")),
    Suspect("dx-not-divided", UNDIVIDED, lambda scene: only(Formula(undivided=True)(scene), "dx")),
    Suspect("dx-not-divided", UNDIVIDED, undivided_in_training),
    Suspect("per-feature-statistics", PER_FEATURE, per_feature((0,))),
    Suspect("per-feature-statistics", PER_FEATURE, per_feature(CHANNELS)),
    Suspect("batch-statistics-in-evaluation", EVALUATION, batch_in_evaluation),
    Suspect("running-statistics-in-training", TRAINING, running_in_training),
    Suspect("running-statistics-not-updated", NOT_UPDATED, not_updated),
    Suspect("running-statistics-not-updated", NOT_UPDATED, one_kept("running_mean", "running_var")),
    Suspect("batches-not-counted", UPDATED, one_kept("num_batches_tracked")),
    Suspect("weight-ignored", "The weight is not used: y = z * weight + bias.", without("weight")),
    Suspect("bias-missing", "The bias is not added: y = z * weight + bias.", without("bias")),
]
