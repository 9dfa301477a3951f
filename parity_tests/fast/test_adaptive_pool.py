"""The average of whole planes, in both memories, beside NumPy's own mean; equal windows beside the plain pool."""

import numpy as np
import pytest

from scratch.fast import pool
from scratch.fast.adaptive_pool import (
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    adaptive_max_pool2d,
    adaptive_max_pool2d_backward,
    adaptive_max_pool2d_indices,
)
from scratch.fast.layout import nchw_view, nhwc
from scratch.geometry import Window2d

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


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("cells", [(2, 3), (4, 4), (5, 4), (20, 3), (20, 12)])
def test_equal_windows_are_a_max_pool(cells, memory):
    """Few cells and many, ties and a NaN: beside the pool with that window."""
    generator = np.random.default_rng(0)
    x = generator.integers(-3, 4, (3, 5, 20, 12)).astype(np.float32)
    x[1, 2, 3:5, 6] = np.nan
    x = MEMORIES[memory](x)
    out = 20 // cells[0], 12 // cells[1]
    window = Window2d.of(cells, stride=cells)
    y, saved = adaptive_max_pool2d(x, out)
    want, its_saved = pool.max_pool2d(x, window)
    np.testing.assert_array_equal(y, want)
    np.testing.assert_array_equal(adaptive_max_pool2d_indices(saved), pool.max_pool2d_indices(its_saved))
    dy = generator.standard_normal(y.shape).astype(np.float32)
    np.testing.assert_array_equal(adaptive_max_pool2d_backward(dy, saved), pool.max_pool2d_backward(dy, its_saved))
