"""The laws of filters, each for its methods, and the referees: what they can be asked, and that they mean the same."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from parity_tests.harness.case import Spec
from parity_tests.harness.cases.filters import CASES
from parity_tests.harness.comparison import EXACT
from parity_tests.harness.filter_case import FilterCase
from parity_tests.harness.filter_referees import REFEREES, Call, InexpressibleError
from parity_tests.harness.laws.image_filter import direct_law, fft_law, separable_law
from parity_tests.harness.referee import judge, judge_tensor, refer, reference
from parity_tests.harness_tests.planted import planted
from parity_tests.harness_tests.wrong_filters import image_of, rounded_to
from scratch import images

EPS = 2.0**-23
OWN = ("separable", "fft")
"""The methods with a law of their own."""

# Dropping digits does not show in small whole numbers, and neither where nothing is computed.
LOSING = [case for case in CASES if not (case.integer or case.data == "integers" or 0 in case.shape)]


@pytest.mark.parametrize("case", LOSING, ids=str)
def test_float16_products_are_never_accurate(case: FilterCase):
    """In float32, whatever the method; TF32 has the same digits."""
    half = planted("half", images=rounded_to(np.float16))
    for algorithm in case.algorithms(half):
        (y,) = judge(case, half, "float32", algorithm=algorithm)
        assert not y.ours.verdict.agrees, algorithm


def test_the_hard_bound_of_the_fft_alone_would_let_float16_pass():
    """Why there is an index: the bound holds for the worst case of all roundings."""
    half = planted("half", images=rounded_to(np.float16))
    found = [judge(case, half, "float32", algorithm="fft")[0].ours for case in LOSING if "fft" in case.algorithms(half)]
    assert any(y.verdict == "imprecise" and y.worst < 1 for y in found)


def test_float32_inside_float64_is_wrong():
    single = planted("single", images=image_of(lambda image: image.astype(np.float32).astype(image.dtype)))
    for case in LOSING:
        for algorithm in case.algorithms(single):
            (y,) = judge(case, single, "float64", algorithm=algorithm)
            assert y.ours.verdict == "wrong", f"{case} {algorithm}"


WHOLE = FilterCase(Spec.of("correlate2d"), "torch", (5, 4), (3, 1), "integers", "integers")
QUOTIENTS = {"image": WHOLE.draw(np.dtype("float64"), 0)["image"], "kernel": np.array([[1.0, 49.0, 27.0]])}
BRIGHT = {"image": np.array([[1e6, 0, 0, 0, 0.1], [0] * 5]), "kernel": np.array([[0.3], [0.1], [0.7]])}


@pytest.mark.parametrize(("method", "inputs"), [("separable", QUOTIENTS), ("fft", BRIGHT)])
def test_a_method_needs_the_law_of_its_own(method: str, inputs: dict[str, Any]):
    """By the law of sums it would lack digits: for a quotient that is no whole number, a bright pixel far away."""
    should = refer(replace(WHOLE, shape=inputs["image"].shape), inputs, "float64")
    y = images.correlate2d(**inputs, method=method)
    assert judge_tensor(y, should.oracle["y"], should.laws, "y", "float64").verdict == "imprecise"
    assert judge_tensor(y, should.oracle["y"], should.laws_of(method), "y", "float64").verdict == "accurate"


def test_everybody_else_is_judged_by_the_law_of_sums():
    should = reference(CASES[1], "float32", seed=0)
    assert all(should.laws_of(name) is should.laws for name in (None, "loops", "direct", "anything"))
    assert {name for name in OWN if should.laws_of(name) is not should.laws} == set(OWN)


def test_the_laws_by_hand():
    """A 2 x 3 kernel: sums of 6 products; passes of 2 and 3, the kernel's 5 eps, the quotient's one."""
    A = np.array([[2.0, 0.5]])
    direct, separable = direct_law(A, (2, 3), EPS, 0.0), separable_law(A, (2, 3), EPS, 0.0)
    np.testing.assert_allclose(direct.hard, 9 * EPS * A)
    np.testing.assert_allclose(separable.hard, 16 * EPS * A)
    np.testing.assert_array_equal(direct.scale, EPS * A)
    np.testing.assert_array_equal(separable.scale, EPS * A)


def test_the_law_of_the_fft_by_hand():
    """16 cells padded, so 64 in a tile: t = 6; the brightest pixel 2, the kernel's norms 7 and 5."""
    law = fft_law((2, 3), np.array([[-2.0, 1.0]]), np.array([[3.0, -4.0]]), 16, EPS, 0.0)
    assert law.hard.shape == law.scale.shape == (2, 3)
    np.testing.assert_allclose(law.hard, (10.2 * 6 + 3) * EPS * 4 * 2 * 7)
    np.testing.assert_allclose(law.scale, np.sqrt(6) * EPS * 2 * 5)


