"""Errors of ReLU and Softmax: masks, the gradient at 0, the axis, the shift, the Jacobian."""

from collections.abc import Callable
from typing import cast

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.harness.comparison import Law
from parity_tests.harness.laws.activation import softmax_formula
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray


def gradient(rule: Callable[[HostArray, HostArray], HostArray]) -> Callable[[Scene], Predictions]:
    """dx by some rule(x, dy)."""

    def predict(scene: Scene) -> Predictions:
        if "dy" not in scene.inputs:
            return {}
        x, dy = (scene.inputs[name].astype(np.float64) for name in ("x", "dy"))
        return {"dx": Predicted(rule(x, dy), None)}

    return predict


def nan_becomes_zero(scene: Scene) -> Predictions:
    """Only what is larger than 0 is passed on."""
    x = scene.inputs["x"].astype(np.float64)
    found = {"y": Predicted(np.where(x > 0, x, 0), None)}
    return {**found, **gradient(lambda x, dy: np.where(x > 0, dy, 0))(scene)}


def leaky(slope: float, at_zero: bool) -> Callable[[Scene], Predictions]:
    """A slope below 0, and in backward at 0."""

    def predict(scene: Scene) -> Predictions:
        x = scene.inputs["x"]
        if x.dtype.kind != "f":
            return {}
        found = {}
        for result, source in (("y", "x"), ("dx", "dy")):
            if source in scene.inputs:
                value = scene.inputs[source].astype(np.float64)
                positive = np.where(x <= 0, 0, value)
                value = np.where((x <= 0) if at_zero else (x < 0), slope * value, positive)
                found[result] = Predicted(value, None).scaled(1.0, scene.eps)
        return found

    return predict


def overflowing(scene: Scene) -> Predictions:
    """exp(x) / sum of exp(x) where it leaves the format's range; elsewhere it is the same number."""
    shape, x, dim = scene.inputs["x"].shape, np.atleast_1d(scene.inputs["x"]), softmax_dim(scene)
    if x.size == 0:
        return {}
    found = {}
    powers = np.exp(x)
    total = powers.sum(dim, keepdims=True)
    fits = np.broadcast_to(np.isfinite(total) & (total > np.finfo(x.dtype).tiny), x.shape)
    wrong = {"y": (powers / total).astype(np.float64)}
    if "dy" in scene.inputs:
        dy = np.atleast_1d(scene.inputs["dy"]).astype(np.float64)
        wrong["dx"] = wrong["y"] * (dy - (wrong["y"] * dy).sum(dim, keepdims=True))
    for name, value in wrong.items():
        truth = scene.truth[name]
        assert truth.law is not None
        right, hard, scale = (a.reshape(x.shape) for a in (truth.value, truth.law.hard, truth.law.scale))
        law = Law(np.where(fits, hard, scene.tiny), np.where(fits, scale, scene.tiny))
        found[name] = Predicted(np.where(fits, right, value), law).arranged(lambda a: a.reshape(shape))
    return found


def softmax_dim(scene: Scene) -> int:
    """The axis, counted from the front, as torch chooses it."""
    dim, ndim = scene.arguments["dim"], np.atleast_1d(scene.inputs["x"]).ndim
    if dim is None:
        dim = 0 if ndim in (1, 3) else 1
    return int(range(ndim)[dim])


def along(axis: Callable[[int, int], int | tuple[int, ...]]) -> Callable[[Scene], Predictions]:
    """Softmax along axis(right axis, number of axes)."""

    def predict(scene: Scene) -> Predictions:
        x, case = scene.inputs["x"], cast("LayerCase", scene.case)
        if x.ndim < 2 or x.size == 0:
            return {}
        wrong = axis(softmax_dim(scene), x.ndim)
        if isinstance(wrong, int):
            return scene.torch(scene.with_arguments(dim=range(x.ndim)[wrong]))
        flat = {name: scene.inputs[name].reshape(-1) for name in ("x", "dy") if name in scene.inputs}
        whole = scene.with_arguments(dim=0)
        found = scene.torch(type(case)(whole.spec, (x.size,)), **flat)
        return {name: each.arranged(lambda a: a.reshape(x.shape)) for name, each in found.items()}

    return predict


def diagonal(scene: Scene) -> Predictions:
    """Each number's gradient as if it did not depend on the others."""
    x = np.atleast_1d(scene.inputs["x"])
    if "dy" not in scene.inputs or x.size == 0:
        return {}
    y = softmax_formula(Rounded(x, scene.eps), softmax_dim(scene))
    dx = Rounded(np.atleast_1d(scene.inputs["dy"]), scene.eps) * y * (Rounded(np.ones(()), scene.eps) - y)
    return {"dx": Predicted.of(dx, scene.inputs["x"].shape)}


AT_ZERO = "The gradient at 0 is not 0: torch passes dy on where x > 0 (and where x is NaN), not where x >= 0."
OF_DY = "The mask is taken from dy rather than from x: dx = dy where x > 0, else 0."
FORGOTTEN = "Backward passes dy on as it is: dx = dy where x > 0, else 0."
NAN = "NaN becomes 0, in y or in its gradient: torch keeps NaN (write np.maximum(x, 0), and a mask of x <= 0)."
LEAKY = "Negative numbers are multiplied by {}: that is a leaky ReLU; torch's gives 0."
SHIFT = "exp(x) leaves the range of the format: subtract the maximum before, exp(x - max(x)); it cancels."
AXIS = "The numbers are made to sum to 1 along another axis than `dim`."
DIAGONAL = "The Jacobian has only its diagonal: dx = y * (dy - sum of dy * y), every y depends on every x."
NO_JACOBIAN = "Backward passes dy on as it is: dx = y * (dy - sum of dy * y)."

OF_RELU = [
    Suspect("gradient-at-zero", AT_ZERO, gradient(lambda x, dy: np.where(x < 0, 0, dy))),
    Suspect("gradient-at-zero", AT_ZERO, gradient(lambda x, dy: np.where(x >= 0, dy, 0))),
    Suspect("gradient-at-zero", AT_ZERO, gradient(lambda x, dy: np.where(x == 0, dy / 2, np.where(x < 0, 0, dy)))),
    Suspect("gradient-at-zero", AT_ZERO, gradient(lambda x, dy: np.where(x == 0, dy / 2, np.where(x > 0, dy, 0)))),
    Suspect("mask-of-dy", OF_DY, gradient(lambda x, dy: np.where(dy <= 0, 0, dy))),
    Suspect("mask-of-dy", OF_DY, gradient(lambda x, dy: np.where((x <= 0) | (dy <= 0), 0, dy))),
    Suspect("mask-forgotten", FORGOTTEN, gradient(lambda x, dy: dy)),
    Suspect("nan-becomes-zero", NAN, nan_becomes_zero),
    *(
        Suspect("leaky", LEAKY.format(slope), leaky(slope, at_zero))
        for slope in (0.01, 0.1, 0.2, 0.3)
        for at_zero in (True, False)
    ),
]

OF_SOFTMAX = [
    Suspect("no-shift", SHIFT, overflowing),
    *(
        Suspect("wrong-axis", AXIS, along(axis))
        for axis in (
            lambda right, ndim: -1,
            lambda right, ndim: 0,
            lambda right, ndim: min(1, ndim - 1),
            lambda right, ndim: ndim - 1 - right,
            lambda right, ndim: -1 - right % 2,
            lambda right, ndim: tuple(range(ndim)),
        )
    ),
    Suspect("diagonal-jacobian", DIAGONAL, diagonal),
    Suspect("jacobian-forgotten", NO_JACOBIAN, gradient(lambda x, dy: dy)),
]
