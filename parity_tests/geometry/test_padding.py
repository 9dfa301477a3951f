import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratch.geometry import pad2d, unpad2d

sides = st.tuples(st.integers(0, 3), st.integers(0, 3))
shapes = st.sampled_from([(3, 4), (2, 3, 4), (2, 1, 4, 3), (0, 2, 3, 4)])


@settings(max_examples=100, deadline=None)
@given(shapes, st.tuples(sides, sides), st.sampled_from([np.float32, np.float64, np.int64, np.uint8]))
def test_pad2d_is_numpys_pad(shape, padding, dtype):
    x = np.arange(np.prod(shape)).reshape(shape).astype(dtype) + dtype(1)
    for value in (0, 7):
        padded = pad2d(x, padding, value)
        widths = [(0, 0)] * (x.ndim - 2) + list(padding)
        np.testing.assert_array_equal(padded, np.pad(x, widths, constant_values=value), strict=True)
    np.testing.assert_array_equal(unpad2d(pad2d(x, padding), padding), x, strict=True)


@pytest.mark.parametrize("padding", [((1, 0), (0, 0)), ((0, 2), (1, 3))])
def test_unpad2d_is_a_view(padding):
    padded = pad2d(np.zeros((2, 3, 4)), padding)
    assert np.shares_memory(unpad2d(padded, padding), padded)


def test_without_padding_nothing_is_copied():
    x = np.ones((2, 3))
    assert pad2d(x, ((0, 0), (0, 0))) is x
