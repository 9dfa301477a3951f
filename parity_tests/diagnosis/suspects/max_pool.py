"""Errors of MaxPool2d: ties, NaN, padding, indices, and what backward does with them."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect
from parity_tests.diagnosis.suspects import pool, windows
from parity_tests.diagnosis.suspects.taps import Taps, in_image, last, one_hot, shared, taps_of, torch_tap
from scratch.array import HostArray

Shares: TypeAlias = Callable[[Taps, HostArray], HostArray]
"""Says which share of a window's gradient each tap gets, given the tap that torch chooses."""


def last_maximum(taps: Taps) -> HostArray:
    """The last maximum, or the last NaN."""
    latest = taps.values.shape[-1] - 1 - np.argmax(taps.values[..., ::-1], -1)
    there = np.take_along_axis(np.broadcast_to(taps.inside, taps.values.shape), latest[..., None], -1)[..., 0]
    return np.where(there, latest, last(taps.inside))


def first_nan(taps: Taps) -> HostArray:
    """The first maximum, or the first NaN, as np.argmax has it."""
    return in_image(np.argmax(taps.values, -1), taps)


def number(taps: Taps) -> HostArray:
    """The first maximum of what is a number."""
    return in_image(np.argmax(np.where(np.isnan(taps.values), -np.inf, taps.values), -1), taps)


def number_unless_first(taps: Taps) -> HostArray:
    """The same, but for a NaN at the very first cell: no number is larger."""
    begin = np.broadcast_to(np.argmax(taps.inside, -1), taps.values.shape[:-1])
    first = np.take_along_axis(taps.values, begin[..., None], -1)[..., 0]
    return np.where(np.isnan(first), begin, number(taps))


def predicted_by(scene: Scene, taps: Taps, tap: HostArray, y: HostArray) -> dict[str, Predicted]:
    """The tensors of a pool that chooses these taps, and gives y."""
    shape = (*scene.inputs["x"].shape[:-2], *tap.shape[-2:])
    rows, columns = (
        np.take_along_axis(np.broadcast_to(a, taps.values.shape), tap[..., None], -1)[..., 0]
        for a in (taps.rows, taps.columns)
    )
    indices = rows * scene.inputs["x"].shape[-1] + columns
    found = {
        "y": Predicted(y.astype(scene.truth["y"].value.dtype).reshape(shape), None),
        "indices": Predicted(indices.reshape(shape), None),
    }
    if "dy" in scene.inputs:
        found["dx"] = shared(scene, taps, one_hot(tap, taps))
    return found


def winning(choose: Callable[[Taps], HostArray]) -> Callable[[Scene], Predictions]:
    """A max pool that chooses another tap."""

    def predict(scene: Scene) -> Predictions:
        taps = taps_of(scene)
        tap = choose(taps)
        return predicted_by(scene, taps, tap, np.take_along_axis(taps.values, tap[..., None], -1)[..., 0])

    return predict


def padded_with_zero(negative: bool) -> Callable[[Scene], Predictions]:
    """A max pool where 0 is around the image; its index is beyond the plane, or -1."""

    def predict(scene: Scene) -> Predictions:
        taps = taps_of(scene, 0.0)
        missing = np.isnan(taps.values)
        tap = np.where(missing.any(-1), last(missing), np.argmax(taps.values, -1))
        y = np.take_along_axis(taps.values, tap[..., None], -1)[..., 0]
        found = predicted_by(scene, taps, tap, y)
        if negative:
            there = np.take_along_axis(np.broadcast_to(taps.inside, taps.values.shape), tap[..., None], -1)
            indices = found["indices"].value
            found["indices"] = Predicted(np.where(there.reshape(indices.shape), indices, -1), None)
        return found

    return predict


def sharing(shares: Shares) -> Callable[[Scene], Predictions]:
    """A max pool whose backward gives each tap some share."""

    def predict(scene: Scene) -> Predictions:
        if "dy" not in scene.inputs:
            return {}
        taps = taps_of(scene)
        return {"dx": shared(scene, taps, shares(taps, torch_tap(taps)))}

    return predict


def maxima(taps: Taps) -> HostArray:
    """All that are as large as the largest; none where that is NaN."""
    return np.asarray((taps.values == taps.values.max(-1, keepdims=True)) & taps.inside)


def maxima_and_nan(taps: Taps) -> HostArray:
    """All that are as large as the largest, or NaN where there is one."""
    missing = np.isnan(taps.values)
    return np.where(missing.any(-1, keepdims=True), missing, maxima(taps))


def per_window(found: HostArray) -> HostArray:
    """Equal shares."""
    return np.asarray(found / np.maximum(found.sum(-1, keepdims=True), 1))


