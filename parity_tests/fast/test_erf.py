"""Our own error function against the C library's."""

import math

import numpy as np
import pytest

from scratch.fast.erf import LARGEST, NEAR, erf

reference = np.vectorize(math.erf, otypes=[np.float64])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_within_three_and_a_half_epsilons(dtype):
    """Where the forms meet, near 0, and everywhere between."""
    near, far, seam = (
        np.geomspace(1e-30, 1, 20_001),
        np.linspace(0, LARGEST + 1, 70_001),
        np.linspace(0.46, 0.5, 20_001),
    )
    at = [np.nextafter(dtype(where), dtype(side)) for where in (NEAR, LARGEST) for side in (0, 10)]
    x = np.concatenate([near, far, seam, at, [NEAR, LARGEST, 1e30]]).astype(dtype)
    want = reference(x)
    for sign in (1, -1):
        got = erf(sign * x)
        assert got.dtype == dtype
        assert np.all(np.abs(sign * got - want) <= 3.5 * np.finfo(dtype).eps * want)
        assert np.abs(got).max() == 1


def test_what_is_not_finite():
    np.testing.assert_array_equal(erf(np.array([np.inf, -np.inf, np.nan, 0.0])), [1, -1, np.nan, 0])
