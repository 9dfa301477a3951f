"""Convolution by banded matrices: geometries, any length of segments, and numbers that it must leave to others."""

import numpy as np
import pytest

import scratch
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.inputs import layouts
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge, reference
from scratch.fast import banded_plan, conv_banded, threads
from scratch.fast.banded_plan import plan_of

S = Spec.of
US = IMPLEMENTATIONS["scratch"]
CASES = [
    LayerCase(S("Conv2d", 1, 6, 5, padding=2), (3, 1, 12, 12)),
    LayerCase(S("Conv2d", 6, 4, 5), (3, 6, 10, 12)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), stride=(2, 3), padding=(1, 0)), (4, 2, 9, 14)),  # cells that no window sees
    LayerCase(S("Conv2d", 2, 3, (2, 3), stride=(1, 2), padding=(3, 5), dilation=(2, 3)), (2, 2, 7, 6)),
    LayerCase(S("Conv2d", 3, 2, (2, 1), stride=(3, 4), bias=False), (2, 3, 8, 13)),  # windows with gaps
    LayerCase(S("Conv2d", 2, 3, 4, padding="same"), (2, 2, 5, 6)),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 7, 8)),
    LayerCase(S("Conv2d", 2, 3, 3), (0, 2, 7, 8)),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 8, 10), "large mean"),
    LayerCase(S("Conv2d", 2, 3, 3, padding=1), (2, 2, 8, 10), "integers"),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 8, 10), "nan"),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 8, 10), "inf"),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 8, 10), upstream="inf"),
]
FINITE = [case for case in CASES if case.data not in ("nan", "inf") and case.upstream != "inf"]
COUNTS = [case for case in FINITE if 0 not in case.shape]


def disagreements(case, dtype, layout=None):
    findings = judge(case, US, dtype, algorithm="banded", layout=layout)
    assert {"y", "dx", "dweight"} <= {f.tensor for f in findings}
    return [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_keeps_its_law(case, dtype):
    assert not disagreements(case, dtype)


@pytest.fixture
def segments(monkeypatch):
    """Make the plan with the longest segments, or the shortest, rather than the cheapest; forget it afterwards."""

    def choose(sign):
        plan_of.cache_clear()
        monkeypatch.setattr(banded_plan, "seconds", lambda plan: sign * plan.s)

    yield choose
    plan_of.cache_clear()


@pytest.mark.parametrize("sign", [1, -1], ids=["shortest", "longest"])
@pytest.mark.parametrize("case", FINITE, ids=str)
def test_in_segments_of_any_length(case, sign, segments):
    segments(sign)
    assert not disagreements(case, "float32")


@pytest.mark.parametrize("s", [2, 3, 6])
def test_each_length_computes_the_same(s, segments, monkeypatch):
    segments(1)
    monkeypatch.setattr(banded_plan, "seconds", lambda plan: plan.s != s)
    case = CASES[0]
    inputs = reference(case, "float32", 0).inputs
    layer = case.build(scratch, inputs)
    layer.algorithm = "banded"
    layer(inputs["x"])
    *_, saved = layer._latest
    assert saved[1][-1].s == s
    assert not disagreements(case, "float32")


@pytest.mark.parametrize("case", COUNTS, ids=str)
def test_in_the_smallest_blocks_and_a_part_for_each_image(case, monkeypatch):
    monkeypatch.setattr(conv_banded, "BLOCK_BYTES", 1)
    monkeypatch.setattr(threads, "parts", lambda N, flops: [slice(n, n + 1) for n in range(N)])
    assert not disagreements(case, "float32")


@pytest.mark.parametrize("case", COUNTS[:4], ids=str)
def test_in_any_memory_layout(case):
    for place in layouts(np.asarray).values():
        assert not disagreements(case, "float32", place)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("tensor", ["x", "dy"])
def test_what_is_not_finite_reaches_only_its_windows(tensor, value):
    inputs = dict(reference(CASES[1], "float32", 0).inputs)
    inputs[tensor] = inputs[tensor].copy()
    inputs[tensor][1, 2, 4, 5] = value
    layers = [CASES[1].build(scratch, inputs) for _ in range(2)]
    for layer, layer.algorithm in zip(layers, ("banded", "im2col"), strict=True):
        with np.errstate(all="ignore"):
            layer.y = layer(inputs["x"])
            layer.dx = layer.backward(inputs["dy"])
    assert layers[0].ran == ("im2col" if tensor == "x" else "banded")
    for ours, direct in zip(*([each.y, each.dx, each.weight.grad] for each in layers), strict=True):
        np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(direct))


def test_large_images_are_left_to_im2col():
    layer = scratch.Conv2d(2, 2, 3)
    layer.algorithm = "banded"
    layer(np.ones((1, 2, 300, 300), np.float32))
    assert layer.ran == "im2col"


def test_groups_are_refused():
    layer = scratch.Conv2d(2, 2, 3, groups=2)
    layer.algorithm = "banded"
    with pytest.raises(ValueError, match="algorithm='banded'"):
        layer(np.ones((1, 2, 8, 8), np.float32))
