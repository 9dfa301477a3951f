"""Errors of MaxPool2d and AvgPool2d: ties, NaN, padding, the ragged edge, divisors.

The maxima are looked up window by window:

    values   (N, C, outH, outW, taps)   what the taps of each window meet; `fill` outside the image
    inside   (outH, outW, taps)         whether a tap meets the image
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Refused, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.diagnosis.suspects import windows
from parity_tests.harness.laws import sum_of_products
from scratch.array import HostArray
from scratch.geometry import unpad2d


class Taps(NamedTuple):
    """What the taps of every window meet; the arrays' shapes are above."""

    values: HostArray
    inside: HostArray
    rows: HostArray
    columns: HostArray


Shares: TypeAlias = Callable[[Taps, HostArray], HostArray]
"""Says which share of a window's gradient each tap gets, given the tap that torch chooses."""


def taps_of(scene: Scene, fill: float = -np.inf) -> Taps:
    """Look up all windows; rows and columns are those of the image, beyond its ends where there is padding."""
    x, window = scene.inputs["x"], scene.window
    H, W = size = x.shape[-2:]
    outH, outW = window.check_pool(size)
    (top, _), (left, _) = window.padding
    u, v = (a.ravel() for a in np.indices(window.kernel_size))
    i, j = np.indices((outH, outW))
    rows = i[..., None] * window.stride[0] - top + u * window.dilation[0]
    columns = j[..., None] * window.stride[1] - left + v * window.dilation[1]
    inside = (rows >= 0) & (rows < H) & (columns >= 0) & (columns < W)
    met = x.reshape(-1, *x.shape[-3:])[..., rows.clip(0, H - 1), columns.clip(0, W - 1)].astype(np.float64)
    return Taps(np.where(inside, met, fill), inside, rows, columns)


def torch_tap(taps: Taps) -> HostArray:
    """The first maximum, or the last NaN."""
    missing = np.isnan(taps.values)
    return np.where(missing.any(-1), last(missing), in_image(np.argmax(taps.values, -1), taps))


def last(found: HostArray) -> HostArray:
    """The last True along the last axis."""
    return np.asarray(found.shape[-1] - 1 - np.argmax(found[..., ::-1], -1))


def in_image(tap: HostArray, taps: Taps) -> HostArray:
    """The tap, or the first in the image where it is outside: a window that has nothing but -inf."""
    there = np.take_along_axis(np.broadcast_to(taps.inside, taps.values.shape), tap[..., None], -1)[..., 0]
    return np.where(there, tap, np.argmax(taps.inside, -1))


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


def one_hot(tap: HostArray, taps: Taps) -> HostArray:
    """The whole gradient to one tap."""
    return np.asarray(tap[..., None] == np.arange(taps.values.shape[-1]))


def shared(scene: Scene, taps: Taps, shares: HostArray) -> Predicted:
    """dx where each tap gets its share of its window's gradient."""
    x, H, W = scene.inputs["x"], *scene.inputs["x"].shape[-2:]
    dy = scene.inputs["dy"].reshape(taps.values.shape[:-1])[..., None].astype(np.float64)
    sums = []
    for upstream in (dy, np.abs(dy)):
        given = np.where((shares != 0) & taps.inside, upstream * shares, 0)
        dx = np.zeros((*taps.values.shape[:2], H, W))
        cells: Any = (..., taps.rows.clip(0, H - 1), taps.columns.clip(0, W - 1))
        np.add.at(dx, cells, given)
        sums.append(dx.reshape(x.shape))
    return Predicted(sums[0], sum_of_products(sums[1], shares.shape[-1], scene.eps, scene.tiny))


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