def overwritten(backwards: bool) -> Callable[[Scene], Predictions]:
    """dx where a window overwrites what another has given to the same cell."""

    def predict(scene: Scene) -> Predictions:
        if "dy" not in scene.inputs:
            return {}
        x, taps = scene.inputs["x"], taps_of(scene)
        dy = scene.inputs["dy"].astype(np.float64)
        planes = (int(np.prod(x.shape[:-2])), dy.shape[-2] * dy.shape[-1])
        cells = predicted_by(scene, taps, torch_tap(taps), scene.truth["y"].value)["indices"].value.reshape(planes)
        dy = dy.reshape(planes)
        dx = np.zeros((len(dy), x.shape[-2] * x.shape[-1]))
        order = range(dy.shape[1])
        for window in reversed(order) if backwards else order:
            np.put_along_axis(dx, cells[:, window, None], dy[:, window, None], 1)
        return {"dx": Predicted(dx.reshape(x.shape), None)}

    return predict


def indices_as(index: Callable[[Scene, HostArray, HostArray, HostArray], HostArray]) -> Callable[[Scene], Predictions]:
    """Indices that are counted in another way: index(scene, tap, row, column), each (N, C, outH, outW)."""

    def predict(scene: Scene) -> Predictions:
        if "indices" not in scene.truth:
            return {}
        right = scene.truth["indices"].value
        rows, columns = np.divmod(right, scene.inputs["x"].shape[-1])
        tap = torch_tap(taps_of(scene)).reshape(right.shape)
        return {"indices": Predicted(np.broadcast_to(index(scene, tap, rows, columns), right.shape), None)}

    return predict


def in_padded(scene: Scene, tap: HostArray, row: HostArray, column: HostArray) -> HostArray:
    """In the plane with its padding."""
    (top, _), (left, right) = scene.window.padding
    W = left + scene.inputs["x"].shape[-1] + right
    return np.asarray((row + top) * W + column + left)


def in_all_channels(scene: Scene, tap: HostArray, row: HostArray, column: HostArray) -> HostArray:
    """In a sample with all its channels."""
    C, H, W = scene.inputs["x"].shape[-3:]
    return np.asarray((np.arange(C)[:, None, None] * H + row) * W + column)


TO_ALL = "Where several cells are the largest, each gets the gradient; torch gives it to the first alone."
SHARED = "Where several cells are the largest, they share the gradient; torch gives it to the first alone."
TO_LAST = "Where several cells are the largest, the last one wins; torch takes the first: compare with >, not >=."
FIRST_NAN = "Where several cells are NaN, the first one wins (as with np.argmax); torch takes the last."
ZERO = "The padding is 0, so it wins over negative numbers: pad with -inf."
WITHIN = "The indices count within the window: torch's count in the plane, row * W + column."
PADDED = "The indices count in the padded plane: torch's count without the padding, row * W + column."
CHANNELS = "The indices count through all channels: torch's start anew in every plane, row * W + column."
COLUMNS = "The indices run down the columns: torch's run along the rows, row * W + column."
NAN = "NaN is passed over: a maximum over NaN is NaN, as in torch."
WHOLE = "Backward gives the gradient to the whole window: only the cell that was the largest gets it."

SUSPECTS = [
    Suspect("ties-to-all", TO_ALL, sharing(lambda taps, _: maxima(taps))),
    Suspect("ties-to-all", TO_ALL, sharing(lambda taps, _: maxima_and_nan(taps))),
    Suspect("ties-shared", SHARED, sharing(lambda taps, _: per_window(maxima(taps)))),
    Suspect("ties-shared", SHARED, sharing(lambda taps, _: per_window(maxima_and_nan(taps)))),
    Suspect("ties-to-last", TO_LAST, winning(last_maximum)),
    Suspect("first-nan-wins", FIRST_NAN, winning(first_nan)),
    *(Suspect("padding-zero", ZERO, padded_with_zero(negative)) for negative in (False, True)),
    Suspect("indices-within-window", WITHIN, indices_as(lambda scene, tap, row, column: tap)),
    Suspect("indices-in-the-padded-plane", PADDED, indices_as(in_padded)),
    Suspect("indices-through-all-channels", CHANNELS, indices_as(in_all_channels)),
    Suspect(
        "indices-down-the-columns",
        COLUMNS,
        indices_as(lambda scene, tap, row, column: column * scene.inputs["x"].shape[-2] + row),
    ),
    Suspect(
        "indices-from-one",
        "The indices count from 1: torch's count from 0.",
        indices_as(lambda scene, tap, row, column: row * scene.inputs["x"].shape[-1] + column + 1),
    ),
    *(Suspect("dx-overwritten-where-windows-overlap", pool.OVERWRITTEN, overwritten(back)) for back in (False, True)),
    Suspect("nan-ignored", NAN, winning(number)),
    Suspect("nan-ignored", NAN, winning(number_unless_first)),
    Suspect("gradient-to-whole-window", WHOLE, sharing(lambda taps, _: taps.inside * np.ones(taps.values.shape))),
    Suspect(
        "gradient-to-whole-window",
        WHOLE,
        sharing(lambda taps, _: np.full(taps.values.shape, 1 / taps.values.shape[-1])),
    ),
    *windows.swaps("dilation"),
    windows.DILATION_IGNORED,
    *pool.SUSPECTS,
]
