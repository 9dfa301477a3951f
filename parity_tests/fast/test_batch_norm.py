"""Sums over many pixels are as accurate as pairwise ones; the suite's cases are too small to tell that from less."""

import numpy as np
import pytest

import scratch
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge
from scratch.fast.batch_norm import batch_statistics
from scratch.fast.channels import sums_of_columns


@pytest.mark.parametrize(("pixels", "C"), [(21845, 3), (2048, 64), (10007, 1), (6, 2), (1, 3)])
def test_sums_of_positive_numbers(pixels, C):
    x = (np.random.default_rng(0).standard_normal((pixels, C)) + 1000).astype(np.float32)
    error = sums_of_columns(x) - x.sum(axis=0, dtype=np.float64)
    index = np.sqrt(np.mean(np.square(error / x.sum(axis=0, dtype=np.float64)))) / np.finfo(np.float32).eps
    assert index < 1


@pytest.mark.parametrize("shape", [(2, 3, 97, 101), (5, 64, 23, 29)], ids=str)
@pytest.mark.parametrize("data", ["normal", "large mean"])
def test_agrees_with_torch_over_several_blocks(shape, data):
    case = LayerCase(Spec.of("BatchNorm2d", shape[1]), shape, data)
    for finding in judge(case, IMPLEMENTATIONS["scratch"], "float32", algorithm="blocks"):
        assert finding.ours.verdict.agrees, (finding.tensor, finding.ours)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_one_channel_far_from_zero(layout):
    """Its variance is lost if its squares are added up as they are; and it does not change what the others give."""
    x = np.random.default_rng(0).standard_normal((3, 5, 19, 23), np.float32)
    x[:, 2] = 1000 + x[:, 1]
    if layout == "NHWC":
        x = x.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2)
    mean, var = batch_statistics(x)
    np.testing.assert_allclose(mean, x.mean(axis=(0, 2, 3), dtype=np.float64), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(var, x.var(axis=(0, 2, 3), dtype=np.float64), rtol=1e-6)


def test_an_infinite_gradient_is_not_lost():
    """Added up before the mean is subtracted, it would be infinity - infinity."""
    layer = scratch.BatchNorm2d(2).eval()
    layer.running_mean.data = np.array([0.5, 0.5], np.float32)
    x = np.ones((1, 2, 3, 3), np.float32)
    dy = np.ones_like(x)
    dy[0, 1, 2, 2] = np.inf
    layer(x)
    layer.backward(dy)
    assert layer.weight.grad.tolist() == [pytest.approx(4.5, rel=1e-4), np.inf]
