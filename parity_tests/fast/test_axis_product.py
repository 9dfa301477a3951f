"""Maps by matrix products beside the same maps tap by tap, in any memory; and copies beside NumPy's own indices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratch.fast import axis_product, blocks, threads
from scratch.fast.axis_map import LONGEST_RUN, AxisMap, adaptive_windows, apply2d
from scratch.fast.axis_product import product2d
from scratch.fast.layout import nchw_view, nhwc
from scratch.fast.upsample import bilinear, nearest, repeat2d

MEMORIES = {"NCHW": lambda x: x, "NHWC": lambda x: nchw_view(nhwc(x)), "neither": np.asfortranarray}
MAPS = {
    "nearest": lambda n, m: nearest(n, m, None),
    "bilinear": lambda n, m: bilinear(n, m, None, align_corners=False),
    "bilinear, corners": lambda n, m: bilinear(n, m, None, align_corners=True),
    "adaptive": adaptive_windows,
}


def tap_by_tap(x, down, across):
    return np.moveaxis(apply2d(np.moveaxis(x, 1, 3), down, across), 3, 1)


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("adjoint", [False, True])
@given(data=st.data())
def test_products_are_sums_of_taps(memory, adjoint, data):
    size = st.integers(1, 3 * LONGEST_RUN)
    (n, m), (p, q) = (data.draw(st.tuples(size, size)) for _ in range(2))
    down, across = (MAPS[data.draw(st.sampled_from(sorted(MAPS)))](*each) for each in ((n, m), (p, q)))
    if adjoint:
        down, across = down.adjoint, across.adjoint
    x = MEMORIES[memory](np.random.default_rng(n).standard_normal((2, 9, down.n, across.n)))
    np.testing.assert_allclose(product2d(x, down, across), tap_by_tap(x, down, across), rtol=1e-10, atol=1e-11)


@given(n=st.integers(1, 200), m=st.integers(1, 200), name=st.sampled_from(sorted(MAPS)))
def test_runs_are_the_whole_map(n, m, name):
    """Each output once, in order, with the weight of each cell, and no more cells than a run may have."""
    for steps in (MAPS[name](n, m), MAPS[name](n, m).adjoint):
        whole = np.zeros((steps.outputs, steps.n))
        for t, cells in enumerate(steps.cells):
            met = np.flatnonzero(cells >= 0)
            whole[met, cells[met]] += 1 if steps.weights is None else steps.weights[t, met]
        found = np.zeros_like(whole)
        end = 0
        for outputs, cells, matrix in steps.matrices:
            assert outputs.start == end
            end = outputs.stop
            assert matrix.shape[0] == 1 or matrix.shape[1] <= LONGEST_RUN
            found[outputs, cells] = matrix
        assert end == steps.outputs
        np.testing.assert_allclose(found, whole, rtol=1e-15)


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e200])
@pytest.mark.parametrize("sizes", [(7, 12), (12, 7)])
def test_a_number_that_is_not_finite_spoils_only_what_meets_it(sizes, value, memory):
    """1e200 has an infinite square, and is none."""
    x = np.random.default_rng(0).standard_normal((2, 9, sizes[0], 5))
    x[1, 2, 3, 4] = value
    maps = bilinear(*sizes, None, align_corners=False), adaptive_windows(5, 3)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(product2d(MEMORIES[memory](x), *maps), tap_by_tap(x, *maps), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("C", [1, 7, 11])
def test_blocks_threads_and_large_images(C, memory, monkeypatch):
    """Blocks of a few images or planes; few channels, and images beyond the limit, go tap by tap."""
    x = np.random.default_rng(0).standard_normal((7, C, 21, 13))
    maps = bilinear(21, 40, None, align_corners=True), bilinear(13, 31, None, align_corners=False)
    want = tap_by_tap(x / (1 + np.arange(13)), *maps)
    monkeypatch.setattr(threads, "LEAST_FLOPS", 0)
    for cache, limit in ((30_000, 2**30), (2**20, 0)):
        monkeypatch.setattr(blocks, "CACHE_BYTES", cache)
        monkeypatch.setattr(axis_product, "IMAGE_BYTES", limit)
        got = product2d(MEMORIES[memory](x), *maps, divisor=np.ones((21, 1)) * (1 + np.arange(13)))
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


def test_outputs_that_meet_no_cell_are_zero():
    steps = AxisMap(2, np.array([[-1, 0, -1, 1, -1]]))
    y = product2d(np.arange(1.0, 5).reshape(1, 1, 2, 2), steps, steps)
    np.testing.assert_array_equal(y[0, 0], [[0] * 5, [0, 1, 0, 2, 0], [0] * 5, [0, 3, 0, 4, 0], [0] * 5])


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("sizes", [(5, 13), (13, 5), (6, 12), (4, 4)])
@pytest.mark.parametrize("cache", [64, 1500, 2**20])
def test_nearest_copies(cache, sizes, memory, monkeypatch):
    """Blocks of a row, of some rows of an image, and of images; -0.0 and NaN stay what they are."""
    monkeypatch.setattr(blocks, "CACHE_BYTES", cache)
    x = np.random.default_rng(0).standard_normal((3, 2, sizes[0], 4))
    x[0, 0, 0, :2] = -0.0, np.nan
    down, across = nearest(*sizes, None), nearest(4, 7, 1.9)
    got = repeat2d(MEMORIES[memory](x), down, across)
    want = x[:, :, down.cells[0]][..., across.cells[0]]
    assert got.tobytes() == want.tobytes()
