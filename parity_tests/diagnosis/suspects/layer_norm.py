"""Errors of LayerNorm and GroupNorm: which variance, where eps stands, what dx leaves out, what a group is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.diagnosis.suspects.norm import CONSTANT, MISSING, OUTSIDE
from parity_tests.harness.case import Spec
from parity_tests.harness.laws.norm import row_shapes
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray


@dataclass(frozen=True)
class Formula:
    """The formula of both, with what may be wrong in it.

        s = sqrt(var + eps),  z = (x - mean) / s,  y = z * weight + bias
        dx = (dz - mean of dz - z * mean of (dz * z)) / s        dz = dy * weight

    Attributes
    ----------
    unbiased : divide the variance by K - 1
    eps_missing, eps_outside : s = sqrt(var), s = sqrt(var) + eps
    constant : backward takes mean and variance for constants
    weight_last : dx = weight / s * (dy - mean of dy - z * mean of (dy * z))
    """

    unbiased: bool = False
    eps_missing: bool = False
    eps_outside: bool = False
    constant: bool = False
    weight_last: bool = False

    def __call__(self, scene: Scene) -> Predictions:
        """y and the gradients."""
        case = cast("LayerCase", scene.case)
        if 0 in case.shape:
            return {}
        shape, weight_shape = row_shapes(case)
        x, dy = (Rounded(scene.inputs[name].reshape(shape), scene.eps) for name in ("x", "dy"))
        weight, bias = (
            Rounded(scene.inputs.get(name, np.full(weight_shape, default)).reshape(weight_shape), scene.eps)
            for name, default in (("weight", 1.0), ("bias", 0.0))
        )
        row = tuple(range(2, x.value.ndim))
        K, eps = int(np.prod(x.value.shape[2:])), scene.arguments["eps"]
        if self.unbiased and K == 1:  # 0 / 0, where nothing prevents it
            spoilt = {name: truth.value for name, truth in scene.truth.items() if name in ("y", "dx", "dweight")}
            return {name: Predicted(np.full_like(value, np.nan), None) for name, value in spoilt.items()}

        def mean(values: Rounded) -> Rounded:
            return values.sum(row, keepdims=True) / K

        deviation = x - mean(x)
        var = (deviation * deviation).sum(row, keepdims=True) / (K - self.unbiased)
        s = (var + (0 if self.eps_outside or self.eps_missing else eps)).sqrt() + (eps if self.eps_outside else 0)
        z = deviation / s
        dz = dy if self.weight_last else dy * weight
        through = dz if self.constant else dz - mean(dz) - z * mean(dz * z)
        summed = tuple(axis for axis, n in enumerate(weight_shape) if n == 1)
        found = {
            "y": z * weight + bias,
            "dx": through * weight / s if self.weight_last else through / s,
            "dweight": (dy * z).sum(summed),
            "dbias": dy.sum(summed),
        }
        return {name: Predicted.of(found[name], truth.value.shape) for name, truth in scene.truth.items()}


def each_alone(scene: Scene) -> Predictions:
    """As many groups as channels."""
    case = cast("LayerCase", scene.case)
    C = case.shape[1]
    others = [(name, value) for name, value in case.arguments.items() if name not in ("num_groups", "num_channels")]
    return scene.torch(replace(case, spec=Spec(case.op, (C, C), tuple(others))))


def interleaved(scene: Scene) -> Predictions:
    """Groups of every num_groups-th channel: torch's, with the channels in another order."""
    G, C = scene.case.spec.args
    order = np.arange(C).reshape(-1, G).T.reshape(-1)  # the channels of a group side by side
    back = np.argsort(order)

    def taken(at: HostArray) -> Callable[[str, HostArray], HostArray]:
        return lambda name, a: np.take(a, at, axis=1 if name in ("x", "y", "dx", "dy") else 0)

    there, home = taken(order), taken(back)
    found = scene.torch(**{name: there(name, value) for name, value in scene.inputs.items()})
    return {name: each.arranged(lambda a, name=name: home(name, a)) for name, each in found.items()}  # type: ignore[misc]


UNBIASED = "A row is normalised by the unbiased variance: divide by the count of its numbers, not by one less."
LAST = "The weight is multiplied after the sums in dx: it belongs into them, for its numbers differ within a row."
ALONE = "Each channel has its own mean and variance: they are taken over all channels of a group together."
INTERLEAVED = "A group is made of channels that lie num_groups apart: torch's are neighbours, c // (C / num_groups)."

OF_BOTH = [
    Suspect("unbiased-variance", UNBIASED, Formula(unbiased=True)),
    Suspect("eps-missing", MISSING, Formula(eps_missing=True)),
    Suspect("eps-outside-root", OUTSIDE, Formula(eps_outside=True)),
    Suspect("statistics-constant-in-backward", CONSTANT, lambda scene: only(Formula(constant=True)(scene), "dx")),
    Suspect("weight-after-the-sums", LAST, lambda scene: only(Formula(weight_last=True)(scene), "dx")),
]
OF_GROUPS = [
    *OF_BOTH,
    Suspect("each-channel-alone", ALONE, each_alone),
    Suspect("groups-interleaved", INTERLEAVED, interleaved),
]
