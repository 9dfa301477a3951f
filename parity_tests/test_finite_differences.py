"""The oracle itself is refereed: torch's float64 gradients against differences of our loops' forwards."""

import numpy as np
import pytest

from parity_tests.harness.case import Case
from parity_tests.harness.cases import CASES
from parity_tests.harness.finite_difference import along, directions, slope
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.referee import reference
from scratch import naive

LINEAR = dict.fromkeys(  # in each argument: any h is exact
    (
        "Conv2d",
        "ConvTranspose2d",
        "Linear",
        "AvgPool2d",
        "AdaptiveAvgPool2d",
        "MaxUnpool2d",
        "Upsample",
        "Flatten",
        "Identity",
        "Dropout",
        "Dropout2d",
        "NLLLoss",
    ),
    1.0,
)
KINKED = dict.fromkeys(
    ("ReLU", "LeakyReLU", "MaxPool2d", "AdaptiveMaxPool2d", "SmoothL1Loss", "L1Loss"), 2.0**-14
)  # exact for an h too small to get over a kink
EXACT_STEP = LINEAR | KINKED
AT_A_KINK = {
    "ReLU": ("integers",),
    "MaxPool2d": ("images",),
    "AdaptiveMaxPool2d": ("images",),
    "MaxUnpool2d": ("images",),
}  # equal values: there is no slope
NOT_SMOOTH = ("ties", "equal", "nan", "inf", "-inf", "lowest")


def has_a_slope(case: Case) -> bool:
    """Whether the case is of floating numbers, all finite, away from kinks, and has something to differentiate."""
    if not isinstance(case, LayerCase | LossCase) or case.data in (*NOT_SMOOTH, *AT_A_KINK.get(case.op, ())):
        return False
    if isinstance(case, LayerCase):
        numbers = case.integer is None and case.upstream not in NOT_SMOOTH
    else:
        numbers = case.target != "all ignored" and case.weighted != "zero"
    return numbers and 0 not in case.shape


SMOOTH = [pytest.param(case, id=str(case)) for case in CASES if has_a_slope(case)]


def gap_and_bound(case: LayerCase | LossCase, factor: float = 1.0) -> tuple[float, float]:
    """How far torch's gradients, times `factor`, are from the slope, and how far rounding and h can bring them."""
    should = reference(case, "float64", seed=1)
    direction = directions(case, should.oracle, should.inputs, seed=2)
    exact = factor * along(should.oracle, direction)
    result, upstream = ("y", "dy") if isinstance(case, LayerCase) else ("loss", "dloss")
    sizes = [np.sum(np.abs(should.inputs[upstream] * should.oracle[result]))]
    sizes += [np.sum(np.abs(should.oracle[f"d{name}"] * v)) for name, v in direction.items()]
    terms = sum(value.size for value in should.inputs.values()) + should.oracle[result].size
    rounding = terms * np.finfo(float).eps * sum(sizes)

    if case.op in EXACT_STEP:
        h = EXACT_STEP[case.op]
        return abs(slope(case, naive, should.inputs, direction, h) - exact), rounding / h
    # Halving h divides the error by four; what Richardson's extrapolation leaves is two orders of h smaller.
    h = 2.0**-10
    coarse, fine = (slope(case, naive, should.inputs, direction, step) for step in (h, h / 2))
    return abs((4 * fine - coarse) / 3 - exact), abs(fine - coarse) / 100 + rounding / h


@pytest.mark.parametrize("case", SMOOTH)
def test_gradients_match_the_slope(case: LayerCase | LossCase):
    gap, bound = gap_and_bound(case)
    assert gap <= bound


def test_most_cases_are_checked():
    assert len(SMOOTH) > 120


def test_a_gradient_that_is_a_millionth_too_large_is_seen():
    """The check can fail. Where it does not, the gradient vanishes."""
    gaps = {str(case): gap_and_bound(case, factor=1 + 1e-6) for case in (param.values[0] for param in SMOOTH)}
    unseen = [name for name, (gap, bound) in gaps.items() if gap <= bound]
    assert len(unseen) <= len(SMOOTH) // 10, unseen