@pytest.mark.parametrize(
    ("spec", "cells"),
    [
        (Spec.of("correlate2d", padding="valid"), 7 * 9),
        (Spec.of("correlate2d"), (7 + 3) * (9 + 1)),
        (Spec.of("convolve2d", padding="full"), (7 + 6) * (9 + 2)),
        (Spec.of("convolve2d", padding=(1, 2)), (7 + 2) * (9 + 4)),
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 3), (2, 7, 9, 3)], ids=str)
def test_the_size_of_a_padded_image(spec: Spec, cells: int, shape: tuple[int, ...]):
    case = FilterCase(spec, "torch", shape, (4, 2))
    assert case.padded_cells((4, 2)) == cells


def test_what_is_exact_by_law():
    """Sums of whole numbers, as long as they have room; a column of them may still be divided."""
    inputs = WHOLE.draw(np.dtype("float32"), 0)
    assert WHOLE.laws(inputs, EPS, 0.0)["y"] is EXACT
    assert WHOLE.other_laws(inputs, EPS, 0.0)["separable"]["y"] is not EXACT
    large = {name: value * 2**12 for name, value in inputs.items()}
    assert WHOLE.laws(large, EPS, 0.0)["y"] is not EXACT
    assert WHOLE.laws(large, EPS**2, 0.0)["y"] is EXACT
    half = {"image": inputs["image"] + 0.5, "kernel": inputs["kernel"]}
    assert WHOLE.laws(half, EPS, 0.0)["y"] is not EXACT


# The referees

IMPULSE = np.zeros((1, 5, 6))
IMPULSE[0, 2, 3] = 1.0
KERNEL = np.arange(1.0, 13).reshape(3, 4)


def asked(referee: str, flip: bool, padding: Any = "same", border: str = "zero", stride: Any = (1, 1)) -> Any:
    return REFEREES[referee](IMPULSE, KERNEL, Call(flip, stride, padding, border))


@pytest.mark.parametrize(
    ("referee", "padding"), [("scipy.ndimage", "same"), ("scipy.signal", "full"), ("torch", (1, 2))]
)
def test_convolution_copies_the_kernel_and_correlation_its_mirror_image(referee: str, padding: Any):
    """The cell (3 // 2, 4 // 2) lies where the 1 is; two rows and three columns more around it with "full"."""
    top, left = {"same": (1, 1), "full": (2, 3), (1, 2): (1, 2)}[padding]
    y = asked(referee, True, padding)[0]
    np.testing.assert_array_equal(y[top : top + 3, left : left + 4], KERNEL)
    assert np.count_nonzero(y) == KERNEL.size
    top, left = {"same": (1, 2), "full": (2, 3), (1, 2): (1, 2)}[padding]
    y = asked(referee, False, padding)[0]
    np.testing.assert_array_equal(y[top : top + 3, left : left + 4], KERNEL[::-1, ::-1])


@pytest.mark.parametrize(
    ("referee", "options"),
    [
        ("scipy.ndimage", {"padding": "full"}),
        ("scipy.ndimage", {"padding": (1, 1)}),
        ("scipy.signal", {"padding": "same"}),
        ("scipy.signal", {"padding": "full", "border": "reflect"}),
        ("scipy.signal", {"padding": "full", "border": "replicate"}),
        ("torch", {"padding": "same"}),
        ("torch", {"padding": "full", "border": "symmetric"}),
    ],
)
def test_nobody_is_asked_for_what_he_has_no_words_for(referee: str, options: dict[str, Any]):
    with pytest.raises(InexpressibleError, match=referee):
        asked(referee, False, **options)


def test_referees_agree_wherever_several_can_be_asked():
    """In float64, by the law of sums: a referee with a border of the wrong name would be alone."""
    compared = set()
    for case in CASES:
        if case.data in ("nan", "inf") or 0 in case.shape:
            continue
        should = reference(case, "float64", seed=0)
        for other in REFEREES.keys() - {case.referee}:
            try:
                y = replace(case, referee=other).run_torch(should.inputs, np.float64)["y"]
            except InexpressibleError:
                continue
            assert judge_tensor(y, should.oracle["y"], should.laws, "y", "float64").verdict.agrees, f"{case} {other}"
            compared.add((frozenset((case.referee, other)), case.options["border"]))
    for pair, borders in {
        ("scipy.ndimage", "torch"): ("zero", "reflect", "replicate"),
        ("scipy.signal", "torch"): ("zero", "circular"),
    }.items():
        assert all((frozenset(pair), border) in compared for border in borders), compared
