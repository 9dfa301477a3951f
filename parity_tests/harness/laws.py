"""The law of every layer: how far a correct result may be from the exact one, and where that comes from.

A sum of K products, in any order, with A the same sum over absolute values:

    hard    |got - exact| <= (K + 3) eps A + K tiny
    scale   eps A

The 3 pays for a bias, for a division, and for the product; eps is twice the largest relative error of one rounding, so
the bound also covers the oracle's own error where both are float64. A is computed by torch: by the same layer,
fed with absolute values.

Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, sections 3.1 and 4.2.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.comparison import EXACT, Law
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase

Inputs = Mapping[str, HostArray]
Laws = dict[str, Law | None]
LayerLaw = Callable[["LayerCase", Inputs, float, float], Laws]


def sum_of_products(A: HostArray, K: int, eps: float, tiny: float) -> Law:
    """The law of one tensor whose elements are sums of at most K products."""
    A = np.abs(A)
    return Law((K + 3) * eps * A + K * tiny, eps * A + tiny)


def products(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """Conv2d and Linear: y is bilinear in x and weight, and so are the gradients in dy and the other one.

    K is the number of inputs of one output for y, of outputs of one input for dx, and of outputs of one filter for
    dweight and dbias (cells in the padding counted, too).
    """
    weight, channels = inputs["weight"], inputs["x"].shape[-3 if case.op == "Conv2d" else -1]
    per_filter = inputs["dy"].size // len(weight)
    K = {"y": weight[0].size, "dx": weight.size // channels, "dweight": per_filter, "dbias": per_filter}
    if case.data == "integers":
        return dict.fromkeys(K, EXACT)
    A = case.run_torch({name: np.abs(value) for name, value in inputs.items()}, np.float64)
    return {name: sum_of_products(value, K[name], eps, tiny) for name, value in A.items()}


def average(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """AvgPool2d: a sum over the window, or over the windows that hold a cell, and one division for each term."""
    if case.integer:
        return {"y": EXACT}
    A = case.run_torch({name: np.abs(value) for name, value in inputs.items()}, np.float64)
    K = window_cells(case)
    return {name: sum_of_products(value, K, eps, tiny) for name, value in A.items()}


def maximum(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """MaxPool2d selects; dx copies, or where windows overlap adds the gradients of those that chose the same cell."""
    if case.integer:
        return {"y": EXACT, "indices": EXACT}
    A = case.run_torch(dict(inputs) | {"dy": np.abs(inputs["dy"])}, np.float64)["dx"]
    return {"y": EXACT, "indices": EXACT, "dx": sum_of_products(A, window_cells(case), eps, tiny)}


def window_cells(case: "LayerCase") -> int:
    """The number of cells of a pool's window: no cell lies in more windows than that."""
    kernel_size = case.arguments["kernel_size"]
    kH, kW = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    return int(kH * kW)


def selection(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """ReLU and Flatten copy."""
    return {"y": EXACT, "dx": EXACT}


def dropout(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """One product with 1 / (1 - p), itself rounded once or twice; a copy, or 0, where nothing or everything drops."""
    p = case.arguments["p"]
    if not case.training or p in (0, 1):
        return {"y": EXACT, "dx": EXACT}
    factor = Rounded(1.0, eps) / (1 - p) * 1.0
    x, dy = (Rounded(inputs[name] * inputs["keep"], eps) * factor for name in ("x", "dy"))
    return {"y": x.law(case.shape), "dx": dy.law(case.shape)}


def softmax(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """y = exp(x - max) / sum, dx = y * (dy - sum of dy * y)."""
    x, dy = (np.atleast_1d(inputs[name]) for name in ("x", "dy"))
    dim = case.arguments["dim"]
    if dim is None:
        dim = 0 if x.ndim in (1, 3) else 1
    dim = range(x.ndim)[dim]
    if x.size == 0:
        return {"y": EXACT, "dx": EXACT}
    y = softmax_formula(Rounded(x, eps), dim)
    dx = y * (Rounded(dy, eps) - (y * dy).sum(dim, keepdims=True))
    return {"y": y.law(case.shape), "dx": dx.law(case.shape)}


def softmax_formula(x: Rounded, dim: int) -> Rounded:
    """exp(x - max) / sum."""
    powers = (x - x.max(dim)).exp()
    return powers / powers.sum(dim, keepdims=True)


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


LAYER_LAWS: dict[str, LayerLaw] = {
    "Conv2d": products,
    "Linear": products,
    "MaxPool2d": maximum,
    "AvgPool2d": average,
    "ReLU": selection,
    "Flatten": selection,
    "Dropout": dropout,
    "Softmax": softmax,
    "BatchNorm2d": batch_norm,
}
