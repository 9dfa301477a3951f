"""What the windows of a pool meet, looked up window by window.

values   (N, C, outH, outW, taps)   what the taps of each window meet; `fill` outside the image
inside   (outH, outW, taps)         whether a tap meets the image
"""

from typing import Any, NamedTuple

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Scene
from parity_tests.harness.laws.base import sum_of_products
from scratch.array import HostArray


class Taps(NamedTuple):
    """What the taps of every window meet; the arrays' shapes are above."""

    values: HostArray
    inside: HostArray
    rows: HostArray
    columns: HostArray


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
