"""Errors of AvgPool2d: what is divided by, and what backward does with it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Scene
from parity_tests.diagnosis.suspect import Suspect, only
from parity_tests.diagnosis.suspects import pool
from parity_tests.diagnosis.suspects.pool import with_arguments
from parity_tests.diagnosis.suspects.taps import taps_of
from scratch.array import HostArray


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


def rounded_down(scene: Scene) -> Predictions:
    """Averages of integers rounded to the next lower one."""
    if scene.inputs["x"].dtype.kind == "f":
        return {}
    total = scene.torch(scene.with_arguments(divisor_override=1))["y"].value
    return {"y": Predicted(total // divisors(scene), None)}


def overwritten(backwards: bool) -> Callable[[Scene], Predictions]:
    """dx where a window overwrites what another has given to the same cells."""

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


COUNTED = "The padding is counted in the divisor, though count_include_pad is False: divide by the real cells."
NOT_COUNTED = "The padding is not counted in the divisor: count_include_pad is True by default, so its zeros count."
OVERHANG = "The divisor counts cells beyond the padding, where ceil_mode lets a window hang over: they do not count."
OVERRIDE = "divisor_override is not used: it replaces the number of cells."
NOT_DIVIDED = "Backward does not divide: each cell gets dy divided by the same number as in forward."
SUM = "This is the sum over each window: divide it by the number of cells."
DOWN = "Averages of integers are rounded down: torch cuts off the fraction, -7/4 is -1."

SUSPECTS = [
    Suspect("padding-not-counted", NOT_COUNTED, with_arguments(count_include_pad=False)),
    Suspect("padding-counted", COUNTED, with_arguments(count_include_pad=True)),
    Suspect("overhang-counted", OVERHANG, overhang_counted),
    Suspect("divisor-override-ignored", OVERRIDE, override_ignored),
    Suspect("gradient-not-divided", NOT_DIVIDED, gradient_not_divided),
    Suspect("sum-instead-of-average", SUM, with_arguments(divisor_override=1)),
    Suspect("averages-rounded-down", DOWN, rounded_down),
    *(Suspect("dx-overwritten-where-windows-overlap", pool.OVERWRITTEN, overwritten(back)) for back in (False, True)),
    *pool.SUSPECTS,
]
