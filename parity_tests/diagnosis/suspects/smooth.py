"""Errors of leaky ReLU, sigmoid, tanh, SiLU, GELU, ELU, softplus, log-softmax: mostly of their derivatives."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.diagnosis.suspects.activation import AXIS, along, gradient, softmax_dim
from parity_tests.harness.laws.smooth import gelu_formula, sigmoid_formula
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray


def derivative(formula: Callable[[Rounded, Rounded], Rounded]) -> Callable[[Scene], Predictions]:
    """dx = dy * formula(x, y), where y is what is right, rounded."""

    def predict(scene: Scene) -> Predictions:
        if "dy" not in scene.inputs:
            return {}
        law = scene.truth["y"].law
        errors = None if law is None else (law.hard, law.scale)
        x, y = Rounded(scene.inputs["x"], scene.eps), Rounded(scene.truth["y"].value, scene.eps, errors)
        dx = Rounded(scene.inputs["dy"], scene.eps) * formula(x, y)
        return {"dx": Predicted.of(dx, scene.inputs["x"].shape)}

    return predict


def one(like: Rounded) -> Rounded:
    """1, as a number that carries its error."""
    return Rounded(1, like.eps)


def gate(x: Rounded) -> tuple[Rounded, Rounded]:
    """The sigmoid of x, and 1 less it."""
    return sigmoid_formula(x.value, x.eps)


def probability(scene: Scene) -> Predictions:
    """dx = dy * P."""
    return derivative(lambda x, y: gelu_formula(x, scene.arguments["approximate"])[0])(scene)


def sloped_where_dy_is(scene: Scene) -> Predictions:
    """dx = dy where dy is positive, else slope * dy."""
    dy, slope = scene.inputs["dy"].astype(np.float64), float(scene.arguments["negative_slope"])
    return {"dx": Predicted(np.where(dy > 0, dy, slope * dy), None).scaled(1.0, scene.eps)}


def alpha_not_in_gradient(scene: Scene) -> Predictions:
    """dx as if alpha were 1."""
    return only(scene.torch(scene.with_arguments(alpha=1.0)), "dx")


def alpha_not_added(scene: Scene) -> Predictions:
    """dx = dy * y where x is not positive."""
    positive = scene.inputs["x"] > 0
    return derivative(lambda x, y: one(y).where(positive, y))(scene)


def beta_not_divided(scene: Scene) -> Predictions:
    """beta * y where y is not x."""
    beta, linear = float(scene.arguments["beta"]), is_linear(scene)
    y = Rounded(scene.inputs["x"], scene.eps)
    scaled = (Rounded(np.where(linear, 0, scene.inputs["x"]), scene.eps) * beta).exp().log1p()
    return {"y": Predicted.of(y.where(linear, scaled), scene.inputs["x"].shape)}


def beta_in_gradient(scene: Scene) -> Predictions:
    """beta * dx where y is not x."""
    beta, linear = float(scene.arguments["beta"]), is_linear(scene)
    dx = scene.torch()["dx"]
    return {"dx": replace(dx.scaled(beta, scene.eps), value=np.where(linear, 1, beta) * dx.value)}


def is_linear(scene: Scene) -> HostArray:
    """Where softplus is x."""
    linear: HostArray = scene.inputs["x"] * float(scene.arguments["beta"]) > scene.arguments["threshold"]
    return linear


def threshold_of_x(scene: Scene) -> Predictions:
    """The threshold times beta, which beta * x is above where x is above the threshold."""
    beta, threshold = scene.arguments["beta"], scene.arguments["threshold"]
    return scene.torch(scene.with_arguments(threshold=threshold * beta)) if beta > 0 else {}


def share(scene: Scene) -> Predictions:
    """dx = dy - y * sum of dy."""
    if scene.inputs["x"].size == 0:
        return {}
    dy, law = Rounded(np.atleast_1d(scene.inputs["dy"]), scene.eps), scene.truth["y"].law
    assert law is not None
    value, hard, scale = (np.atleast_1d(each) for each in (scene.truth["y"].value, law.hard, law.scale))
    y = Rounded(value, scene.eps, (hard, scale))
    return {"dx": Predicted.of(dy - y * dy.sum(softmax_dim(scene), keepdims=True), scene.inputs["x"].shape)}


SLOPE = "Backward gives 0 where x is not positive: a leaky ReLU's gradient is negative_slope * dy there."
FIXED = "The slope is 0.01, whatever negative_slope is."
OF_DY = "The mask is taken from dy rather than from x: dx = dy where x > 0, else negative_slope * dy."
OF_SIGMOID_X = "The derivative is written in y and was given x: dx = dy * y * (1 - y), where y = sigmoid(x)."
OF_TANH_X = "The derivative is written in y and was given x: dx = dy * (1 - y**2), where y = tanh(x)."
SIGMOID_FACTOR = "A factor of the derivative is missing: dx = dy * y * (1 - y)."
TANH_FACTOR = "A factor of the derivative is missing: 1 - y**2 is (1 - y) * (1 + y)."
PRODUCT = "y is a product of x and {0}, and so dx = dy * ({0} + x * d{0}/dx)."
FORM = "This is the other form of GELU: approximate='none' is by erf, 'tanh' by tanh of a cubic."
ALPHA = "alpha is 1, whatever is asked for."
ALPHA_IN_GRADIENT = "alpha is missing in backward: dx = dy * alpha * exp(x) where x is not positive."
ALPHA_ADDED = "The derivative of alpha * (exp(x) - 1) is alpha * exp(x), which is y + alpha rather than y."
NOT_DIVIDED = "The division by beta is missing: y = log(1 + exp(beta * x)) / beta."
BETA_IN_GRADIENT = "beta cancels in backward: dx = dy * sigmoid(beta * x)."
OF_X = "The threshold is one of beta * x, not of x."
SHARE = "The exponential is missing in backward: dx = dy - exp(y) * sum of dy."
NO_JACOBIAN = "Backward passes dy on as it is: dx = dy - exp(y) * sum of dy."

OF_LEAKY_RELU = [
    Suspect("slope-forgotten", SLOPE, gradient(lambda x, dy: np.where(x > 0, dy, 0))),
    Suspect("slope-fixed", FIXED, lambda scene: scene.torch(scene.with_arguments(negative_slope=0.01))),
    Suspect("mask-of-dy", OF_DY, sloped_where_dy_is),
]
OF_SIGMOID = [
    Suspect("derivative-of-x", OF_SIGMOID_X, derivative(lambda x, y: x * (one(x) - x))),
    Suspect("factor-forgotten", SIGMOID_FACTOR, derivative(lambda x, y: one(x) - y)),
    Suspect("factor-forgotten", SIGMOID_FACTOR, derivative(lambda x, y: y)),
]
OF_TANH = [
    Suspect("derivative-of-x", OF_TANH_X, derivative(lambda x, y: one(x) - x * x)),
    Suspect("factor-forgotten", TANH_FACTOR, derivative(lambda x, y: one(x) - y)),
]
OF_SILU = [
    Suspect("product-rule", PRODUCT.format("s"), derivative(lambda x, y: gate(x)[0] * gate(x)[1])),
    Suspect("product-rule", PRODUCT.format("s"), derivative(lambda x, y: gate(x)[0])),
]
OF_GELU = [
    Suspect("product-rule", PRODUCT.format("P"), probability),
    *(
        Suspect("other-form", FORM, lambda scene, form=form: scene.torch(scene.with_arguments(approximate=form)))  # type: ignore[misc]
        for form in ("tanh", "none")
    ),
]
OF_ELU = [
    Suspect("alpha-fixed", ALPHA, lambda scene: scene.torch(scene.with_arguments(alpha=1.0))),
    Suspect("alpha-not-in-gradient", ALPHA_IN_GRADIENT, alpha_not_in_gradient),
    Suspect("alpha-not-added", ALPHA_ADDED, alpha_not_added),
]
OF_SOFTPLUS = [
    Suspect("beta-not-divided", NOT_DIVIDED, beta_not_divided),
    Suspect("beta-in-gradient", BETA_IN_GRADIENT, beta_in_gradient),
    Suspect("threshold-of-x", OF_X, threshold_of_x),
]
OF_LOG_SOFTMAX = [
    Suspect("exponential-forgotten", SHARE, share),
    Suspect("jacobian-forgotten", NO_JACOBIAN, gradient(lambda x, dy: dy)),
    *(Suspect("wrong-axis", AXIS, along(axis)) for axis in (lambda right, ndim: -1, lambda right, ndim: 0)),
]
