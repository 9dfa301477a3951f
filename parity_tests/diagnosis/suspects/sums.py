"""Errors of the gradients of a weight and a bias: sums that are missing, and averages, of Linear and convolutions."""

from collections.abc import Callable

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from scratch.array import HostArray

CONVOLUTIONS = ("Conv2d", "ConvTranspose2d")


def terms(scene: Scene) -> Predicted | None:
    """dy, whose sum over all axes but that of the output channels is dbias; None where there is no bias."""
    return Predicted(scene.inputs["dy"].astype(np.float64), None) if "dbias" in scene.truth else None


def some_terms(pick: Callable[[HostArray], HostArray]) -> Callable[[Scene], Predictions]:
    """Some of the terms of dbias, added up for each output channel."""

    def predict(scene: Scene) -> Predictions:
        dy = terms(scene)
        if dy is None or dy.value.size == 0:
            return {}
        if not scene.batched:
            dy = dy.arranged(lambda a: a[None])
        some = dy.arranged(pick)
        channel = some.value.ndim - (3 if scene.case.op in CONVOLUTIONS else 1)
        axes = tuple(axis for axis in range(some.value.ndim) if axis != channel)
        return {"dbias": some.summed(axes, scene.eps).arranged(np.ravel)}

    return predict


def sums_left_out(*axes: int, keepdims: bool = False) -> Callable[[Scene], Predictions]:
    """dbias summed over these axes of dy only."""

    def predict(scene: Scene) -> Predictions:
        dy = terms(scene)
        if dy is None or dy.value.ndim < (4 if scene.case.op in CONVOLUTIONS else 2):
            return {}
        found = dy.summed(axes, scene.eps) if axes else dy
        return {"dbias": found if keepdims or not axes else found.arranged(lambda a: a.squeeze(axes))}

    return predict


def divided(tensor: str, count: Callable[[Scene], int]) -> Callable[[Scene], Predictions]:
    """A gradient divided by how many there are of something."""

    def predict(scene: Scene) -> Predictions:
        return {tensor: scene.scaled(tensor, 1 / count(scene))} if tensor in scene.truth else {}

    return predict


def samples(scene: Scene) -> int:
    """N; what len(dy) takes for it where there is no batch is another suspect's."""
    return max(scene.samples, 1)


def length(scene: Scene) -> int:
    """len(dy), which is not N where there is no batch."""
    return max(len(scene.inputs["dy"]), 1)


def sums_of(scene: Scene) -> int:
    """How many numbers are added up for one of dbias: N * outH * outW, or the number of a dense layer's vectors."""
    dy = scene.inputs["dy"]
    return max(int(dy.size // dy.shape[-3 if scene.case.op in CONVOLUTIONS else -1]), 1)


def positions(scene: Scene) -> int:
    """How many of them each sample has."""
    return max(sums_of(scene) // samples(scene), 1)


def without_bias(scene: Scene) -> Predictions:
    """y as if the bias were 0."""
    if "bias" not in scene.inputs:
        return {}
    return only(scene.torch(bias=np.zeros_like(scene.inputs["bias"])), "y")


NOT_SUMMED = "The gradient of the bias is not the whole sum: it is dy summed over everything but the output channel."
AVERAGED = "The gradient of the {} is divided by {}; it is a sum, and the loss alone takes the mean."
DIVISORS = (
    ("the number of samples", samples),
    ("the number of samples", length),
    ("the number of positions", positions),
    ("the number of samples and positions", sums_of),
)


def vectors(which: slice | None) -> Callable[[Scene], Predictions]:
    """dbias of a dense layer from some of the vectors; None leaves one for each."""

    def predict(scene: Scene) -> Predictions:
        dy = terms(scene)
        if dy is None:
            return {}
        rows = dy.arranged(lambda a: a.reshape(a.size // a.shape[-1], a.shape[-1]))
        return {"dbias": rows if which is None else rows.arranged(lambda a: a[which].sum(0))}

    return predict


OF_ALL = [
    Suspect("bias-missing", "The bias is not added: y = ... + bias.", without_bias),
    Suspect("dbias-not-summed", NOT_SUMMED, some_terms(lambda dy: dy[:1])),
    Suspect("dbias-not-summed", NOT_SUMMED, some_terms(lambda dy: dy[-1:])),
    Suspect("dbias-not-summed", NOT_SUMMED, sums_left_out()),
    *(
        Suspect(f"d{what}-averaged", AVERAGED.format(what, words), divided(f"d{what}", count))
        for what in ("bias", "weight")
        for words, count in DIVISORS
    ),
]

OF_IMAGES = [
    Suspect("dbias-not-summed", NOT_SUMMED, some_terms(lambda dy: dy[..., :1, :1])),
    Suspect("dbias-not-summed", NOT_SUMMED, some_terms(lambda dy: dy[..., -1:, -1:])),
    *(
        Suspect("dbias-not-summed", NOT_SUMMED, sums_left_out(*axes, keepdims=keepdims))
        for axes in ((0,), (2, 3))
        for keepdims in (True, False)
    ),
]

OF_VECTORS = [Suspect("dbias-not-summed", NOT_SUMMED, vectors(which)) for which in (None, slice(0, 1), slice(-1, None))]
