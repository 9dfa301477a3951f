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


def layer_norm(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """Rows are the last dimensions; each number of a row has a weight of its own."""
    return of_rows(case, inputs, eps)


def group_norm(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """Rows are groups of D channels; each channel has a weight of its own."""
    return of_rows(case, inputs, eps)


def row_shapes(case: "LayerCase") -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shape of x with a row for each of its first two indices, and that of weight and bias beside it."""
    if case.op == "LayerNorm":
        shape = case.arguments["normalized_shape"]
        row = (shape,) if isinstance(shape, int) else shape
        return (-1, 1, *row), (1, 1, *row)
    N, C, *places = case.shape
    G = case.arguments["num_groups"]
    return (N, G, C // G, *places), (1, G, C // G, *(1 for _ in places))


def of_rows(case: "LayerCase", inputs: Inputs, eps: float) -> Laws:
    """z = (x - mean) / s, s = sqrt(var + epsilon), y = z * weight + bias, for each row.

    Where x - mean is multiplied by a factor f, x * f - mean * f may be computed as well, which rounds numbers of the
    size of x. torch's kernels do so:

        z = x / s - mean / s
        dx = dz / s + x * c - mean * c - sum of dz / (s K)        c = (mean * sum of dz - sum of (dz x)) / (s**3 K)
    """
    if 0 in case.shape:
        return dict.fromkeys(("y", "dx", *(f"d{name}" for name in ("weight", "bias") if name in inputs)), EXACT)
    shape, weight_shape = row_shapes(case)
    x, dy = (Rounded(inputs[name].reshape(shape), eps) for name in ("x", "dy"))
    weight, bias = (
        Rounded(inputs[name].reshape(weight_shape) if name in inputs else np.full(weight_shape, default), eps)
        for name, default in (("weight", 1.0), ("bias", 0.0))
    )
    row = tuple(range(2, x.value.ndim))
    K = int(np.prod(x.value.shape[2:]))

    def total(values: Rounded) -> Rounded:
        return values.sum(row, keepdims=True)

    mean = total(x) / K
    deviation = x - mean
    s = (total(deviation * deviation) / K + case.arguments["eps"]).sqrt()
    inverse = Rounded(np.ones(()), eps) / s

    def apart(factor: Rounded) -> Rounded:
        """(x - mean) * factor, with the roundings of x * factor - mean * factor, whose factors have one error."""
        rounded = x * factor.value - mean.value * factor.value
        return deviation * factor + (rounded - rounded.value)

    z = apart(inverse)
    dz = dy * weight
    dx = (dz - total(dz) / K - z * (total(dz * z) / K)) / s
    c = (mean * total(dz) - total(dz * x)) * inverse * inverse * inverse / K
    dx = dx.or_worse(dz * inverse + apart(c) - total(dz) * inverse / K)
    summed = tuple(axis for axis, n in enumerate(weight_shape) if n == 1)
    found = {"y": z * weight + bias, "dx": dx, "dweight": (dy * z).sum(summed), "dbias": dy.sum(summed)}
    shapes = {name: inputs[name[1:]].shape for name in found if name[1:] in inputs} | {"y": case.shape}
    return {name: found[name].law(its) for name, its in shapes.items()}
