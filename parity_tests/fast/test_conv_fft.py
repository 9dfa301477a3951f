"""Convolution through spectra: geometries, its own law, and numbers that it must leave to others."""

import tracemalloc

import numpy as np
import pytest

import scratch
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.inputs import layouts
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge, reference
from scratch.fast import conv_fft, threads

S = Spec.of
US = IMPLEMENTATIONS["scratch"]
CASES = [
    LayerCase(S("Conv2d", 2, 3, (7, 9), padding=(3, 5)), (2, 2, 19, 23)),
    LayerCase(S("Conv2d", 2, 3, (9, 7), padding=(9, 8)), (2, 2, 12, 11)),  # more than dx needs: it is cut
    LayerCase(S("Conv2d", 1, 1, (11, 8), bias=False), (1, 1, 150, 140)),  # several tiles each way
    LayerCase(S("Conv2d", 4, 6, (8, 7), groups=2, padding="same"), (2, 4, 17, 13)),
    LayerCase(S("Conv2d", 3, 3, 13, groups=3, padding=6), (2, 3, 14, 20)),
    LayerCase(S("Conv2d", 5, 2, (8, 9)), (5, 11, 12)),
    LayerCase(S("Conv2d", 2, 3, 7), (0, 2, 9, 10)),
    LayerCase(S("Conv2d", 2, 3, (7, 8)), (2, 2, 12, 13), "large mean"),
    LayerCase(S("Conv2d", 1, 4, (7, 8)), (1, 1, 24, 17), "images"),
    LayerCase(S("Conv2d", 2, 3, (7, 8), padding=1), (2, 2, 12, 13), "integers"),
    LayerCase(S("Conv2d", 2, 3, (7, 8)), (2, 2, 12, 13), "nan"),
    LayerCase(S("Conv2d", 2, 3, (7, 8)), (2, 2, 12, 13), "inf"),
    LayerCase(S("Conv2d", 2, 3, (7, 8)), (2, 2, 12, 13), upstream="inf"),
]


def disagreements(case, dtype, layout=None, algorithm="fft"):
    findings = judge(case, US, dtype, algorithm=algorithm, layout=layout)
    assert {"y", "dx", "dweight"} <= {f.tensor for f in findings}
    return [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


FINITE = [case for case in CASES if case.data not in ("nan", "inf") and 0 not in case.shape]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", FINITE, ids=str)
def test_keeps_its_law(case, dtype):
    assert not disagreements(case, dtype)


@pytest.mark.parametrize("case", [case for case in CASES if case not in FINITE], ids=str)
def test_what_is_not_finite_is_left_to_im2col(case):
    inputs = reference(case, "float32", 0).inputs
    layer = case.build(scratch, inputs)
    layer.algorithm = "fft"
    with np.errstate(all="ignore"):
        layer(inputs["x"])
    assert layer.ran == "im2col"
    assert not disagreements(case, "float32", algorithm="im2col")


@pytest.mark.parametrize("case", FINITE, ids=str)
def test_in_the_smallest_blocks_and_one_part_for_each_tile(case, monkeypatch):
    monkeypatch.setattr(conv_fft, "BLOCK_BYTES", 1)
    monkeypatch.setattr(threads, "parts", lambda N, flops: [slice(n, n + 1) for n in range(N)])
    assert not disagreements(case, "float32")


@pytest.mark.parametrize("case", FINITE[:4], ids=str)
def test_in_any_memory_layout(case):
    for place in layouts(np.asarray).values():
        assert not disagreements(case, "float32", place)


def test_an_infinite_dy_reaches_only_its_window():
    case = CASES[-1]
    inputs = reference(case, "float32", 0).inputs
    layers = [case.build(scratch, inputs) for _ in range(2)]
    for layer, layer.algorithm in zip(layers, ("fft", "im2col"), strict=True):
        with np.errstate(all="ignore"):
            layer(inputs["x"])
            layer.dx = layer.backward(inputs["dy"])
    np.testing.assert_array_equal(*(np.isfinite(layer.dx) for layer in layers))


@pytest.mark.parametrize(("one", "other"), [(1e36, 1e-3), (1e-3, 1e36), (1e18, 1e18)])
def test_numbers_whose_spectra_would_overflow_are_left_to_im2col(one, other):
    layer = scratch.Conv2d(1, 1, 7, bias=False)
    layer.algorithm = "fft"
    layer.weight.data = np.full((1, 1, 7, 7), other, np.float32)
    y = layer(np.full((1, 1, 20, 21), one, np.float32))
    assert layer.ran == "im2col"
    np.testing.assert_allclose(y, 49 * one * other, rtol=1e-5)


@pytest.mark.parametrize("wrong", [{"kernel_size": 6}, {"stride": 2}, {"dilation": 2}, {"kernel_size": (129, 1)}])
def test_what_it_does_not_serve_is_refused(wrong):
    layer = scratch.Conv2d(1, 1, **{"kernel_size": 7} | wrong)
    layer.algorithm = "fft"
    with pytest.raises(ValueError, match="algorithm='fft'"):
        layer(np.zeros((1, 1, 140, 20), np.float32))


def test_memory_stays_bounded():
    layer = scratch.Conv2d(16, 32, 15, padding=7)
    layer.algorithm = "fft"
    x = np.random.default_rng(0).random((3, 16, 150, 140), np.float32)
    tracemalloc.start()
    try:
        y = layer(x)
        forward = tracemalloc.get_traced_memory()[1] - y.nbytes
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        dx = layer.backward(y)
        backward = tracemalloc.get_traced_memory()[1] - before - dx.nbytes
    finally:
        tracemalloc.stop()
    assert max(forward, backward) < 64 * 2**20
