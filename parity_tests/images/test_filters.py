"""Filters against loops of our own, over methods, borders, paddings, strides, dtypes, kernel sizes and layouts."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tests.images.referees import agrees, brute_force, law
from scratch.images import choose_method, convolve2d, correlate2d, output_size
from scratch.images.borders import BORDERS
from scratch.images.filters import METHODS, padding_of
from scratch.images.layout import working_dtype


def draw(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    if np.dtype(dtype) == bool:
        return rng.integers(0, 2, shape).astype(bool)
    info = np.iinfo(dtype)
    return rng.integers(max(info.min, -1000), min(info.max, 1000), shape, dtype, endpoint=True)


def kernel_for(method, size, dtype, seed=1):
    """Random numbers; for "separable" a column times a row, in the dtype that is computed in."""
    if method != "separable":
        return draw(size, dtype, seed)
    column, row = draw((size[0], 1), dtype, seed), draw((1, size[1]), dtype, seed + 1)
    return column * row


def check(function, image, kernel, method, stride=(1, 1), padding="same", border="zero"):
    """Run one case and judge each plane."""
    dtype = working_dtype(image.dtype)
    flip = function is convolve2d
    sides = padding_of(padding, kernel.shape, flip)
    got = function(image, kernel, stride=stride, padding=padding, border=border, method=method)
    used = kernel.astype(dtype)
    name = choose_method(image, kernel, stride=stride, padding=padding) if method == "auto" else method
    layers = [(got, image)]
    if image.ndim > 2:
        lead = [()] if image.ndim == 3 else [(n,) for n in range(len(image))]
        layers = [(got[(*n, ..., c)], image[(*n, ..., c)]) for n in lead for c in range(image.shape[-1])]
    assert got.ndim == image.ndim
    for y, plane in layers:
        want = brute_force(plane, used, stride, sides, border, flip)
        A = brute_force(np.abs(plane.astype(np.float64)), np.abs(used), stride, sides, border, flip)
        H, W = (n + sum(side) for n, side in zip(plane.shape, sides, strict=True))
        agrees(y, want, law(name, A, plane, used, dtype, H * W), dtype)


CASES = list(
    itertools.product((correlate2d, convolve2d), METHODS, BORDERS, ("valid", "same", "full", (2, 5)), ((1, 1), (2, 3)))
)


@pytest.mark.parametrize(("function", "method", "border", "padding", "stride"), CASES)
def test_methods_borders_paddings_strides(function, method, border, padding, stride):
    check(function, draw((7, 10), np.float64), kernel_for(method, (3, 4), np.float64), method, stride, padding, border)


@pytest.mark.parametrize("method", [*METHODS, "auto"])
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (3, 1), (2, 2), (3, 3), (4, 5), (5, 4), (7, 6)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int16", "int64", "bool"])
def test_dtypes_and_kernel_sizes(method, size, dtype):
    kernel = kernel_for(method, size, working_dtype(dtype))
    check(correlate2d, draw((9, 7), dtype), kernel, method, border="reflect")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 1), (6, 5, 3), (6, 5, 4), (2, 6, 5, 3), (3, 6, 5, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_layouts(method, shape, dtype):
    kernel = kernel_for(method, (2, 3), working_dtype(dtype))
    check(convolve2d, draw(shape, dtype), kernel, method, border="symmetric")


@pytest.mark.parametrize("method", [*METHODS, "auto"])
def test_a_kernel_wider_than_numpy_s_fast_lengths(method):
    check(correlate2d, draw((20, 31), np.float32), kernel_for(method, (4, 25), np.float32), method)


@pytest.mark.parametrize("method", ["direct", "separable"])
def test_an_image_of_several_blocks_of_rows(method, monkeypatch):
    monkeypatch.setattr("scratch.images.direct.BLOCK_BYTES", 500)
    check(correlate2d, draw((23, 17), np.float64), kernel_for(method, (3, 2), np.float64), method, stride=(2, 1))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_an_image_of_several_tiles(threads, monkeypatch):
    monkeypatch.setattr("scratch.images.by_fft.THREADS", threads)
    monkeypatch.setattr("scratch.images.by_fft.tile_size", lambda out, k: 8)
    check(correlate2d, draw((2, 21, 30, 1), np.float64), draw((3, 4), np.float64), "fft")


@pytest.mark.parametrize("method", ["loops", "direct", "auto"])
def test_integers_are_exact(method):
    image, kernel = draw((12, 9), np.uint8), draw((3, 3), np.int16)
    got = correlate2d(image, kernel, method=method)
    want = brute_force(image, kernel, (1, 1), padding_of("same", (3, 3), False), "zero", False)
    assert np.array_equal(got, want)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_geometry(data):
    def number(low, high, name):
        return data.draw(st.integers(low, high), label=name)

    H, W = number(1, 9, "H"), number(1, 9, "W")
    pH, pW = number(0, 12, "pH"), number(0, 12, "pW")
    kH, kW = number(1, H + 2 * pH, "kH"), number(1, W + 2 * pW, "kW")
    stride = number(1, 5, "sH"), number(1, 5, "sW")
    border = data.draw(st.sampled_from(BORDERS))
    method = data.draw(st.sampled_from([*METHODS, "auto"]))
    kernel = kernel_for(method, (min(kH, 6), min(kW, 6)), np.float64)
    check(correlate2d, draw((H, W), np.float64), kernel, method, stride, (pH, pW), border)
    got = correlate2d(np.zeros((H, W)), kernel, stride=stride, padding=(pH, pW), border=border, method=method)
    assert got.shape == output_size((H, W), kernel.shape, stride, (pH, pW))


def test_images_and_kernels_are_not_changed_and_any_memory_layout_is_taken():
    plain, kernel = draw((8, 6, 3), np.float32), draw((3, 2), np.float32)
    want = correlate2d(plain, kernel)
    odd = [
        np.asfortranarray(plain),
        np.repeat(np.repeat(plain, 2, 0), 3, 1)[::2, ::3],
        plain[::-1, ::-1].copy()[::-1, ::-1],
        plain.astype(">f4"),
    ]
    for image in odd:
        image.flags.writeable = False
        assert np.array_equal(correlate2d(image, np.asfortranarray(kernel)), want)
    before = plain.copy()
    for method in ("loops", "direct", "fft"):
        result = correlate2d(plain, kernel, method=method, padding="valid")
        assert not np.shares_memory(result, plain)
        assert result.flags.c_contiguous
    assert not np.shares_memory(correlate2d(plain, [[1.0]], padding="valid"), plain)
    assert np.array_equal(plain, before)


def test_lists_are_arrays():
    assert correlate2d([[1, 2], [3, 4]], [[2]]).tolist() == [[2, 4], [6, 8]]


def test_an_empty_batch():
    for method in ("loops", "direct", "separable", "fft", "auto"):
        assert correlate2d(np.zeros((0, 8, 6, 3)), np.ones((3, 3)), method=method, stride=2).shape == (0, 4, 3, 3)
