"""The transforms against numpy.fft and torch.fft, and the theorems that each of them must obey."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tests.harness.laws import fourier as laws
from parity_tests.harness.laws.fourier import bound, norm, unit_roundoff
from scratch.images.fourier.dft import dft2d, inverse_dft2d, wave
from scratch.images.fourier.fft import fft, fft2d, inverse_fft, inverse_fft2d

SIZES = st.tuples(st.integers(1, 13), st.integers(1, 13))
POWERS = st.tuples(*[st.sampled_from([1, 2, 4, 8, 16, 32])] * 2)
SEEDS = st.integers(0, 2**32 - 1)
DTYPES = ("float32", "float64", "complex64", "complex128")

drawn = settings(max_examples=40, deadline=None)


def numbers(size: Any, dtype: str, seed: int) -> Any:
    generator = np.random.default_rng(seed)
    x = generator.standard_normal(size) + 1j * generator.standard_normal(size)
    return (x if np.dtype(dtype).kind == "c" else x.real).astype(dtype)


def exact(x: Any, error: Any) -> tuple[Any, float]:
    """numpy.fft's transform in double precision, and the norm of its error."""
    X = np.fft.fft2(x.astype(np.complex128))
    return X, bound(laws.by_numpy(x.shape), X, norm(X)) + error


class Transform(NamedTuple):
    forward: Any
    inverse: Any
    error: Any  # of an image: the norm of the error of its transform
    sizes: Any


def error_of_definition(x):
    return laws.by_definition(x) + unit_roundoff(x) * norm(x) * x.size**0.5  # rounded at the end


def error_of_radix_2(x):
    return bound(laws.by_radix_2(x.shape), x, norm(x) * x.size**0.5)


def error_of_numpy(x):
    return bound(laws.by_numpy(x.shape), x, norm(x) * x.size**0.5)


TRANSFORMS = {
    "definition": Transform(dft2d, inverse_dft2d, error_of_definition, SIZES),
    "radix 2": Transform(fft2d, inverse_fft2d, error_of_radix_2, POWERS),
    "numpy": Transform(np.fft.fft2, np.fft.ifft2, error_of_numpy, SIZES),
}
every_transform = pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


@every_dtype
@every_transform
@drawn
@given(data=st.data(), seed=SEEDS)
def test_forward(transform: Transform, dtype, data, seed):
    x = numbers(data.draw(transform.sizes), dtype, seed)
    before = x.copy()
    got = transform.forward(x)
    want, error_of_want = exact(x, 0.0)
    assert got.dtype == ("complex64" if dtype in ("float32", "complex64") else "complex128")
    assert norm(got - want) <= transform.error(x) + error_of_want
    np.testing.assert_array_equal(x, before)


@every_dtype
@every_transform
@drawn
@given(data=st.data(), seed=SEEDS)
def test_the_inverse_gives_the_image_back(transform: Transform, dtype, data, seed):
    x = numbers(data.draw(transform.sizes), dtype, seed)
    X = transform.forward(x)
    there = transform.error(x) / x.size**0.5
    back = (transform.error(X) + 2 * unit_roundoff(x) * norm(X)) / x.size
    assert norm(transform.inverse(X) - x) <= there + back


@every_transform
@drawn
@given(data=st.data(), seed=SEEDS)
def test_parseval(transform: Transform, data, seed):
    """||X||^2 = H W ||x||^2."""
    x = numbers(data.draw(transform.sizes), "float64", seed)
    of_the_norms = x.size * unit_roundoff(x) * norm(x) * x.size**0.5
    assert abs(norm(transform.forward(x)) - x.size**0.5 * norm(x)) <= transform.error(x) + 2 * of_the_norms


@every_transform
@drawn
@given(data=st.data(), seed=SEEDS)
def test_linear(transform: Transform, data, seed):
    """2 x - 5 y, of small integers: formed without rounding."""
    size = data.draw(transform.sizes)
    x, y = np.random.default_rng(seed).integers(-9, 10, (2, *size)).astype(np.float64)
    combined = 2 * x - 5 * y
    X, Y = transform.forward(x), transform.forward(y)
    rounding = 2 * unit_roundoff(x) * (2 * norm(X) + 5 * norm(Y))
    allowed = transform.error(combined) + 2 * transform.error(x) + 5 * transform.error(y) + rounding
    assert norm(transform.forward(combined) - (2 * X - 5 * Y)) <= allowed


