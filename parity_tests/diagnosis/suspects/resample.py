"""Errors of adaptive pools and of Upsample: which windows, which cells, and sizes the wrong way round."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Refused, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.harness.laws.base import sum_of_products
from parity_tests.harness.laws.pool import terms
from scratch.array import HostArray

Window = Callable[[int, int, int], slice]
"""The cells of window i along n of them, of so many windows."""


def right(i: int, n: int, out: int) -> slice:
    """As torch has it."""
    return slice(i * n // out, -(-(i + 1) * n // out))


def rounded_down(i: int, n: int, out: int) -> slice:
    """A window ends where the next one begins, after one cell at least."""
    start = i * n // out
    return slice(start, max((i + 1) * n // out, start + 1))


def one_size(i: int, n: int, out: int) -> slice:
    """Windows of one size at equal distances."""
    start = i * (n // out)
    return slice(start, start + n - (out - 1) * (n // out))


def first(cells: HostArray) -> HostArray:
    """The first of the largest numbers; the last NaN, where there is one."""
    nan = np.isnan(cells)
    last_nan = cells.shape[-1] - 1 - nan[..., ::-1].argmax(-1)
    chosen: HostArray = np.where(nan.any(-1), last_nan, np.where(nan, -np.inf, cells).argmax(-1))
    return chosen


def last(cells: HostArray) -> HostArray:
    """The last of the largest numbers, or the last NaN."""
    return np.where(np.isnan(cells).any(-1), first(cells), cells.shape[-1] - 1 - first(cells[..., ::-1]))


def average(window: Window, divided: bool = True, adds: bool = True) -> Callable[[Scene], Predictions]:
    """An adaptive average with other windows, or whose backward does not divide, or overwrites."""

    def predict(scene: Scene) -> Predictions:
        x, dy = (scene.inputs[name].astype(np.float64) for name in ("x", "dy"))
        y, A, dx, dA = np.zeros(dy.shape), np.zeros(dy.shape), np.zeros(x.shape), np.zeros(x.shape)
        for (i, j), here in windows(x, dy, window):
            area = x[here].shape[-1] * x[here].shape[-2]
            y[..., i, j], A[..., i, j] = x[here].mean((-2, -1)), np.abs(x[here]).mean((-2, -1))
            share = dy[..., i, j, None, None] / (area if divided else 1)
            dx[here] = share + (dx[here] if adds else 0)
            dA[here] += np.abs(share)
        K = terms(x.shape[-2:], dy.shape[-2:]), terms(dy.shape[-2:], x.shape[-2:])
        return {
            "y": Predicted(y, sum_of_products(A, K[0], scene.eps, 0.0)),
            "dx": Predicted(dx, sum_of_products(dA, K[1], scene.eps, 0.0)),
        }

    return predict


def maximum(
    window: Window, choose: Callable[[HostArray], HostArray] = first, adds: bool = True
) -> Callable[[Scene], Predictions]:
    """An adaptive maximum with other windows, or that chooses another number, or whose backward overwrites."""

    def predict(scene: Scene) -> Predictions:
        x, dy = (scene.inputs[name].astype(np.float64) for name in ("x", "dy"))
        H, W = x.shape[-2:]
        plane, y, indices = np.arange(H * W).reshape(H, W), np.zeros(dy.shape), np.zeros(dy.shape, np.int64)
        for (i, j), here in windows(x, dy, window):
            numbers = plane[here].reshape(-1)
            cells = x[here].reshape(*x.shape[:-2], len(numbers))
            chosen = choose(cells)
            y[..., i, j] = np.take_along_axis(cells, chosen[..., None], -1)[..., 0]
            indices[..., i, j] = numbers[chosen]
        dx, dA = (np.zeros((x.size // (H * W), H * W)) for _ in range(2))
        place = np.arange(len(dx))[:, None], indices.reshape(len(dx), dy.shape[-2] * dy.shape[-1])
        if adds:
            np.add.at(dx, place, dy.reshape(place[1].shape))
        else:
            for k in range(place[1].shape[1]):  # in the order of the windows
                np.put_along_axis(dx, place[1][:, k, None], dy.reshape(place[1].shape)[:, k, None], 1)
        np.add.at(dA, place, np.abs(dy.reshape(place[1].shape)))
        law = sum_of_products(dA.reshape(x.shape), terms(dy.shape[-2:], x.shape[-2:]), scene.eps, 0.0)
        return {
            "y": Predicted(y, None),
            "indices": Predicted(indices, None),
            "dx": Predicted(dx.reshape(x.shape), law),
        }

    return predict


def windows(x: HostArray, dy: HostArray, window: Window) -> list[tuple[tuple[int, int], Any]]:
    """All windows: where each stands in y, and its cells in x."""
    (H, W), (outH, outW) = x.shape[-2:], dy.shape[-2:]
    return [((i, j), (..., window(i, H, outH), window(j, W, outW))) for i, j in np.ndindex(outH, outW)]


def within(scene: Scene) -> Predictions:
    """Indices within each window."""
    if "indices" not in scene.truth:
        return {}
    x, found = scene.inputs["x"], scene.truth["indices"].value.copy()
    for (i, j), (_, rows, columns) in windows(x, found, right):
        row, column = np.divmod(found[..., i, j], x.shape[-1])
        found[..., i, j] = (row - rows.start) * (columns.stop - columns.start) + column - columns.start
    return {"indices": Predicted(found, None)}


def swapped(*names: str) -> Callable[[Scene], Predictions]:
    """Pairs the wrong way round."""

    def predict(scene: Scene) -> Predictions:
        given = {name: scene.arguments[name] for name in names}
        if not any(isinstance(value, tuple) and value[0] != value[1] for value in given.values()):
            return {}
        changed = {name: value[::-1] if isinstance(value, tuple) else value for name, value in given.items()}
        return forward_only(scene, **changed)

    return predict


def with_arguments(mode: str, **changed: Any) -> Callable[[Scene], Predictions]:
    """Upsample with other arguments, where it has that mode."""

    def predict(scene: Scene) -> Predictions:
        if scene.arguments["mode"] != mode and mode != "any":
            return {}
        if "recompute_scale_factor" in changed and scene.arguments["scale_factor"] is None:
            return {}
        return forward_only(scene, **changed)

    return predict


def forward_only(scene: Scene, **changed: Any) -> Predictions:
    """What torch gives with other arguments; forward only, if y is of another size then."""
    case = scene.with_arguments(**changed)
    try:
        shape = case.run_torch({"x": scene.inputs["x"]}, np.float64)["y"].shape
    except (ValueError, RuntimeError, TypeError) as error:
        raise Refused(str(error)) from None
    if "dy" in scene.inputs and shape != scene.inputs["dy"].shape:
        return only(scene.torch(case, dy=np.ones(shape)), "y", "indices")
    return scene.torch(case)


def nearest_exact(scene: Scene) -> Predictions:
    """The cell under the middle of an output."""
    if scene.arguments["mode"] != "nearest":
        return {}
    case, x = scene.with_arguments(mode="nearest-exact"), scene.inputs["x"]
    if "dy" not in scene.inputs:
        return {"y": Predicted(case.run_torch({"x": x}, np.float64)["y"], None)}
    found, A = (case.run_torch({"x": x, "dy": dy}, np.float64) for dy in (scene.inputs["dy"], abs(scene.inputs["dy"])))
    K = terms(found["y"].shape[-2:], x.shape[-2:])
    law = sum_of_products(A["dx"], K, scene.eps, 0.0)
    return {"y": Predicted(found["y"], None), "dx": Predicted(found["dx"], law)}


def averaged(scene: Scene) -> Predictions:
    """dx divided by how many outputs there are for a cell."""
    if "dy" not in scene.inputs or 0 in scene.inputs["dy"].shape:
        return {}
    (H, W), (outH, outW) = scene.inputs["x"].shape[-2:], scene.inputs["dy"].shape[-2:]
    return {"dx": scene.scaled("dx", H * W / (outH * outW))}


DOWN = "A window ends where the next one begins: it ends at ceil((i + 1) * n / out), so neighbours may share a cell."
ONE_SIZE = "All windows have one size: window i reaches from floor(i * n / out) to ceil((i + 1) * n / out)."
NOT_DIVIDED = "Backward does not divide: each cell gets dy divided by the size of its window."
SIZE = "Height and width of {} are exchanged: torch's are (height, width)."
TO_LAST = "Where several cells are the largest, the last one wins; torch takes the first: compare with >, not >=."
FIRST_NAN = "Where several cells are NaN, the first one wins (as with np.argmax); torch takes the last."
WITHIN = "The indices count within the window: torch's count in the plane, row * W + column."
IGNORED = "align_corners is not used: with it output j lies at j * (n - 1) / (out - 1)."
ALWAYS = "Corners are aligned, though align_corners is not set: output j lies at (j + 1/2) * n / out - 1/2."
EXACT = (
    "Each output takes the cell under its middle: torch's nearest takes floor(j * n / out), nearest-exact the middle."
)
RECOMPUTED = "The factor is computed from the sizes: torch uses scale_factor as given, unless recompute_scale_factor."
KEPT = "recompute_scale_factor is not used: with it the factor is out / n, not the one that was given."

OVERWRITTEN = "dx is overwritten where windows overlap: their gradients add up, += rather than =."
AVERAGED = "Backward averages the gradients of a cell's outputs: they add up."

OUTPUT_SIZE = Suspect("output_size-swapped", SIZE.format("output_size"), swapped("output_size"))
OF_AVERAGE = [
    Suspect("window-ends-rounded-down", DOWN, average(rounded_down)),
    Suspect("windows-of-one-size", ONE_SIZE, average(one_size)),
    Suspect("dx-overwritten-where-windows-overlap", OVERWRITTEN, average(right, adds=False)),
    Suspect("gradient-not-divided", NOT_DIVIDED, lambda scene: only(average(right, divided=False)(scene), "dx")),
    OUTPUT_SIZE,
]
OF_MAXIMUM = [
    Suspect("window-ends-rounded-down", DOWN, maximum(rounded_down)),
    Suspect("windows-of-one-size", ONE_SIZE, maximum(one_size)),
    Suspect("dx-overwritten-where-windows-overlap", OVERWRITTEN, maximum(right, adds=False)),
    Suspect("ties-to-last", TO_LAST, maximum(right, last)),
    Suspect("first-nan-wins", FIRST_NAN, maximum(right, lambda cells: cells.argmax(-1))),
    Suspect("indices-within-window", WITHIN, within),
    OUTPUT_SIZE,
]
OF_UPSAMPLE = [
    Suspect("align_corners-ignored", IGNORED, with_arguments("bilinear", align_corners=False)),
    Suspect("align_corners-always", ALWAYS, with_arguments("bilinear", align_corners=True)),
    Suspect("nearest-exact", EXACT, nearest_exact),
    Suspect("gradient-averaged", AVERAGED, averaged),
    Suspect("scale_factor-recomputed", RECOMPUTED, with_arguments("any", recompute_scale_factor=True)),
    Suspect("scale_factor-not-recomputed", KEPT, with_arguments("any", recompute_scale_factor=None)),
    Suspect("size-swapped", SIZE.format("size or scale_factor"), swapped("size", "scale_factor")),
]