def overwritten_average(backwards: bool) -> Callable[[Scene], Predictions]:
    """The same for an average, each window writing to all its cells."""

    def predict(scene: Scene) -> Predictions:
        if "dy" not in scene.inputs:
            return {}
        taps, dx = taps_of(scene), np.zeros(scene.inputs["x"].shape)
        share = scene.inputs["dy"].astype(np.float64) / divisors(scene)
        places = list(np.ndindex(*share.shape[-2:]))
        for i, j in reversed(places) if backwards else places:
            here = taps.inside[i, j]
            dx[..., taps.rows[i, j][here], taps.columns[i, j][here]] = share[..., i, j, None]
        return {"dx": Predicted(dx, None).scaled(1.0, scene.eps)}

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


def edge_dropped(scene: Scene) -> Predictions:
    """ceil_mode is not used."""
    if not scene.arguments["ceil_mode"]:
        return {}
    return scene.torch(scene.with_arguments(ceil_mode=False))


def kernel_swapped(with_stride: bool) -> Callable[[Scene], Predictions]:
    """Rows and columns of the window exchanged, and of its stride where that is the window's size."""

    def predict(scene: Scene) -> Predictions:
        kernel_size, stride = scene.window.kernel_size, scene.window.stride
        follows = with_stride and scene.arguments["stride"] is None
        return with_arguments(kernel_size=kernel_size[::-1], stride=None if follows else stride)(scene)

    return predict


def stride_one(scene: Scene) -> Predictions:
    """A stride of 1 where none is given."""
    return with_arguments(stride=1)(scene) if scene.arguments["stride"] is None else {}


def with_arguments(**changed: Any) -> Callable[[Scene], Predictions]:
    """A pool with other arguments."""
    return lambda scene: scene.torch(scene.with_arguments(**changed))


def overhang_counted(scene: Scene) -> Predictions:
    """Every window divided by its full size."""
    if not scene.arguments["count_include_pad"] or scene.arguments["divisor_override"] is not None:
        return {}
    kH, kW = scene.window.kernel_size
    return scene.torch(scene.with_arguments(divisor_override=kH * kW))


def override_ignored(scene: Scene) -> Predictions:
    """divisor_override is not used."""
    return with_arguments(divisor_override=None)(scene) if scene.arguments["divisor_override"] is not None else {}


def gradient_not_divided(scene: Scene) -> Predictions:
    """dx of sums."""
    return only(with_arguments(divisor_override=1)(scene), "dx")


def divisors(scene: Scene) -> HostArray:
    """What every window is divided by: the cells of the image in it, over the average that is 1 in each of them."""
    case = scene.with_arguments()
    ones = np.ones(scene.inputs["x"].shape)
    average = scene.torch(replace(case, integer=None), x=ones, dy=None)["y"].value
    return np.asarray(np.rint(taps_of(scene).inside.sum(-1) / average), np.int64)


def padding_swapped(scene: Scene) -> Predictions:
    """The padding of rows for that of columns; done by hand, for torch refuses a padding above half the window."""
    (top, bottom), (left, right) = scene.window.padding
    counts = scene.case.op == "MaxPool2d" or scene.arguments["count_include_pad"]
    if top == left or "dy" not in scene.inputs:
        return {}
    if scene.arguments["ceil_mode"] or not counts:
        raise Refused("what hangs over and what is padding cannot be told apart")
    x, sides = scene.inputs["x"], [(0, 0)] * (scene.inputs["x"].ndim - 2) + [(left, right), (top, bottom)]
    padded = np.pad(x, sides, constant_values=-np.inf if scene.case.op == "MaxPool2d" else 0)
    found = scene.torch(scene.with_arguments(padding=0), x=padded)
    if "dx" in found:
        found["dx"] = found["dx"].arranged(lambda a: unpad2d(a, ((left, right), (top, bottom))))
    if "indices" in found:
        rows, columns = np.divmod(found["indices"].value, padded.shape[-1])
        found["indices"] = Predicted((rows - left) * x.shape[-1] + columns - top, None)
    return found


