"""Errors that any operation may have: permutations, factors of the batch, an upstream gradient that is not used."""

from collections.abc import Callable
from functools import partial

import numpy as np

from parity_tests.diagnosis.scene import GRADIENTS, Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from scratch.array import HostArray

IMAGES = ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d")


def upstream_ignored(scene: Scene) -> Predictions:
    """The gradients from an upstream gradient of ones."""
    name = "dy" if "dy" in scene.inputs else "dloss"
    if name not in scene.inputs:
        return {}
    found = scene.torch(**{name: np.ones_like(scene.inputs[name])})
    return {tensor: each for tensor, each in found.items() if tensor in GRADIENTS}


def times(factor: Callable[[Scene], float]) -> Callable[[Scene], Predictions]:
    """The right gradients times a number."""

    def predict(scene: Scene) -> Predictions:
        return {name: scene.scaled(name, factor(scene)) for name in scene.truth if name in GRADIENTS}

    return predict


def divided_by(count: Callable[[Scene], int]) -> Callable[[Scene], Predictions]:
    """The right gradients divided by how many there are of something."""
    return times(lambda scene: 1 / max(count(scene), 1))


def of_dx(change: Callable[[Predicted, float], Predicted]) -> Callable[[Scene], Predictions]:
    """A change of the right dx, where there is a batch of several samples."""

    def predict(scene: Scene) -> Predictions:
        return {"dx": change(scene.truth["dx"], scene.eps)} if "dx" in scene.truth and scene.samples > 1 else {}

    return predict


def summed_for_all(dx: Predicted, eps: float) -> Predicted:
    """The sum over the batch, for every sample."""
    return dx.summed(0, eps).arranged(lambda a: np.broadcast_to(a, dx.value.shape))


def permuted(axis_of: Callable[[Scene, str], int | None]) -> Callable[[Scene], Predictions]:
    """The right tensors with the indices along one axis in the order in which the layer's are, if there is one."""

    def predict(scene: Scene) -> Predictions:
        found = {}
        for name, got in scene.got.items():
            axis, truth = axis_of(scene, name), scene.truth[name]
            if axis is not None and got.shape == truth.value.shape and got.size and got.shape[axis] > 1:
                order = order_like(got, truth.value, axis)
                if not np.array_equal(order, np.arange(len(order))):
                    found[name] = truth.arranged(partial(np.take, indices=order, axis=axis))
        return found

    return predict


def order_like(got: HostArray, want: HostArray, axis: int) -> HostArray:
    """The order that turns `want` into `got`, if any does: both are sorted by a random projection of their slices."""
    n = got.shape[axis]
    slices = []
    for a in (want, got):
        finite = np.nan_to_num(a.astype(np.float64), nan=0.3, posinf=7.0, neginf=-3.0)
        slices.append(np.moveaxis(finite, axis, 0).reshape(n, -1))
    direction = np.random.default_rng(0).standard_normal(slices[0].shape[1])
    of_want, of_got = (np.argsort(each @ direction, kind="stable") for each in slices)
    order = np.empty(n, int)
    order[of_got] = of_want
    return order


def batch_axis(scene: Scene, name: str) -> int | None:
    """Where the samples are, in y and dx."""
    return 0 if name in ("y", "dx", "indices", "loss") and scene.truth[name].value.ndim else None


def channel_axis(scene: Scene, name: str) -> int | None:
    """Where the channels or features are."""
    if scene.case.op not in (*IMAGES, "Linear"):
        return None
    if name in ("y", "dx", "indices"):
        return -3 if scene.case.op in IMAGES else -1
    return 0 if scene.truth[name].value.ndim else None


def input_axis(scene: Scene, name: str) -> int | None:
    """Where the input channels are in dweight."""
    return 1 if name == "dweight" and scene.case.op in ("Conv2d", "Linear") else None


def nan_spread(scene: Scene) -> Predictions:
    """The right numbers but where there is a NaN, of which some are too many; only where the input is not finite."""
    found = {}
    for name, got in scene.got.items():
        truth = scene.truth[name]
        if not scene.finite and got.shape == truth.value.shape and got.dtype.kind == "f" and not np.isnan(got).all():
            found[name] = Predicted(np.where(np.isnan(got), np.nan, truth.value), truth.law)
    return found


def transposed(scene: Scene) -> Predictions:
    """Rows for columns."""
    if scene.case.op not in IMAGES:
        return {}
    return {
        name: each.arranged(lambda a: np.swapaxes(a, -1, -2))
        for name, each in scene.truth.items()
        if each.value.ndim >= 3
    }


def in_shape(shape: tuple[int, ...]) -> Callable[[HostArray], HostArray]:
    """Read in that shape."""
    return lambda a: a.reshape(shape)


def written_transposed(scene: Scene) -> Predictions:
    """The same in the memory of the right shape."""
    return {name: each.arranged(in_shape(scene.truth[name].value.shape)) for name, each in transposed(scene).items()}


