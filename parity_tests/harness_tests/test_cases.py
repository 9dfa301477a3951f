"""The tables of cases hold what the suite is meant to try."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from parity_tests.harness.case import Case
from parity_tests.harness.cases import CASES, real
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import reference
from scratch.geometry import Window2d

ALL = [*CASES, *real.CASES]
WINDOWED = ("Conv2d", "MaxPool2d", "AvgPool2d")
LAYERS = [case for case in ALL if isinstance(case, LayerCase)]
POOLS = [case for case in LAYERS if case.op in ("MaxPool2d", "AvgPool2d")]


def test_names_are_unique():
    """The name seeds the generator, and finds the case in a report."""
    assert [name for name, count in Counter(map(str, ALL)).items() if count > 1] == []


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_case_is_drawn_alike_twice_and_otherwise_by_another_seed(case: Case):
    one, two, other = (case.draw(np.dtype("float32"), seed) for seed in (0, 0, 1))
    assert one.keys() == two.keys() == other.keys()
    assert all(np.array_equal(one[name], two[name], equal_nan=one[name].dtype.kind == "f") for name in one)
    random = [name for name in one if one[name].size and name not in NOT_DRAWN.get(getattr(case, "data", ""), ())]
    changed = [name for name in random if not np.array_equal(one[name], other[name])]
    assert changed or not random


NOT_DRAWN = {"equal": ("x",), "digits": ("x",)}


def test_no_two_cases_share_their_numbers():
    drawn = [case.draw(np.dtype("float32"), 0)["x"] for case in LAYERS if case.data == "normal"]
    first = [x.reshape(-1)[0].item() for x in drawn if x.size and x.dtype.kind == "f"]
    assert len(set(first)) == len(first) > 50


def window_of(case: LayerCase) -> Window2d:
    """The window that the layer makes of its arguments."""
    import scratch

    window: Window2d = case.spec.build(scratch).window
    return window


def asymmetric(case: LayerCase) -> set[str]:
    """In what a case differs vertically and horizontally."""
    window, (H, W) = window_of(case), case.shape[-2:]
    pairs: dict[str, tuple[Any, Any]] = {
        "image": (H, W),
        "kernel_size": window.kernel_size,
        "stride": window.stride,
        "padding": window.padding,
        "dilation": window.dilation,
    }
    return {name for name, (vertical, horizontal) in pairs.items() if vertical != horizontal}


@pytest.mark.parametrize("op", WINDOWED)
def test_height_and_width_differ_in_everything_at_once(op: str):
    """Who swaps them anywhere is seen; AvgPool2d has no dilation."""
    wanted = {"image", "kernel_size", "stride", "padding"} | ({"dilation"} if op != "AvgPool2d" else set())
    assert any(asymmetric(case) >= wanted for case in LAYERS if case.op == op)


@pytest.mark.parametrize("op", WINDOWED)
@pytest.mark.parametrize("wide", [False, True], ids=["higher than wide", "wider than high"])
def test_both_shapes_of_images_and_kernels(op: str, wide: bool):
    cases = [case for case in LAYERS if case.op == op]
    assert any((case.shape[-2] < case.shape[-1]) == wide for case in cases if case.shape[-2] != case.shape[-1])
    kernels = [window_of(case).kernel_size for case in cases]
    assert any((kH < kW) == wide for kH, kW in kernels if kH != kW)


def test_groups_have_several_channels_each_way():
    """C/groups and O/groups larger than 1 and different, three groups; depthwise with one filter and with several."""
    grouped = []
    for case in LAYERS:
        groups = dict(case.spec.settings).get("groups", 1)
        if case.op == "Conv2d" and groups > 1:
            grouped.append((groups, case.spec.args[0] // groups, case.spec.args[1] // groups))
    assert any(groups > 2 and 1 < c != o > 1 for groups, c, o in grouped)
    assert any(c == 1 and o == 1 for _, c, o in grouped)
    assert any(c == 1 and o > 1 for _, c, o in grouped)


@pytest.mark.parametrize("case", POOLS, ids=str)
def test_every_window_has_an_element_of_the_input(case: LayerCase):
    """By brute force: torch's backward of a max pool writes out of bounds for a window without."""
    window, y = window_of(case), reference(case, "float32", seed=0).oracle["y"]
    for axis, (before, _) in enumerate(window.padding):
        n, out = case.shape[axis - 2], y.shape[axis - 2]
        k, s, d = window.kernel_size[axis], window.stride[axis], window.dilation[axis]
        for o in range(out):
            assert any(0 <= o * s - before + u * d < n for u in range(k)), f"axis {axis}, window {o}"


NOT_FINITE = [case for case in ALL if {getattr(case, "data", ""), getattr(case, "upstream", "")} & {"nan", "inf"}]


@pytest.mark.parametrize("case", NOT_FINITE, ids=str)
def test_nan_and_infinity_do_not_spoil_everything(case: Case):
    """Some tensor has both finite and other numbers, so that where they spread is seen."""
    tensors = reference(case, "float32", seed=0).oracle.values()
    assert any(0 < np.isfinite(value).sum() < value.size for value in tensors)


def test_ties_and_zeros_meet_a_window():
    """The maximum of most windows stands several times, and zeros of both signs are among them."""
    case = next(case for case in LAYERS if case.op == "MaxPool2d" and case.data == "ties")
    x = reference(case, "float32", seed=0).inputs["x"]
    windows = x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2).swapaxes(3, 4).reshape(-1, 4)
    several = (windows == windows.max(axis=1, keepdims=True)).sum(axis=1) > 1
    assert several.mean() > 0.5
    assert any(not row.any() and len(set(np.signbit(row))) == 2 for row in windows)
