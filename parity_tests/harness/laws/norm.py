"""What normalises."""

from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.comparison import EXACT
from parity_tests.harness.laws.base import Inputs, Laws
from parity_tests.harness.roundoff import Rounded

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase


def batch_norm(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """z = (x - mean) / sqrt(var + epsilon), y = z * weight + bias, and its backward.

    The condition numbers come by themselves: a mean that is large against the deviations makes x - mean cancel, and
    the error of the mean then dominates.
    """
    settings = case.arguments
    x, dy = (Rounded(inputs[name], eps) for name in ("x", "dy"))
    M = x.value.size // x.value.shape[1]
    C = (1, -1, 1, 1)

    def shaped(name: str, default: float) -> Rounded:
        return Rounded(
            inputs[name].reshape(C) if name in inputs else np.full((1, x.value.shape[1], 1, 1), default), eps
        )

    from_batch = case.training or not settings["track_running_stats"]
    if from_batch and M:
        mean = x.sum((0, 2, 3), keepdims=True) / M
        deviation = x - mean
        var = (deviation * deviation).sum((0, 2, 3), keepdims=True) / M
    else:
        mean, var = shaped("running_mean", np.nan), shaped("running_var", np.nan)
        deviation = x - mean
    s = (var + settings["eps"]).sqrt()
    z = deviation / s
    weight, bias = shaped("weight", 1.0), shaped("bias", 0.0)
    y = z * weight + bias
    if not from_batch:  # the layer is then one affine map, and may be folded into y = x * a + b beforehand
        a = weight / s
        y = y.or_worse(x * a + (bias - mean * a))
    dweight, dbias = (dy * z).sum((0, 2, 3), keepdims=True), dy.sum((0, 2, 3), keepdims=True)
    dz = dy - dbias / M - z * (dweight / M) if from_batch and M else dy
    found = {"y": y, "dx": weight * dz / s, "dweight": dweight, "dbias": dbias}

    moves = case.training and M > 0
    if settings["track_running_stats"]:
        newest = 1 / (int(inputs["num_batches_tracked"]) + 1) if settings["momentum"] is None else settings["momentum"]
        for name, batch in (("running_mean", mean), ("running_var", var * (M / max(M - 1, 1)))):
            old = shaped(name, np.nan)
            found[name] = old * (1 - newest) + batch * newest if moves else old
    laws: Laws = {name: value.law(case.shape if name in ("y", "dx") else (-1,)) for name, value in found.items()}
    return laws | {"num_batches_tracked": EXACT}