def rounded_down(scene: Scene) -> Predictions:
    """Averages of integers rounded to the next lower one."""
    if scene.inputs["x"].dtype.kind == "f":
        return {}
    total = scene.torch(scene.with_arguments(divisor_override=1))["y"].value
    return {"y": Predicted(total // divisors(scene), None)}


TO_ALL = "Where several cells are the largest, each gets the gradient; torch gives it to the first alone."
SHARED = "Where several cells are the largest, they share the gradient; torch gives it to the first alone."
TO_LAST = "Where several cells are the largest, the last one wins; torch takes the first: compare with >, not >=."
FIRST_NAN = "Where several cells are NaN, the first one wins (as with np.argmax); torch takes the last."
ZERO = "The padding is 0, so it wins over negative numbers: pad with -inf."
DROPPED = "ceil_mode is not used: the ragged edge is left out, though the last windows should hang over it."
KERNEL = windows.SWAPPED.format("kernel_size")
ONE = "Where no stride is given the window moves by one cell: a pool's stride is then the size of its window."
KEPT = "Windows hang over the edge though ceil_mode is off: what does not fill a window is left out."
WITHIN = "The indices count within the window: torch's count in the plane, row * W + column."
PADDED = "The indices count in the padded plane: torch's count without the padding, row * W + column."
CHANNELS = "The indices count through all channels: torch's start anew in every plane, row * W + column."
COLUMNS = "The indices run down the columns: torch's run along the rows, row * W + column."
OVERWRITTEN = "dx is overwritten where windows overlap: their gradients add up, += rather than =."
NAN = "NaN is passed over: a maximum over NaN is NaN, as in torch."
WHOLE = "Backward gives the gradient to the whole window: only the cell that was the largest gets it."
COUNTED = "The padding is counted in the divisor, though count_include_pad is False: divide by the real cells."
NOT_COUNTED = "The padding is not counted in the divisor: count_include_pad is True by default, so its zeros count."
OVERHANG = "The divisor counts cells beyond the padding, where ceil_mode lets a window hang over: they do not count."
OVERRIDE = "divisor_override is not used: it replaces the number of cells."
NOT_DIVIDED = "Backward does not divide: each cell gets dy divided by the same number as in forward."
SUM = "This is the sum over each window: divide it by the number of cells."
DOWN = "Averages of integers are rounded down: torch cuts off the fraction, -7/4 is -1."

SHARED_BY_BOTH = [
    *windows.swaps("stride"),
    Suspect("padding-swapped", windows.SWAPPED.format("padding"), padding_swapped),
    *(Suspect("kernel_size-swapped", KERNEL, kernel_swapped(with_stride)) for with_stride in (True, False)),
    windows.STRIDE_OF_POOL_IGNORED,
    windows.PADDING_IGNORED,
    Suspect("stride-one-by-default", ONE, stride_one),
    Suspect("ragged-edge-dropped", DROPPED, edge_dropped),
    Suspect("ragged-edge-kept", KEPT, with_arguments(ceil_mode=True)),
]

OF_MAXIMA = [
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
    *(Suspect("dx-overwritten-where-windows-overlap", OVERWRITTEN, overwritten(back)) for back in (False, True)),
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
    *SHARED_BY_BOTH,
]

OF_AVERAGES = [
    Suspect("padding-not-counted", NOT_COUNTED, with_arguments(count_include_pad=False)),
    Suspect("padding-counted", COUNTED, with_arguments(count_include_pad=True)),
    Suspect("overhang-counted", OVERHANG, overhang_counted),
    Suspect("divisor-override-ignored", OVERRIDE, override_ignored),
    Suspect("gradient-not-divided", NOT_DIVIDED, gradient_not_divided),
    Suspect("sum-instead-of-average", SUM, with_arguments(divisor_override=1)),
    Suspect("averages-rounded-down", DOWN, rounded_down),
    *(
        Suspect("dx-overwritten-where-windows-overlap", OVERWRITTEN, overwritten_average(back))
        for back in (False, True)
    ),
    *SHARED_BY_BOTH,
]
