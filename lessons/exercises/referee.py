"""The exercises of the lesson "Check your own layer": wrong layers, and the referee as the check."""

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

import scratch
from lessons.boards import Board, row
from lessons.pieces import Piece, Verdict, paragraph, right, still_open, wrong
from lessons.referee import Opinion, examined
from parity_tests.mutants import activation, avg_pool, controls, linear, norm
from scratch.array import HostArray, to_host


class TutorialReLU:
    """The ReLU of many tutorials; what is in the lesson, the learner may have changed."""

    def forward(self, x: HostArray) -> HostArray:
        """y."""
        self.x = x
        return np.maximum(0, x)

    def backward(self, dy: HostArray) -> Any:
        """dx."""
        return dy * (self.x > 0)


GALLERY: Mapping[str, tuple[type, str]] = {
    "a dense layer: dweight averaged": (linear.DweightAveraged, "Linear"),
    "a dense layer: samples reversed": (linear.BatchReversed, "Linear"),
    "a dense layer: features reversed": (controls.ReversedFeatures, "Linear"),
    "a ReLU: the gradient at 0": (activation.GradientAtZero, "ReLU"),
    "a ReLU: written over x": (activation.InPlace, "ReLU"),
    "an average pool: not divided": (avg_pool.GradientNotDivided, "AvgPool2d"),
    "a batch norm: eps outside of the root": (norm.EpsOutsideRoot, "BatchNorm2d"),
    "a batch norm: statistics constant": (norm.StatisticsConstant, "BatchNorm2d"),
}
"""What the learner reads: a layer that differs from a right one in a few lines, and torch's name of it."""

PLACES = ["in y", "in dx, and y is right", "only in the gradient of a parameter", "in no number"]


def told(layer: type) -> str:
    """The code of a layer of the gallery."""
    return inspect.getsource(layer)


def place_of(opinion: Opinion) -> str:
    """Where it shows that a layer is wrong: one of PLACES."""
    if not opinion.tensors:
        return PLACES[3]
    return PLACES[0] if "y" in opinion.tensors else PLACES[1] if "dx" in opinion.tensors else PLACES[2]


def judged(layer: Any, like: str, given: str) -> Verdict:
    """What the referee says of a layer that the learner has mended.

    Parameters
    ----------
    given : the mistake that was in it, as the diagnosis calls it
    """
    if layer is None:
        return still_open("There is no layer yet.")
    if not isinstance(layer, type):
        return wrong(f"A class is asked for; this is {type(layer).__name__}.")
    opinion = examined(layer, like)
    said = " ".join(opinion.words.split())
    if opinion.suspects == [given]:
        return still_open(f"The referee: {said}")
    if not opinion.agrees:
        return wrong(f"The referee: {said}")
    if opinion.found is None or not opinion.found.adapter.backward:
        return wrong(f"The referee: {said} Its backward is gone.")
    return right(f"The referee: {said}")


def max_pool(layer: Any) -> Verdict:
    """Check a max pool."""
    return judged(layer, "MaxPool2d", "ties-to-all")


def conv(layer: Any) -> Verdict:
    """Check a convolution."""
    return judged(layer, "Conv2d", "kernel-not-rotated-in-dx")


def batch_norm(layer: Any) -> Verdict:
    """Check a batch norm."""
    return judged(layer, "BatchNorm2d", "unbiased-variance")


def softmax(layer: Any) -> Verdict:
    """Check a softmax."""
    return judged(layer, "Softmax", "no-shift")


