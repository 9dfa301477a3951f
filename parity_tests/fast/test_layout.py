"""NHWC memory under NCHW shapes."""

import numpy as np
import pytest

from parity_tests.harness.inputs import layouts
from scratch.fast.layout import nchw_view, nhwc, nhwc_view

X = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)


@pytest.mark.parametrize("place", layouts(np.asarray).values(), ids=layouts(np.asarray))
def test_nhwc_is_contiguous_and_has_the_same_numbers(place):
    x = place(X)
    y = nhwc(x)
    assert y.shape == (2, 4, 5, 3)
    assert y.flags.c_contiguous
    assert y[1, 2, 3, 0] == X[1, 0, 2, 3]
    np.testing.assert_array_equal(nchw_view(y), X)
    assert np.shares_memory(nhwc_view(x), x)


def test_nhwc_is_free_where_the_memory_is_so_already():
    y = np.ascontiguousarray(X.transpose(0, 2, 3, 1))
    assert np.shares_memory(nhwc(nchw_view(y)), y)


def test_one_channel_is_free_always():
    assert np.shares_memory(nhwc(X[:, :1].copy()), X) is False
    grey = X[:, :1].copy()
    assert np.shares_memory(nhwc(grey), grey)
