"""Spectrum, phase, and the filters that keep a part."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tests.harness.inputs import real_images
from parity_tests.harness.laws import fourier as laws
from parity_tests.harness.laws.fourier import bound, norm, unit_roundoff
from scratch.images.fourier.dft import dft2d, wave
from scratch.images.fourier.spectrum import from_spectrum, high_pass, low_frequencies, low_pass, phase, spectrum

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12)) | st.tuples(*[st.integers(1, 9)] * 2, st.integers(1, 4))
RADII = st.floats(0, 20)
SEEDS = st.integers(0, 2**32 - 1)
PHOTOGRAPHS = pytest.mark.parametrize("name", ["camera", "astronaut"])  # (90, 120) and (90, 120, 3), uint8

drawn = settings(max_examples=60, deadline=None)


def image(shape, seed, dtype="float64"):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def there_and_back(x):
    """The norm of the error of a transform and its inverse, of each channel."""
    return bound(2 * laws.by_numpy(x.shape[:2]) + 3, x, norm(x))


@drawn
@given(SHAPES.filter(lambda shape: len(shape) == 2), SEEDS)
def test_of_the_definition(shape, seed):
    """Frequency (k, l) stands at row k + H // 2, column l + W // 2."""
    x = image(shape, seed)
    X, size, angle = dft2d(x), spectrum(x), phase(x)
    H, W = shape
    apart = laws.by_definition(x) + bound(laws.by_numpy(shape), x, norm(X))
    for k in range(-(H // 2), H - H // 2):
        for l in range(-(W // 2), W - W // 2):
            at = (k + H // 2, l + W // 2)
            assert abs(size[at] - np.log(1 + abs(X[k, l]))) <= apart + 4 * unit_roundoff(x) * (1 + size[at])
            assert abs(abs(X[k, l]) * np.exp(1j * angle[at]) - X[k, l]) <= 2 * apart + 8 * unit_roundoff(x) * norm(X)


@drawn
@given(SHAPES, SEEDS, st.sampled_from(["float32", "float64"]))
def test_spectrum_and_phase_are_the_whole_image(shape, seed, dtype):
    x = image(shape, seed, dtype)
    size = spectrum(x)
    # exp(s) - 1 of a rounded s errs by (1 + |X|) s u, with s = log(1 + |X|) off by 3 u s, and the angle by 2 pi u
    X = np.expm1(size.astype(np.float64))
    of_the_logarithm = 4 * unit_roundoff(x) * norm((1 + X) * size + 8 * X) / np.sqrt(shape[0] * shape[1])
    got = from_spectrum(size, phase(x))
    assert got.dtype == size.dtype == dtype
    assert norm(got - x) <= there_and_back(x) + of_the_logarithm


@drawn
@given(SHAPES, SEEDS, RADII, st.sampled_from(["float32", "float64"]))
def test_low_and_high_are_the_image(shape, seed, radius, dtype):
    x = image(shape, seed, dtype)
    low, high = low_pass(x, radius), high_pass(x, radius)
    assert low.dtype == high.dtype == dtype
    assert norm(low.astype(np.float64) + high - x) <= 2 * there_and_back(x)


@drawn
@given(SHAPES, SEEDS, RADII)
def test_filtering_twice_changes_nothing(shape, seed, radius):
    x = image(shape, seed)
    low = low_pass(x, radius)
    assert norm(low_pass(low, radius) - low) <= 2 * there_and_back(x)
    assert norm(high_pass(low, radius)) <= 2 * there_and_back(x)


@drawn
@given(st.tuples(st.integers(1, 12), st.integers(1, 12)), RADII)
def test_opposite_frequencies_are_kept_together(size, radius):
    """Else the filtered image would not be real."""
    by_index = np.fft.ifftshift(low_frequencies(size, radius))
    opposite = np.roll(by_index[::-1, ::-1], (1, 1), (0, 1))
    np.testing.assert_array_equal(by_index, opposite)


def test_the_mask_by_hand():
    want = [[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(low_frequencies((5, 6), 1.4), want)
    assert low_frequencies((5, 6), 1.5)[1].tolist() == [False, False, True, True, True, False]


@pytest.mark.parametrize(
    ("k", "l", "radius", "kept"),
    [(3, 0, 3, True), (3, 0, 2.9, False), (0, 4, 4, True), (3, -4, 5, True), (-3, 4, 4.9, False)],
)
def test_a_wave_is_kept_or_not(k, l, radius, kept):
    """sqrt(k^2 + l^2) <= radius."""
    x = wave(k, l, (10, 14)).real
    low, high = low_pass(x, radius), high_pass(x, radius)
    assert norm(low - (x if kept else 0)) <= 2 * there_and_back(x)
    assert norm(high - (0 if kept else x)) <= 2 * there_and_back(x)


@PHOTOGRAPHS
def test_photographs(name):
    """Low frequencies are smooth, high ones edges: neighbours differ less, or more, for the deviations of the whole."""
    photograph = real_images()[name]

    def roughness(x):
        return norm(np.diff(x, axis=1)) / norm(x - x.mean())

    low, high = low_pass(photograph, 10), high_pass(photograph, 10)
    assert roughness(low) < roughness(photograph.astype(float)) < roughness(high)


@PHOTOGRAPHS
@pytest.mark.parametrize("function", [spectrum, phase, lambda x: low_pass(x, 7.5), lambda x: high_pass(x, 7.5)])
def test_numbers_and_memory(function, name):
    """uint8 is as float64; the image is not changed; channels are by themselves."""
    photograph = real_images()[name]
    before, got = photograph.copy(), function(photograph)
    assert (got.dtype, got.shape) == (np.float64, photograph.shape)
    np.testing.assert_array_equal(photograph, before)
    np.testing.assert_array_equal(got, function(photograph.astype(float)))
    x = photograph.astype(np.float16)
    assert function(x).dtype == np.float32
    if photograph.ndim == 3:
        for c in range(3):
            np.testing.assert_allclose(got[..., c], function(photograph[..., c]), rtol=0, atol=1e-9)


@pytest.mark.parametrize("radius", [0, 3, 20])
def test_the_extremes(radius):
    """Radius 0 keeps the mean; the largest keeps everything."""
    x = image((6, 9), seed=4)
    if radius == 0:
        assert norm(low_pass(x, 0) - x.mean()) <= 2 * there_and_back(x)
    if radius == 20:
        assert low_frequencies((6, 9), radius).all()
        assert norm(high_pass(x, radius)) == 0