TIES = np.array([[3.0, 3, 1, 4], [1, 3, 4, 2]])
EXAMPLES: Mapping[str, tuple[Any, str, HostArray, HostArray]] = {
    "relu": (scratch.ReLU(), "dx", np.array([[-1.0, 0, 2, np.nan]]), np.array([[5.0, 6, 7, 8]])),
    "max_pool": (scratch.MaxPool2d(2), "dx", TIES[None, None], np.array([[[[8.0, 5]]]])),
    "conv": (
        scratch.Conv2d(1, 1, 2, dtype=np.float64),
        "dx",
        np.arange(9.0).reshape(1, 1, 3, 3),
        np.array([[[[1.0, 0], [0, 0]]]]),
    ),
    "batch_norm": (scratch.BatchNorm2d(1, dtype=np.float64), "y", TIES[None, None], TIES[None, None]),
    "softmax": (scratch.Softmax(1), "y", np.array([[0.0, 1000, 2000]]), np.ones((1, 3))),
}
"""A layer of the library, which of its tensors is shown, and x and dy of an example."""


def beside(layer: Any, example: str) -> Piece:
    """What a layer makes of a small example, beside what it should."""
    nn, tensor, x, dy = EXAMPLES[example]
    arguments = {"conv": (1, 1, 2), "max_pool": (2,), "batch_norm": (1,), "softmax": (1,)}.get(example, ())
    if example == "conv":
        nn.load_state_dict({"weight": np.array([[[[1.0, 2], [3, 4]]]]), "bias": np.zeros(1)})
    try:
        with np.errstate(all="ignore"):
            given = layer(*arguments)
            if example == "conv":
                given.weight[...] = nn.weight.data
            y = np.asarray(given.forward(x.copy()), float)
            got = plane(y if tensor == "y" else np.asarray(given.backward(dy.copy()), float))
    except Exception as error:  # noqa: BLE001  (whatever a learner's code raises is for the learner to read)
        return paragraph(f"It raises {type(error).__name__}: {error}")
    want = to_host(nn(x)) if tensor == "y" else (nn(x), to_host(nn.backward(dy)))[1]
    inputs = [Board("x", plane(x))] if tensor == "y" else [Board("x", plane(x)), Board("dy", plane(dy))]
    return row(
        f"A small example: what comes in, {tensor} of this layer, and {tensor} as it should be.",
        *inputs,
        "→",
        Board(f"its {tensor}", got.round(2)),
        Board("right", plane(want).round(2)),
    )


def plane(array: HostArray) -> HostArray:
    """The last two dimensions."""
    return array.reshape(-1, array.shape[-1])


def slid(x: HostArray, weight: HostArray) -> HostArray:
    """Cross-correlate images of (N, C, H, W) with filters of (O, C, kH, kW), at all places where these fit."""
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], (2, 3))
    y: HostArray = np.einsum("ncijuv,ocuv->noij", windows, weight, optimize=True)
    return y


class MaxPool:
    """The solution of the first exercise: a method of the lesson's class."""

    cells: HostArray

    def chosen(self) -> Any:
        """True where the gradient goes."""
        nan = np.isnan(self.cells)
        last = self.cells.shape[4] - 1 - nan[..., ::-1].argmax(axis=4)
        at = np.where(nan.any(axis=4), last, self.cells.argmax(axis=4))
        return np.arange(self.cells.shape[4]) == at[..., None]


class Conv:
    """The solution of the second exercise."""

    k: int
    weight: HostArray

    def dx(self, dy: HostArray) -> HostArray:
        """A full correlation with the weights turned by 180 degrees, which is a convolution."""
        border = (self.k - 1, self.k - 1)
        turned = self.weight.swapaxes(0, 1)[:, :, ::-1, ::-1]
        return slid(np.pad(dy, ((0, 0), (0, 0), border, border)), turned)


class BatchNorm:
    """The solution of the third exercise."""

    def variance(self, x: HostArray) -> Any:
        """Of the batch itself, so divided by the number of its cells."""
        return x.var(axis=(0, 2, 3), keepdims=True)


class Softmax:
    """The solution of the fourth exercise."""

    dim: int
    y: HostArray

    def forward(self, x: HostArray) -> HostArray:
        """The largest exponent is 0, so nothing overflows; the factor cancels."""
        e = np.exp(x - x.max(axis=self.dim, keepdims=True))
        self.y = e / e.sum(axis=self.dim, keepdims=True)
        return self.y
