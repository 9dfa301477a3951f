"""Sums over many pixels are as accurate as pairwise ones; the suite's cases are too small to tell that from less."""

import numpy as np
import pytest

from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge
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
