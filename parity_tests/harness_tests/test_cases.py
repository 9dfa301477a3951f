"""The tables of cases hold what the suite is meant to try."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from parity_tests.harness.case import Case, Spec, signature_of
from parity_tests.harness.cases import CASES, filters, fourier, real
from parity_tests.harness.filter_referees import NDIMAGE_MODE, SIGNAL_BOUNDARY, TORCH_MODE, pair
from parity_tests.harness.laws.image_filter import fft_law
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import reference
from scratch import layers
from scratch.geometry import Window2d
from scratch.images.separable import factors

ALL = [*CASES, *real.CASES, *fourier.CASES]
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


ALL_OR_NOTHING = (("Sigmoid", "inf"), ("Tanh", "inf"), ("clip_grad_value_", "inf"), ("clip_grad_norm_", "nan"))
"""What is bounded makes finite numbers of infinities; a norm of all numbers is NaN, and all gradients by it."""

NOT_FINITE = [
    case
    for case in ALL
    if {getattr(case, "data", ""), getattr(case, "upstream", "")} & {"nan", "inf", "-inf"}
    and (case.op, getattr(case, "data", "")) not in ALL_OR_NOTHING
]


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


FILTERS = ("correlate2d", "convolve2d")
BORDERS = {"scipy.ndimage": NDIMAGE_MODE, "scipy.signal": SIGNAL_BOUNDARY, "torch": TORCH_MODE}


@pytest.mark.parametrize("op", FILTERS)
def test_every_referee_is_asked_for_every_border_it_knows(op: str):
    asked = {(case.referee, case.options["border"]) for case in filters.CASES if case.op == op}
    assert asked == {(referee, border) for referee, borders in BORDERS.items() for border in borders}


@pytest.mark.parametrize("op", FILTERS)
def test_paddings_kinds_of_images_and_kernels_of_filters(op: str):
    cases = [case for case in filters.CASES if case.op == op]
    paddings = {case.options["padding"] for case in cases}
    assert {"valid", "same", "full"} < paddings
    assert any(isinstance(padding, tuple) for padding in paddings)
    assert {len(case.shape) for case in cases} == {2, 3, 4}
    sizes = [case.kernel for case in cases if not isinstance(case.kernel, str) and case.options["padding"] == "same"]
    assert {(kH % 2, kW % 2) for kH, kW in sizes} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert {kH < kW for kH, kW in sizes if kH != kW} == {True, False}
    same = [case for case in cases if case.options["padding"] == "same" and len(case.shape) == 2]
    assert any(case.kernel[0] > case.shape[0] and case.kernel[1] > case.shape[1] for case in same)


@pytest.mark.parametrize("op", FILTERS)
def test_height_and_width_differ_in_everything_of_a_filter_at_once(op: str):
    found = []
    for case in filters.CASES:
        H, W = case.shape[:2] if len(case.shape) < 4 else case.shape[1:3]
        if case.op == op and not isinstance(case.options["padding"], str):
            pairs = [(H, W), case.kernel, pair(case.options["stride"]), pair(case.options["padding"])]
            found.append(all(vertical != horizontal for vertical, horizontal in pairs))
    assert any(found)


@pytest.mark.parametrize("case", filters.CASES, ids=str)
def test_a_separable_case_is_one_and_no_other(case: Any):
    for dtype in case.dtypes:
        kernel = case.draw(np.dtype(dtype), 0)["kernel"].astype(dtype)
        assert (factors(kernel) is not None) == case.separable


ROUNDED = [case for case in filters.CASES if case.options["dtype"] is not None]


@pytest.mark.parametrize("case", ROUNDED, ids=str)
def test_what_is_rounded_is_far_from_a_half(case: Any):
    """So that every method must round it alike; some of it is no whole number, or else rounding is not tested."""
    for dtype in case.dtypes:
        inputs = case.draw(np.dtype(dtype), 0)
        bare = replace(case, spec=Spec.of(case.op, **{**dict(case.spec.settings), "dtype": None, "clip": None}))
        y, kernel = bare.run_torch(inputs, np.float64)["y"], inputs["kernel"]
        limits = np.finfo(dtype)
        law = fft_law(y.shape, inputs["image"], kernel, case.padded_cells(kernel.shape), limits.eps, limits.tiny)
        assert law.hard.max() < 0.05 < np.abs(y - np.floor(y) - 0.5).min()
    assert any(case.kernel == "box blur" for case in ROUNDED)


@pytest.mark.parametrize(
    ("op", "option"),
    [
        (op, option)
        for op in (*WINDOWED, "ConvTranspose2d")
        for option in signature_of(getattr(layers, op)).parameters
        if option != "dtype" and (op, option) != ("ConvTranspose2d", "padding_mode")  # torch knows but one
    ],
)
def test_every_option_has_a_case_without_pairs(op: str, option: str):
    """A layer that takes whole numbers only would not be asked for it."""
    default = signature_of(getattr(layers, op)).parameters[option].default
    cases = [case.arguments for case in CASES if isinstance(case, LayerCase) and case.op == op]
    assert [each for each in cases if each[option] != default and not any(isinstance(v, tuple) for v in each.values())]
