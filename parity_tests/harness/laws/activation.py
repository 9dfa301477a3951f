"""What changes each number by itself, or the numbers of one dimension together."""

from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.comparison import EXACT
from parity_tests.harness.laws.base import Inputs, Laws
from parity_tests.harness.roundoff import Rounded

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase


def selection(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """ReLU, Flatten and Identity copy."""
    return {"y": EXACT, "dx": EXACT}


def leaky_relu(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """A copy where x is positive; elsewhere one product with the slope, itself rounded once."""
    positive, slope = inputs["x"] > 0, float(case.arguments["negative_slope"])
    found = {}
    for result, source in (("y", "x"), ("dx", "dy")):
        copy = Rounded(inputs[source], eps)
        found[result] = copy.where(positive, copy * slope).law(case.shape)
    return dict(found)


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
    if x.size == 0:
        return {"y": EXACT, "dx": EXACT}
    dim = softmax_dim(case)
    y = softmax_formula(Rounded(x, eps), dim)
    dx = y * (Rounded(dy, eps) - (y * dy).sum(dim, keepdims=True))
    return {"y": y.law(case.shape), "dx": dx.law(case.shape)}


def log_softmax(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """y = (x - max) - log of the sum of exp(x - max), dx = dy - exp(y) * sum of dy."""
    x, dy = (np.atleast_1d(inputs[name]) for name in ("x", "dy"))
    if x.size == 0:
        return {"y": EXACT, "dx": EXACT}
    dim = softmax_dim(case)
    shifted = Rounded(x, eps) - Rounded(x, eps).max(dim)
    y = shifted - shifted.exp().sum(dim, keepdims=True).log()
    dx = Rounded(dy, eps) - y.exp() * Rounded(dy, eps).sum(dim, keepdims=True)
    return {"y": y.law(case.shape), "dx": dx.law(case.shape)}


def softmax_dim(case: "LayerCase") -> int:
    """The dimension that a case runs along, from the front, as torch chooses it where none is named."""
    dim, ndim = case.arguments["dim"], max(1, len(case.shape))
    if dim is None:
        dim = 0 if ndim in (1, 3) else 1
    return int(range(ndim)[dim])


def softmax_formula(x: Rounded, dim: int) -> Rounded:
    """exp(x - max) / sum."""
    powers = (x - x.max(dim)).exp()
    return powers / powers.sum(dim, keepdims=True)
