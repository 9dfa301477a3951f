"""Borders that are made of the image: copies to the bit, and backward the exact adjoint, however x lies in memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gpu
import scratch
from scratch import naive
from scratch.array import to_host

MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
LAYOUTS = [(0, 1, 2, 3), (0, 2, 3, 1), (3, 1, 0, 2)]


def lying(x, order):
    """The same numbers, with other axes innermost in memory."""
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))


@st.composite
def bordered(draw):
    """A mode, the size of an image, and a border that it is large enough for."""
    mode = draw(st.sampled_from(sorted(MODES)))
    size = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    most = {"reflect": [n - 1 for n in size], "circular": size, "replicate": (6, 6)}[mode]
    return mode, size, tuple((draw(st.integers(0, n)), draw(st.integers(0, n))) for n in most)


@pytest.mark.parametrize("order", LAYOUTS)
@pytest.mark.parametrize("nn", [naive, scratch, gpu.on_numpy], ids=lambda nn: nn.backend.name)
@given(case=bordered())
def test_it_copies_as_numpy_does_and_sends_back_as_much(nn, order, case):
    mode, size, padding = case
    (algorithm,) = nn.backend.pad2d.values()
    x = np.random.default_rng(1).integers(-9, 9, (2, 3, *size)).astype(np.float32)
    want = np.pad(x, ((0, 0), (0, 0), *padding), MODES[mode])
    y, saved = algorithm.pad2d(nn.asarray(lying(x, order)), padding, mode)
    np.testing.assert_array_equal(to_host(y), want)

    dy = np.random.default_rng(2).integers(-9, 9, want.shape).astype(np.float32)
    dx = to_host(algorithm.pad2d_backward(nn.asarray(lying(dy, order).copy("K")), saved))
    assert dx.shape == x.shape
    assert np.sum(dx * x) == np.sum(dy * want)  # of integers, so that both sums are exact


@pytest.mark.parametrize("mode", MODES)
def test_nhwc_memory_stays_so(mode):
    (algorithm,) = scratch.backend.pad2d.values()
    x = lying(np.zeros((2, 3, 4, 5)), (0, 2, 3, 1))
    y, saved = algorithm.pad2d(x, ((1, 2), (3, 0)), mode)
    assert y.transpose(0, 2, 3, 1).flags.c_contiguous
    assert algorithm.pad2d_backward(y, saved).strides[1] == x.itemsize
