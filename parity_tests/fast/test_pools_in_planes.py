"""Pools of images that lie in planes with rows long enough: each plane is an image of its own there."""

import numpy as np
import pytest

import scratch
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge
from scratch.fast import blocks

S = Spec.of
CASES = [
    LayerCase(S("MaxPool2d", 2), (2, 3, 9, 37)),
    LayerCase(S("MaxPool2d", 2), (2, 3, 9, 37), data="nan"),
    LayerCase(S("MaxPool2d", (2, 3), (3, 4), padding=1), (3, 2, 11, 70), data="ties"),
    LayerCase(S("MaxPool2d", 3, stride=2, padding=1), (2, 3, 12, 39)),
    LayerCase(S("AvgPool2d", 2), (2, 3, 9, 37)),
    LayerCase(S("AvgPool2d", (3, 2), stride=(2, 1), padding=1), (2, 3, 10, 19)),
    LayerCase(S("AvgPool2d", 3, stride=2, padding=1, count_include_pad=False, ceil_mode=True), (3, 2, 12, 38)),
]


@pytest.mark.parametrize("cache_bytes", [1, 5000, blocks.CACHE_BYTES])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_agrees_with_torch(case: LayerCase, cache_bytes: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "CACHE_BYTES", cache_bytes)
    findings = judge(case, IMPLEMENTATIONS["scratch"], "float32")
    assert not [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("layer", [scratch.MaxPool2d(2), scratch.AvgPool2d(3, 2)], ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_planes_stay_planes(layer: scratch.MaxPool2d | scratch.AvgPool2d, channels: int):
    x = np.zeros((2, channels, 8, 40), np.float32)
    assert layer(x).flags.c_contiguous
    assert layer(np.zeros((0, channels, 8, 40), np.float32)).shape[:2] == (0, channels)


def test_gradients_in_other_memory_than_the_winners():
    x, pool = np.random.default_rng(0).standard_normal((2, 3, 8, 40)), scratch.MaxPool2d(2)
    dy = np.random.default_rng(1).standard_normal(pool(x).shape)
    dx = pool.backward(dy)
    pool(x)
    np.testing.assert_array_equal(pool.backward(np.asfortranarray(dy)), dx)
