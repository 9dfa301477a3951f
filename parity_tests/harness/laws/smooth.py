"""Sigmoid, tanh, SiLU, GELU, ELU and softplus: their formulas, differentiated once.

Where a derivative is a difference of nearly equal numbers, 1 - s or 1 - tanh**2, the law has that loss of digits.
"""

import math
from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.laws.base import Inputs, Laws
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase


def laws_of(y: Rounded, derivative: Rounded, inputs: Inputs) -> Laws:
    """Those of y and of dx = dy * derivative; of integers there is no dx."""
    found: Laws = {"y": y.law(inputs["x"].shape)}
    if "dy" in inputs:
        found["dx"] = (Rounded(inputs["dy"], y.eps) * derivative).law(inputs["x"].shape)
    return found


def sigmoid(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """y = s, dx = dy * s * (1 - s)."""
    s, rest = sigmoid_formula(inputs["x"], eps)
    return laws_of(s, s * rest, inputs)


def silu(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """y = x * s, dx = dy * s * (1 + x * (1 - s))."""
    x = Rounded(inputs["x"], eps)
    s, rest = sigmoid_formula(inputs["x"], eps)
    return laws_of(x * s, s * (x * rest + 1), inputs)


def sigmoid_formula(x: HostArray, eps: float) -> tuple[Rounded, Rounded]:
    """s = 1 / (1 + exp(-x)) in the form that does not overflow, and 1 - s."""
    one, z = Rounded(1, eps), Rounded(-np.abs(x.astype(np.float64)), eps).exp()
    s = (z / (z + 1)).where(x < 0, one / (z + 1))
    return s, one - s


def tanh(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """y = tanh(x), dx = dy * (1 - y**2)."""
    y = Rounded(inputs["x"], eps).tanh()
    return laws_of(y, one_minus_square(y), inputs)


def one_minus_square(t: Rounded) -> Rounded:
    """1 - t**2 as (1 - t) * (1 + t), which has as few digits left near 1 and -1."""
    return (Rounded(1, t.eps) - t) * (t + 1)


def gelu(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """y = x * P(x), dx = dy * (P + x * P')."""
    x = Rounded(inputs["x"], eps)
    P, derivative = gelu_formula(x, case.arguments["approximate"])
    return laws_of(x * P, derivative, inputs)


def gelu_formula(x: Rounded, approximate: str) -> tuple[Rounded, Rounded]:
    """P and P + x * P'.

    Of the first form P = (1 + erf) / 2, and one may as well add erf + 2 x P' first, as torch does in float32: what is
    left of it beside 1 is then rounded to the epsilons of 1.
    """
    if approximate == "tanh":
        k = math.sqrt(2 / math.pi)
        t = ((x * x * x * 0.044715 + x) * k).tanh()
        P, slope = (t + 1) / 2, one_minus_square(t) / 2 * ((x * x * (3 * 0.044715) + 1) * k)
        return P, P + x * slope
    erf = (x * math.sqrt(0.5)).erf()
    P, slope = (erf + 1) / 2, (x * x / -2).exp() * (1 / math.sqrt(2 * math.pi))
    return P, (P + x * slope).or_worse((erf + x * slope * 2 + 1) / 2)


def elu(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """A copy where x is positive; elsewhere y = alpha * expm1(x), dx = dy * alpha * exp(x)."""
    x, dy, alpha = Rounded(inputs["x"], eps), Rounded(inputs["dy"], eps), float(case.arguments["alpha"])
    positive, low = inputs["x"] > 0, Rounded(np.minimum(inputs["x"], 0), eps)
    y, dx = x.where(positive, low.expm1() * alpha), dy.where(positive, low.exp() * alpha * dy)
    return {"y": y.law(case.shape), "dx": dx.law(case.shape)}


def softplus(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """A copy where beta * x is above the threshold; elsewhere y = log1p(z) / beta, dx = dy * z / (z + 1)."""
    beta, threshold = (float(case.arguments[name]) for name in ("beta", "threshold"))
    x, dy = Rounded(inputs["x"], eps), Rounded(inputs["dy"], eps)
    linear = inputs["x"] * beta > threshold
    z = (Rounded(np.where(linear, 0, inputs["x"]), eps) * beta).exp()
    y, dx = x.where(linear, z.log1p() / beta), dy.where(linear, dy * (z / (z + 1)))
    return {"y": y.law(case.shape), "dx": dx.law(case.shape)}
