"""Our own normal distribution in float32 against the C library's error function."""

import math

import numpy as np
import pytest

from scratch.fast.normal import odds_against


def probability(x):
    square, odds = np.empty_like(x), np.empty_like(x)
    with np.errstate(over="ignore"):
        odds_against(x, square, odds)
        np.testing.assert_array_equal(square, x * x)
        return 1 / (1 + odds)


def test_within_an_epsilon_and_a_quarter():
    """Where it was fitted, where it was not, and where x**2 or its powers overflow."""
    far = np.geomspace(1e-30, 1e30, 20_001)
    x = np.concatenate([np.linspace(-14, 14, 700_001), far, -far]).astype(np.float32)
    want = np.array([math.erfc(-number / math.sqrt(2)) / 2 for number in x.tolist()])
    assert np.abs(probability(x) - want).max() <= 1.25 * np.finfo(np.float32).eps


@pytest.mark.parametrize(("x", "want"), [(np.inf, 1), (-np.inf, 0), (np.nan, np.nan), (0, 0.5)])
def test_at_the_ends_and_in_the_middle(x, want):
    np.testing.assert_allclose(probability(np.array([x], np.float32)), [want], rtol=1e-7)
