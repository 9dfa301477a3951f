"""Errors of CrossEntropyLoss: divisors, what counts, logarithms, the softmax in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.diagnosis.suspects.loss import BATCH, batch_factors
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray


@dataclass(frozen=True)
class Parts:
    """What the cross entropy is made of; arrays have x's shape, with the classes along `axis`.

        loss = - sum of q * log_p / divisor          dx = (p * sum of q - q) / divisor * dloss

    Attributes
    ----------
    log_p, p : log softmax, and softmax
    wanted : 1 at the label, or the probabilities
    w : the weights of the classes
    counted : 1 where a label is not ignored
    """

    scene: Scene
    axis: int
    log_p: Rounded
    p: Rounded
    wanted: HostArray
    w: HostArray
    counted: HostArray

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments."""
        return cast("LossCase", self.scene.case).settings

    @property
    def labels(self) -> bool:
        """Whether the target is one of labels."""
        return self.scene.inputs["target"].dtype.kind in "iu"

    def q(self, smoothing: float | None = None) -> Rounded:
        """The target distribution."""
        e = self.settings["label_smoothing"] if smoothing is None else smoothing
        C, eps = self.w.size, self.scene.eps
        return (Rounded(self.wanted, eps) * (1 - e) + Rounded(e, eps) / C) * self.w * self.counted

    def divisor(self) -> Rounded | float:
        """What "mean" divides by."""
        if not self.labels:
            return self.samples
        weights = self.wanted * self.w * self.counted
        return Rounded(weights, self.scene.eps).sum(tuple(range(weights.ndim))) if weights.any() else np.nan

    @property
    def samples(self) -> float:
        """How many samples there are."""
        return self.wanted.size / self.w.size

    def result(
        self,
        q: Rounded | None = None,
        divisor: Rounded | float | None = None,
        log_p: Rounded | None = None,
        p: Rounded | None = None,
        dx: Rounded | None = None,
    ) -> Predictions:
        """The loss and dx, with some of the parts replaced; `dx` is the gradient of the sum of the losses."""
        q = self.q() if q is None else q
        divisor = self.divisor() if divisor is None else divisor
        log_p, p = self.log_p if log_p is None else log_p, self.p if p is None else p
        counts = q.value != 0  # what is not wanted adds nothing, however unlikely it is
        hard, scale = (np.where(counts, error, 0) for error in log_p.errors)
        losses = (q * Rounded(np.where(counts, log_p.value, 0), log_p.eps, (hard, scale))).sum(self.axis) * -1
        each = p * q.sum(self.axis, keepdims=True) - q if dx is None else dx
        upstream = Rounded(self.scene.inputs["dloss"], self.scene.eps)
        if self.settings["reduction"] == "none":
            loss, upstream = losses, Rounded(np.expand_dims(upstream.value, self.axis), self.scene.eps)
        else:
            loss = losses.sum(tuple(range(losses.value.ndim)))
        if self.settings["reduction"] == "mean":
            loss, upstream = loss / divisor, upstream / divisor
        dx = each * upstream
        hard, scale = (np.where(self.counted, error, 0) for error in dx.errors)
        dx = Rounded(np.where(self.counted, dx.value, 0), dx.eps, (hard, scale))
        return {
            "loss": Predicted.of(loss, loss.value.shape),
            "dx": Predicted.of(dx, self.scene.inputs["x"].shape),
        }


def parts_of(scene: Scene) -> Parts:
    """Take a case apart."""
    case = cast("LossCase", scene.case)
    x, target = Rounded(scene.inputs["x"], scene.eps), scene.inputs["target"]
    axis = case.axis
    C = x.value.shape[axis]
    classes = [-1 if d == axis else 1 for d in range(x.value.ndim)]
    shifted = x - x.max(axis)
    powers = shifted.exp()
    total = powers.sum(axis, keepdims=True)
    wanted, counted = target.astype(np.float64), np.ones_like(x.value)
    if target.dtype.kind in "iu":
        labels = np.expand_dims(target, axis)
        wanted = (labels == np.arange(C).reshape(classes)).astype(np.float64)
        counted = np.broadcast_to(labels != case.settings["ignore_index"], x.value.shape).astype(np.float64)
    w = scene.inputs.get("weight", np.ones(C)).astype(np.float64).reshape(classes)
    return Parts(scene, axis, shifted - total.log(), powers / total, wanted, w, counted)


def entropy(change: Callable[[Parts], Predictions]) -> Callable[[Scene], Predictions]:
    """The cross entropy, with some of its parts changed."""

    def predict(scene: Scene) -> Predictions:
        return change(parts_of(scene))

    return predict


def where_labels(change: Callable[[Parts], Predictions]) -> Callable[[Scene], Predictions]:
    """The same, for labels only."""
    return entropy(lambda parts: change(parts) if parts.labels else {})


def without_softmax(absolute: bool) -> Callable[[Parts], Predictions]:
    """x taken for the probabilities."""

    def change(parts: Parts) -> Predictions:
        x = parts.scene.inputs["x"].astype(np.float64)
        p = Rounded(np.abs(x) if absolute else x, parts.scene.eps)
        return parts.result(log_p=p.log(), p=p)

    return change


def smoothed_over_others(parts: Parts) -> Predictions:
    """e / (C - 1) for every class but the right one."""
    e, C = parts.settings["label_smoothing"], parts.w.size
    q = (Rounded(parts.wanted, parts.scene.eps) * (1 - e) + (1 - parts.wanted) * (e / max(C - 1, 1))) * parts.w
    return parts.result(q=q * parts.counted)


