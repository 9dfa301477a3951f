"""The bounds are not so wide that anything would pass."""

import numpy as np
import pytest

from parity_tests.harness.laws import fourier as laws
from parity_tests.harness.laws.fourier import bound, norm
from scratch.images.fourier.convolution import circular_convolve
from scratch.images.fourier.fft import fft2d


def image(dtype: str, size: tuple[int, int]):
    """Noise without a mean: in a photograph the one large number X[0, 0] hides the errors of the others."""
    return np.random.default_rng(0).standard_normal(size).astype(dtype)


def fraction_of_bound(name: str) -> float:
    """The error in float32, against numpy.fft in float64."""
    x, kernel = image("float32", (64, 32)), image("float32", (4, 5))
    X = np.fft.fft2(x.astype(np.float64))
    if name == "radix 2":
        return norm(fft2d(x) - X) / bound(laws.by_radix_2(x.shape), x, norm(X))
    if name == "numpy":
        return norm(np.fft.fft2(x) - X) / bound(laws.by_numpy(x.shape), x, norm(X))
    want = circular_convolve(x.astype(np.float64), kernel)
    return norm(circular_convolve(x, kernel) - want) / laws.convolution(x, kernel)


@pytest.mark.parametrize("name", ["radix 2", "numpy", "convolution"])
def test_of_noise_the_error_is_between_a_thousandth_and_all_of_the_bound(name):
    assert 1e-3 < fraction_of_bound(name) < 1


def test_single_precision_is_beyond_the_bounds_of_double():
    x = image("float64", (16, 32))
    X = np.fft.fft2(x)
    in_single = norm(np.fft.fft2(x.astype(np.float32)) - X)
    bounds = (
        bound(laws.by_numpy(x.shape), x, norm(X)),
        bound(laws.by_radix_2(x.shape), x, norm(X)),
        laws.by_definition(x),
    )
    assert in_single > 100 * max(bounds)


def test_factors():
    assert [laws.factors(n) for n in (1, 2, 12, 49, 97, 120)] == [[], [2], [2, 2, 3], [7, 7], [97], [2, 2, 2, 3, 5]]


def test_by_hand():
    """Radix 2, length 8: three steps of mu + 4 sqrt(2); numpy, length 3: sqrt(3) (2 + 2 (2 sqrt(2) + 2))."""
    assert laws.by_radix_2((8,)) == pytest.approx(3 * (2 * np.pi + 2 + 5.65685425))
    assert laws.by_numpy((3,)) == pytest.approx(1.7320508 * (2 + 2 * 4.82842712))
    assert laws.by_numpy((3, 8)) == pytest.approx(laws.by_numpy((3,)) + 3 * laws.by_numpy((2,)))


def test_no_bound_where_numpy_goes_another_way():
    with pytest.raises(ValueError, match="a length of 97 has too large a prime factor"):
        laws.by_numpy((4, 97))
