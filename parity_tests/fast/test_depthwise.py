"""Depthwise convolution of planes: geometries, seams of its blocks, and numbers that it must leave to others."""

from itertools import product

import numpy as np
import pytest

import scratch
from parity_tests.fast.test_any_layout import LAYOUTS, run
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge
from scratch.fast import conv_depthwise, depthwise_planes, threads

S = Spec.of
US = IMPLEMENTATIONS["scratch"]
CASES = [
    LayerCase(S("Conv2d", 3, 3, 3, padding=1, groups=3), (2, 3, 17, 19)),  # 5 and 4 rows at a time, and 1 is left
    LayerCase(S("Conv2d", 2, 2, 3, groups=2), (3, 2, 13, 20)),
    LayerCase(S("Conv2d", 2, 2, (4, 7), padding=(2, 5), groups=2, bias=False), (2, 2, 9, 16)),
    LayerCase(S("Conv2d", 2, 2, (5, 2), padding=(3, 1), dilation=(2, 3), groups=2), (2, 2, 11, 22)),
    LayerCase(S("Conv2d", 3, 3, (1, 3), padding=(0, 2), groups=3), (2, 3, 1, 18)),
    LayerCase(S("Conv2d", 3, 3, (3, 1), padding=(2, 0), groups=3), (2, 3, 2, 18)),
    LayerCase(S("Conv2d", 2, 2, 4, padding="same", groups=2), (2, 10, 17)),
    LayerCase(S("Conv2d", 2, 2, 3, padding=1, groups=2), (2, 2, 17, 19), "large mean"),
    LayerCase(S("Conv2d", 2, 2, 3, padding=1, groups=2), (2, 2, 17, 19), "integers"),
]
OTHERS = [
    LayerCase(S("Conv2d", 2, 2, 3, padding=1, groups=2), (2, 2, 17, 19), "nan"),
    LayerCase(S("Conv2d", 2, 2, 3, padding=1, groups=2), (2, 2, 17, 19), "inf"),
    LayerCase(S("Conv2d", 2, 2, 3, padding=1, groups=2), (2, 2, 17, 19), upstream="inf"),
    LayerCase(S("Conv2d", 2, 2, 3, padding=4, groups=2), (2, 2, 17, 19)),
    LayerCase(S("Conv2d", 2, 2, 3, stride=(1, 2), padding=1, groups=2), (2, 2, 17, 19)),
    LayerCase(S("Conv2d", 2, 4, 3, padding=1, groups=2), (2, 2, 17, 19)),
    LayerCase(S("Conv2d", 2, 2, 3, padding=1, groups=2), (0, 2, 17, 19)),
]


@pytest.fixture(autouse=True)
def short_rows(monkeypatch: pytest.MonkeyPatch):
    """Rows as short as those above are long enough."""
    monkeypatch.setattr(depthwise_planes, "LONG_ROW", 1)


def disagreements(case, dtype):
    findings = judge(case, US, dtype, algorithm="depthwise")
    assert {"y", "dx", "dweight"} <= {f.tensor for f in findings}
    return [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES + OTHERS, ids=str)
def test_keeps_its_law(case, dtype):
    assert not disagreements(case, dtype)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_needs_no_other_form(case, monkeypatch: pytest.MonkeyPatch):
    for name in ("multiply_add", "gradients_of_parameters", "add_taps"):
        monkeypatch.delattr(conv_depthwise, name)
    assert not disagreements(case, "float32")


@pytest.mark.parametrize("block_bytes", [1, 900, 7000])
@pytest.mark.parametrize("case", CASES + OTHERS, ids=str)
def test_blocks_of_rows_of_planes_of_images(case, block_bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(depthwise_planes, "BLOCK_BYTES", block_bytes)
    assert not disagreements(case, "float64")


@pytest.mark.parametrize("rows", [1, 3, 16])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_number_of_rows_at_a_time(case, rows, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(depthwise_planes, "ROWS", rows)
    assert not disagreements(case, "float64")


@pytest.mark.parametrize("case", CASES + OTHERS, ids=str)
def test_a_part_for_each_image(case, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(threads, "parts", lambda N, flops: [slice(n, n + 1) for n in range(N)] or [slice(0, 0)])
    assert not disagreements(case, "float32")


@pytest.mark.parametrize(("lies", "dy_lies"), list(product(LAYOUTS, LAYOUTS)))
def test_the_memory_of_x_and_dy_does_not_matter(lies, dy_lies):
    x = np.random.default_rng(0).standard_normal((2, 3, 17, 19))

    def build():
        layer = scratch.Conv2d(3, 3, 3, padding=1, groups=3, dtype=np.float64)
        for parameter in layer.parameters():
            parameter.data[...] = np.random.default_rng(2).standard_normal(parameter.data.shape)
        return layer

    expected = run(build, x, LAYOUTS["NCHW"])
    for got, want in zip(run(build, LAYOUTS[lies](x), LAYOUTS[dy_lies]), expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("weight", [np.inf, np.nan])
def test_filters_that_are_not_finite(weight):
    layer = scratch.Conv2d(2, 2, 3, padding=1, groups=2)
    layer.weight.data[1, 0, 0, 2] = weight
    x = np.ones((2, 2, 17, 19), np.float32)
    with np.errstate(invalid="ignore"):  # infinity meets the zeros of the border
        y = layer(x)
        layer.algorithm = "im2col"
        np.testing.assert_array_equal(y, layer(x))
        dx = layer.backward(y)
        layer.algorithm = "depthwise"
        layer(x)
        np.testing.assert_array_equal(layer.backward(y), dx)