def unsummed_weights(parts: Parts) -> Predictions:
    """p - q, though the q do not sum to 1: because of weights, or because the target does not."""
    return only(parts.result(dx=parts.p - parts.q()), "dx")


def in_base(base: float, only_loss: bool) -> Callable[[Parts], Predictions]:
    """Logarithms of another base, in the loss alone or in its gradient, too."""

    def change(parts: Parts) -> Predictions:
        q, p = parts.q(), parts.p
        dx = (p * q.sum(parts.axis, keepdims=True) - q) / float(np.log(base))
        return parts.result(log_p=parts.log_p / float(np.log(base)), dx=None if only_loss else dx)

    return change


def kept_from_zero(small: float, clipped: bool) -> Callable[[Parts], Predictions]:
    """log(p + small), or log of p that is at least small."""

    def change(parts: Parts) -> Predictions:
        p = parts.p
        if clipped:
            return only(parts.result(log_p=Rounded(np.clip(p.value, small, 1 - small), p.eps, p.errors).log()), "loss")
        return only(parts.result(log_p=(p + small).log()), "loss")

    return change


def unshifted(log_of_quotient: bool) -> Callable[[Parts], Predictions]:
    """exp(x) where it leaves the format's range; elsewhere nothing changes."""

    def change(parts: Parts) -> Predictions:
        x = parts.scene.inputs["x"]
        powers = np.exp(x)
        total = powers.sum(parts.axis, keepdims=True)
        fits = np.broadcast_to(np.isfinite(total) & (total > np.finfo(x.dtype).tiny), x.shape)
        log_p = np.log(powers / total) if log_of_quotient else x - np.log(total)
        p = powers / total if log_of_quotient else np.exp(log_p)
        return parts.result(log_p=mixed(fits, parts.log_p, log_p), p=mixed(fits, parts.p, p))

    return change


def mixed(keep: HostArray, right: Rounded, wrong: HostArray) -> Rounded:
    """The right number where `keep`, elsewhere the wrong one, which is exact: 0, infinite, or NaN."""
    hard, scale = (np.where(keep, error, 0) for error in right.errors)
    return Rounded(np.where(keep, right.value, wrong), right.eps, (hard, scale))


def undone(scene: Scene) -> float:
    """What "mean" divided by, inverted."""
    divisor = parts_of(scene).divisor()
    return float(np.divide(1, divisor.value if isinstance(divisor, Rounded) else divisor))


SHIFT = "exp(x) leaves the range of the format: subtract the maximum before, log p = x - max - log sum exp(x - max)."
SOFTMAX = "x is taken for probabilities: torch's cross entropy takes scores, and applies log softmax itself."
IGNORED = "Ignored labels count in the divisor: the mean is over those that are not ignored."
WEIGHTS = "The mean divides by the number of samples: with weights, it divides by the sum of the labels' weights."
SMOOTHING = "label_smoothing is not used: q is (1 - e) at the label, and e / C more at every class."
OTHERS = "The smoothing is shared among the other classes: torch gives e / C to every class, the label's too."
BASE = "The logarithm has base {}: take the natural one."
UNSUMMED = "The gradient is p - q, which holds where the targets q sum to 1: else it is p * (sum of q) - q."
SMALL = "Something is added to the probability before the logarithm, or it is cut off: log softmax needs neither."

SUSPECTS = [
    *batch_factors(undone),
    Suspect("batch-factor", BATCH, where_labels(lambda parts: parts.result(divisor=1.0))),
    Suspect("no-shift", SHIFT, entropy(unshifted(log_of_quotient=False))),
    Suspect("no-shift", SHIFT, entropy(unshifted(log_of_quotient=True))),
    Suspect("softmax-missing", SOFTMAX, entropy(without_softmax(absolute=False))),
    Suspect("softmax-missing", SOFTMAX, entropy(without_softmax(absolute=True))),
    Suspect("ignored-labels-counted", IGNORED, where_labels(lambda parts: parts.result(divisor=parts.samples))),
    Suspect(
        "ignored-labels-counted",
        IGNORED,
        where_labels(lambda parts: parts.result(divisor=parts.samples) if "weight" not in parts.scene.inputs else {}),
    ),
    Suspect(
        "ignored-labels-counted",
        IGNORED,
        where_labels(lambda parts: parts.result(divisor=float((parts.wanted * parts.w).sum() + 0.0))),
    ),
    Suspect(
        "weights-not-in-divisor",
        WEIGHTS,
        where_labels(lambda parts: parts.result(divisor=float(parts.counted.sum() / parts.w.size) or np.nan)),
    ),
    Suspect("label-smoothing-ignored", SMOOTHING, entropy(lambda parts: parts.result(q=parts.q(smoothing=0.0)))),
    Suspect("label-smoothing-over-the-others", OTHERS, entropy(smoothed_over_others)),
    Suspect("weights-not-summed-in-gradient", UNSUMMED, entropy(unsummed_weights)),
    Suspect(
        "weights-not-summed-in-gradient",
        UNSUMMED,
        entropy(lambda parts: {} if "weight" in parts.scene.inputs else unsummed_weights(parts)),
    ),
    *(
        Suspect("log-base", BASE.format(base), entropy(in_base(float(base), only_loss)))
        for base in (2, 10)
        for only_loss in (False, True)
    ),
    *(
        Suspect("eps-in-log", SMALL, entropy(kept_from_zero(small, clipped)))
        for small in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
        for clipped in (False, True)
    ),
]