def negated(scene: Scene) -> Predictions:
    """The right numbers with the other sign."""
    floating = {name: each for name, each in scene.truth.items() if each.value.dtype.kind == "f"}
    return {name: Predicted(-each.value, each.law) for name, each in floating.items()}


def one_sample_of_the_gradients(which: slice, rows: bool = False) -> Callable[[Scene], Predictions]:
    """The gradients of the parameters from one sample of the batch, or from one of a dense layer's vectors."""

    def predict(scene: Scene) -> Predictions:
        if scene.case.op not in ("Conv2d", "ConvTranspose2d", "Linear") or scene.samples < 2:
            return {}
        x, dy = scene.inputs["x"], scene.inputs["dy"]
        if rows:
            x, dy = (a.reshape(-1, a.shape[-1]) for a in (x, dy))
        found = scene.torch(x=x[which], dy=dy[which])
        return {name: found[name] for name in ("dweight", "dbias") if name in found}

    return predict


def first_of(change: Callable[[HostArray], HostArray]) -> Callable[[Scene], Predictions]:
    """y and dx with all samples but the first changed."""

    def predict(scene: Scene) -> Predictions:
        names = [name for name in ("y", "dx") if name in scene.truth and scene.samples > 1]
        return {name: scene.truth[name].arranged(change) for name in names}

    return predict


def others_zero(a: HostArray) -> HostArray:
    """Only the first sample."""
    only_first = np.zeros_like(a)
    only_first[:1] = a[:1]
    return only_first


UPSTREAM = "backward does not use the gradient it is given: it goes on as if that were all ones; multiply by it."
BATCH = "The samples of the batch are in another order: the result of sample n belongs at index n."
CHANNELS = "The channels are in another order: result c belongs at index c."
FIRST = "Only the first sample of the batch is worked on: do it for every sample, and sum their gradients."
LAST = "The gradient is that of the last sample alone: sum over the batch (+= in the loop over samples, not =)."
AVERAGED = "The gradients are divided by the number of samples; torch's sum over the batch, the loss has the mean."
SUMMED = "The gradients are multiplied by the number of samples: leave that factor out."
ADDED = "dx is summed over the batch: every sample has a gradient of its own, only those of the parameters are summed."

COUNTS: tuple[Callable[[Scene], int], ...] = (
    lambda scene: scene.samples,
    lambda scene: int(np.prod(scene.inputs["x"].shape[:1])),
    lambda scene: int(np.prod(scene.inputs["dy"].shape[:1])) if "dy" in scene.inputs else 1,
)
"""N, and what is taken for it where there is no batch: len(x), len(dy)."""

SPREAD = (
    "Where the input has NaN or infinities, NaN spreads to places where torch has numbers: 0 * inf is NaN. Select with "
    "np.where rather than multiply by a mask."
)

SUSPECTS = [
    Suspect("nan-spreads", SPREAD, nan_spread, looks=True),
    Suspect("upstream-ignored", UPSTREAM, upstream_ignored),
    Suspect("batch-permuted", BATCH, permuted(batch_axis), looks=True),
    Suspect("channels-permuted", CHANNELS, permuted(channel_axis), looks=True),
    Suspect("channels-permuted", CHANNELS, permuted(input_axis), looks=True),
    Suspect("negated", "The sign is turned: multiply by -1.", negated),
    Suspect("spatially-transposed", "Rows and columns are exchanged: transpose the last two axes back.", transposed),
    Suspect(
        "spatially-transposed", "Rows and columns are exchanged: transpose the last two axes back.", written_transposed
    ),
    Suspect("first-sample-only", FIRST, one_sample_of_the_gradients(slice(0, 1))),
    Suspect("first-sample-only", FIRST, first_of(others_zero)),
    Suspect("first-sample-only", FIRST, first_of(lambda a: a[:1])),
    Suspect("first-sample-only", FIRST, first_of(lambda a: np.broadcast_to(a[:1], a.shape))),
    Suspect("last-sample-only", LAST, one_sample_of_the_gradients(slice(-1, None))),
    Suspect("first-sample-only", FIRST, one_sample_of_the_gradients(slice(0, 1), rows=True)),
    *(Suspect("gradient-averaged-over-batch", AVERAGED, divided_by(count)) for count in COUNTS),
    Suspect("gradient-summed-over-batch", SUMMED, times(lambda scene: scene.samples)),
    Suspect("gradient-summed-over-batch", ADDED, of_dx(lambda dx, eps: dx.summed(0, eps))),
    Suspect("gradient-summed-over-batch", ADDED, of_dx(lambda dx, eps: dx.summed(0, eps).arranged(lambda a: a[0]))),
    Suspect("gradient-summed-over-batch", ADDED, of_dx(summed_for_all)),
]
