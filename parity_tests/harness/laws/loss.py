"""The losses: the formula of each number's loss and of its slope, and how they are reduced."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from parity_tests.harness.comparison import EXACT
from parity_tests.harness.laws.base import Inputs, Laws
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray

if TYPE_CHECKING:
    from parity_tests.harness.loss_case import LossCase

Parts: TypeAlias = tuple[Rounded, Rounded, Any]
"""All losses, the gradient of each with respect to x, and what "mean" divides by."""


def loss_laws(case: "LossCase", inputs: Inputs, eps: float) -> Laws:
    """Look the formula up by the name of the loss, and reduce it."""
    return reduced(case, inputs, eps, LOSSES[case.op](case, inputs, eps))


def reduced(case: "LossCase", inputs: Inputs, eps: float, parts: Parts) -> Laws:
    """Add the losses up or average them, and send dloss back."""
    losses, each, divisor = parts
    if losses.value.size == 0 or case.target == "all ignored":
        return {"loss": EXACT, "dx": EXACT}  # nothing is added up: 0, or NaN for the mean of nothing
    loss, upstream = losses, Rounded(inputs["dloss"], eps)
    if case.settings["reduction"] != "none":
        loss = losses.sum(tuple(range(losses.value.ndim)))
    elif case.of_classes:
        upstream = Rounded(np.expand_dims(inputs["dloss"], case.axis), eps)
    if case.settings["reduction"] == "mean":
        loss, upstream = loss / divisor, upstream / divisor
    nothing = (each.value == 0) & (each.errors[0] == 0)  # 0 by selection, even where a mean of nothing is NaN
    dx = chosen(nothing, Rounded(0.0, eps), each * upstream)
    return {"loss": loss.law(loss.value.shape), "dx": dx.law(case.shape)}


def squares(case: "LossCase", inputs: Inputs, eps: float) -> Parts:
    """(x - target)**2, its gradient 2 (x - target), and the count."""
    difference = Rounded(inputs["x"], eps) - inputs["target"]
    return difference * difference, difference * 2, difference.value.size


def sizes(case: "LossCase", inputs: Inputs, eps: float) -> Parts:
    """|x - target|, the sign of the difference, and the count."""
    d = Rounded(inputs["x"], eps) - inputs["target"]
    sign = (d.value > 0).astype(float) - (d.value < 0)
    return Rounded(np.abs(d.value), eps, d.errors), Rounded(sign, eps), d.value.size


def smooth_distances(case: "LossCase", inputs: Inputs, eps: float) -> Parts:
    """m**2 / (2 beta) + (|d| - m) with m = min(|d|, beta), and the gradient d / beta, cut off at -1 and 1.

    |d| - beta / 2 is the same for |d| above beta, and has one rounding less.
    """
    beta, d = case.settings["beta"], Rounded(inputs["x"], eps) - inputs["target"]
    distance = Rounded(np.abs(d.value), eps, d.errors)
    if beta == 0:
        return distance, Rounded(np.sign(np.nan_to_num(d.value)), eps), d.value.size  # 0 at NaN, as in torch
    near = distance.value < beta
    m = chosen(near, distance, Rounded(np.full(near.shape, beta), eps))
    slope = chosen(near, d / float(beta), Rounded(np.sign(d.value), eps))
    return m * m * 0.5 / float(beta) + (distance - m), slope, d.value.size


def yes_or_no(case: "LossCase", inputs: Inputs, eps: float) -> Parts:
    """w ((1 - t) x - (1 + (v - 1) t) log p), its gradient w ((v t + 1 - t) p - v t), and the count.

    log p = min(x, 0) - log1p(exp(-|x|)) is added up first, as torch does: for x far below 0 it is nearly x, which
    (1 - t) x takes away again. log1p is well-conditioned, log(1 + ...) would not be.
    """
    x, t = (Rounded(inputs[name], eps) for name in ("x", "target"))
    w, v = (Rounded(inputs.get(name, np.ones(())), eps) for name in ("weight", "pos_weight"))
    small = Rounded(-np.abs(x.value), eps).exp()
    log_p = Rounded(np.minimum(x.value, 0), eps) - small.log1p()
    no = Rounded(1.0, eps) - t
    losses = no * x - ((v - 1) * t + 1) * log_p if "pos_weight" in inputs else no * x - log_p
    p = chosen(x.value >= 0, Rounded(np.ones(()), eps), small) / (small + 1)
    slope = (v * t + 1 - t) * p - v * t if "pos_weight" in inputs else p - t
    if "weight" in inputs:
        losses, slope = losses * w, slope * w
    return losses, slope, x.value.size


def chosen(where: HostArray, one: Rounded, other: Rounded) -> Rounded:
    """One number or another: a selection."""
    hard, scale = (np.where(where, mine, its) for mine, its in zip(one.errors, other.errors, strict=True))
    return Rounded(np.where(where, one.value, other.value), one.eps, (hard, scale))


def likelihoods(case: "LossCase", inputs: Inputs, eps: float) -> Parts:
    """- w x at the label, its gradient - w, and the sum of w; 0 where a label is ignored."""
    one_hot, w = one_hot_of(case, inputs)
    weights = Rounded(one_hot * w, eps)
    x = np.where(one_hot != 0, inputs["x"], 0)
    total = weights.value.sum()
    divisor = weights.sum(tuple(range(x.ndim))) if total else total
    return (Rounded(x, eps) * weights).sum(case.axis) * -1, Rounded(-weights.value, eps), divisor


def one_hot_of(case: "LossCase", inputs: Inputs) -> tuple[HostArray, HostArray]:
    """1 at the label where it is not ignored, else 0, shaped like x; and the weights, to be combined with that."""
    axis, C = case.axis, case.shape[case.axis]
    broadcast = [1] * len(case.shape)
    broadcast[axis] = C
    w: HostArray = (inputs["weight"] if case.weighted else np.ones(C)).reshape(broadcast)
    if case.target in ("probabilities", "amounts"):
        return np.ones(case.shape), w
    labels = np.expand_dims(inputs["target"], axis)
    counted = labels != case.settings["ignore_index"]
    one_hot: HostArray = ((labels == np.arange(C).reshape(broadcast)) & counted).astype(float)
    return one_hot, w


def surprises(case: "LossCase", inputs: Inputs, eps: float) -> Parts:
    """- sum of q log p, its gradient p * sum of q - q, and what "mean" divides by."""
    axis, x = case.axis, Rounded(inputs["x"], eps)
    q, divisor = target_distribution(case, inputs, eps)
    if x.value.size == 0:
        return Rounded(np.zeros(0), eps), x, divisor
    shifted = x - x.max(axis)
    log_p = shifted - shifted.exp().sum(axis, keepdims=True).log()
    log_p = chosen(q.value != 0, log_p, Rounded(0.0, eps))  # what is not wanted adds nothing, however unlikely it is
    powers = shifted.exp()
    p = powers / powers.sum(axis, keepdims=True)
    return (q * log_p).sum(axis) * -1, p * q.sum(axis, keepdims=True) - q, divisor


def target_distribution(case: "LossCase", inputs: Inputs, eps: float) -> tuple[Rounded, Any]:
    """The target distribution q, shaped like x, and what "mean" divides by."""
    C, e, target = case.shape[case.axis], case.settings["label_smoothing"], inputs["target"]
    one_hot, w = one_hot_of(case, inputs)
    if case.target in ("probabilities", "amounts"):
        return (Rounded(target, eps) * (1 - e) + Rounded(e, eps) / C) * w, int(target.size // C)
    counted = np.expand_dims(target != case.settings["ignore_index"], case.axis).astype(float)
    q = (Rounded(one_hot * w, eps) * (1 - e) + Rounded(np.broadcast_to(w, case.shape), eps) * e / C) * counted
    total: HostArray = (one_hot * w).sum()
    return q, Rounded(one_hot * w, eps).sum(tuple(range(len(case.shape)))) if total else total


LOSSES: dict[str, Callable[["LossCase", Inputs, float], Parts]] = {
    "CrossEntropyLoss": surprises,
    "MSELoss": squares,
    "L1Loss": sizes,
    "NLLLoss": likelihoods,
    "BCEWithLogitsLoss": yes_or_no,
    "SmoothL1Loss": smooth_distances,
}
"""The formula of every loss, by its name."""