@every_transform
@drawn
@given(data=st.data(), seed=SEEDS, down=st.integers(-20, 20), right=st.integers(-20, 20))
def test_a_shift_is_a_turn(transform: Transform, data, seed, down, right):
    """x moved by (a, b) has the transform X[k, l] exp(-2 pi i (k a / H + l b / W)); its size stays."""
    x = numbers(data.draw(transform.sizes), "float64", seed)
    turned = transform.forward(x) * wave(-down, -right, x.shape)
    allowed = 2 * transform.error(x) + bound(laws.PRODUCT + laws.MU_WAVE, x, norm(turned))
    assert norm(transform.forward(np.roll(x, (down, right), (0, 1))) - turned) <= allowed


@every_transform
@drawn
@given(data=st.data(), seed=SEEDS)
def test_of_a_real_image_opposite_frequencies_are_conjugate(transform: Transform, data, seed):
    """X[-k, -l] = conj(X[k, l])."""
    x = numbers(data.draw(transform.sizes), "float64", seed)
    X = transform.forward(x)
    opposite = np.roll(X[::-1, ::-1], (1, 1), (0, 1))
    assert norm(opposite - X.conj()) <= 2 * transform.error(x)


@every_transform
def test_one_wave_is_one_frequency(transform: Transform):
    x = wave(3, -2, (8, 16))
    want = np.zeros((8, 16))
    want[3, -2] = 8 * 16
    allowed = transform.error(x) + bound(laws.MU_WAVE, x.real, norm(want))
    assert norm(transform.forward(x) - want) <= allowed


def test_by_hand():
    np.testing.assert_allclose(dft2d([[1, 2], [3, 5]]), [[11, -3], [-5, 1]], rtol=0, atol=1e-14)
    np.testing.assert_array_equal(fft2d([[1, 2], [3, 5]]), [[11, -3], [-5, 1]])
    np.testing.assert_allclose(fft([1, 2, 3, 5]), [11, -2 + 3j, -3, -2 - 3j], rtol=0, atol=1e-14)


@every_dtype
@pytest.mark.parametrize("size", [(4, 8), (16, 2), (1, 32)], ids=str)
def test_torch(size, dtype):
    x = numbers(size, dtype, seed=0)
    want = torch.fft.fft2(torch.from_numpy(x.astype(np.complex128))).numpy()
    own = bound(laws.by_numpy(size), want, norm(want))  # torch's library is another, of the same kind
    assert norm(dft2d(x) - want) <= error_of_definition(x) + own
    assert norm(fft2d(x) - want) <= error_of_radix_2(x) + own


@every_dtype
@drawn
@given(length=st.sampled_from([1, 2, 4, 8, 64, 1024]), seed=SEEDS)
def test_one_axis_of_many(dtype, length, seed):
    x = numbers((2, 3, length), dtype, seed)
    X, want = fft(x), np.fft.fft(x.astype(np.complex128))
    for row, got, wanted in zip(x.reshape(6, -1), X.reshape(6, -1), want.reshape(6, -1), strict=True):
        of_want = bound(laws.by_numpy((length,)), wanted, norm(wanted))
        assert norm(got - wanted) <= bound(laws.by_radix_2((length,)), row, norm(wanted)) + of_want
    round_trip = bound(2 * laws.by_radix_2((length,)) + 2, x, norm(x))
    assert norm(inverse_fft(X) - x) <= round_trip


@pytest.mark.parametrize("function", [dft2d, inverse_dft2d, fft2d, inverse_fft2d, fft, inverse_fft])
@pytest.mark.parametrize(
    ("dtype", "result"),
    [("bool", "complex128"), ("uint8", "complex128"), ("int64", "complex128"), ("float16", "complex64")],
)
def test_other_numbers(function, dtype, result):
    x = np.array([[0, 1, 1, 0], [1, 1, 0, 1]], dtype)
    assert function(x).dtype == result
    np.testing.assert_array_equal(function(x), function(x.astype("float32" if dtype == "float16" else "float64")))


@pytest.mark.parametrize("function", [dft2d, inverse_dft2d, fft2d, inverse_fft2d, fft, inverse_fft])
def test_any_memory(function):
    """Read-only, backwards, every second column, columns first."""
    x = numbers((4, 16), "float64", seed=1)
    x.flags.writeable = False
    for view in (x[::-1, ::-2], x.T):
        np.testing.assert_array_equal(function(view), function(view.copy(order="C")))
