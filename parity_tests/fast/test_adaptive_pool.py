"""The average of whole planes, in both memories, beside NumPy's own mean."""

import numpy as np
import pytest

from scratch.fast.adaptive_pool import adaptive_avg_pool2d, adaptive_avg_pool2d_backward
from scratch.fast.layout import nchw_view, nhwc

MEMORIES = {"NCHW": lambda x: x, "NHWC": lambda x: nchw_view(nhwc(x)), "neither": lambda x: x[:, ::-1]}


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("shape", [(5, 7, 201, 151), (3, 4, 1, 5)])
def test_average_of_planes(shape, memory):
    generator = np.random.default_rng(0)
    x, dy = MEMORIES[memory](generator.standard_normal(shape)), generator.standard_normal((*shape[:2], 1, 1))
    y, saved = adaptive_avg_pool2d(x, (1, 1))
    np.testing.assert_allclose(y, x.mean(axis=(2, 3), keepdims=True), rtol=1e-10, atol=1e-14)
    dx = adaptive_avg_pool2d_backward(dy, saved)
    assert dx.strides == (x.strides if memory != "neither" else nchw_view(nhwc(x)).strides)
    np.testing.assert_array_equal(dx, np.broadcast_to(dy / (shape[2] * shape[3]), shape))
