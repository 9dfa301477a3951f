"""Convolution in Fourier space equals convolution by its definition, for odd and even kernels and every border."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tests.fourier.spatial import BORDERS, convolve, surrounded
from parity_tests.fourier.tutorial import tutorial_convolve
from parity_tests.harness.comparison import Law, Verdict, compare
from parity_tests.harness.inputs import real_images
from parity_tests.harness.laws import fourier as laws
from parity_tests.harness.laws.fourier import norm
from scratch.images.filters import convolve2d
from scratch.images.fourier.convolution import circular_convolve, convolve_fourier

LAPLACIAN = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
SOBEL_X = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SOBEL_Y = SOBEL_X.T.copy()
KERNELS = {"Laplacian": LAPLACIAN, "Sobel x": SOBEL_X, "Sobel y": SOBEL_Y}

SEEDS = st.integers(0, 2**32 - 1)
DTYPES = st.sampled_from(["float32", "float64"])
drawn = settings(max_examples=80, deadline=None)
every_border = pytest.mark.parametrize("border", BORDERS)


@st.composite
def images_and_kernels(draw):
    """An image and a kernel no larger, of different heights and widths, odd and even."""
    H, W = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    kH, kW = draw(st.integers(1, H)), draw(st.integers(1, W))
    generator, dtype = np.random.default_rng(draw(SEEDS)), draw(DTYPES)
    return generator.standard_normal((H, W)).astype(dtype), generator.standard_normal((kH, kW)).astype(dtype)


def allowed(image, kernel):
    """The norm of the error of the two ways, of an image with what surrounds it."""
    as_double = image.astype(np.float64)
    return laws.convolution(image, kernel) + laws.convolution_by_sums(as_double, kernel)


@drawn
@given(images_and_kernels())
def test_the_convolution_theorem(drawn):
    image, kernel = drawn
    got = circular_convolve(image, kernel)
    assert got.dtype == image.dtype
    assert norm(got - convolve(image, kernel, "circular")) <= allowed(image, kernel)


@every_border
@drawn
@given(drawn=images_and_kernels())
def test_every_border(border, drawn):
    image, kernel = drawn
    got = convolve_fourier(image, kernel, border)
    assert got.dtype == image.dtype
    cells = surrounded(image, kernel.shape, border)
    assert norm(got - convolve(image, kernel, border)) <= allowed(cells, kernel)
    in_space = convolve2d(image, kernel, border=border, method="loops")
    assert norm(got - in_space) <= laws.convolution(cells, kernel) + laws.convolution_by_sums(cells, kernel)


@every_border
@pytest.mark.parametrize("kernel_size", [(3, 5), (4, 2), (7, 6), (1, 9)], ids=str)
def test_a_kernel_larger_than_the_image(border, kernel_size):
    """With a border there is no limit: padding goes on beyond one image."""
    generator = np.random.default_rng(0)
    image, kernel = generator.standard_normal((2, 4)), generator.standard_normal(kernel_size)
    error = norm(convolve_fourier(image, kernel, border) - convolve(image, kernel, border))
    assert error <= allowed(surrounded(image, kernel.shape, border), kernel)


@pytest.mark.parametrize("kernel_size", [(1, 1), (3, 3), (3, 5), (2, 2), (4, 2), (5, 4), (6, 7)], ids=str)
def test_an_impulse_gives_the_kernel(kernel_size):
    """Its cell (kH // 2, kW // 2) where the impulse was."""
    kH, kW = kernel_size
    kernel = np.random.default_rng(0).standard_normal(kernel_size)
    image, want = np.zeros((11, 14)), np.zeros((11, 14))
    image[5, 6] = 1
    want[5 - kH // 2 : 5 - kH // 2 + kH, 6 - kW // 2 : 6 - kW // 2 + kW] = kernel
    assert norm(circular_convolve(image, kernel) - want) <= laws.convolution(image, kernel)


@pytest.mark.parametrize(
    ("border", "mode"), [("zero", "constant"), ("reflect",) * 2, ("replicate",) * 2, ("circular",) * 2]
)
@pytest.mark.parametrize("kernel_size", [(3, 5), (4, 2), (2, 3)], ids=str)
def test_torch(border, mode, kernel_size):
    """torch's convolution is not flipped, and is padded by hand."""
    photograph = real_images()["camera"][:30, :44].astype(np.float64)
    kernel = np.random.default_rng(0).standard_normal(kernel_size)
    kH, kW = kernel_size
    sides = (kW - 1 - kW // 2, kW // 2, kH - 1 - kH // 2, kH // 2)
    x = torch.nn.functional.pad(torch.from_numpy(photograph)[None, None], sides, mode)
    want = torch.nn.functional.conv2d(x, torch.from_numpy(kernel[::-1, ::-1].copy())[None, None])[0, 0].numpy()
    assert norm(convolve_fourier(photograph, kernel, border) - want) <= allowed(x[0, 0].numpy(), kernel)


@every_border
@pytest.mark.parametrize("kernel_size", [(3, 4), (2, 5)], ids=str)
def test_colours_are_by_themselves(border, kernel_size):
    photograph = real_images()["astronaut"][:30, :41]
    kernel = np.random.default_rng(0).standard_normal(kernel_size)
    got = convolve_fourier(photograph, kernel, border)
    assert (got.shape, got.dtype) == (photograph.shape, np.float64)
    for c in range(3):
        channel = photograph[..., c].astype(np.float64)
        error = norm(got[..., c] - convolve(channel, kernel, border))
        assert error <= allowed(surrounded(channel, kernel_size, border), kernel)


def test_batches():
    generator = np.random.default_rng(0)
    images, kernel = generator.standard_normal((2, 3, 6, 9)), generator.standard_normal((4, 3))
    got = circular_convolve(images, kernel)
    for at in np.ndindex(2, 3):
        assert norm(got[at] - convolve(images[at], kernel, "circular")) <= allowed(images[at], kernel)
    assert circular_convolve(images[:0], kernel).shape == (0, 3, 6, 9)


@drawn
@given(images_and_kernels(), SEEDS)
def test_theorems(drawn, seed):
    """Commutative in effect (the order of two kernels does not matter) and shift-equivariant."""
    image, kernel = (each.astype(np.float64) for each in drawn)
    other = np.random.default_rng(seed).standard_normal(kernel.shape)
    one, two = circular_convolve(image, kernel), circular_convolve(image, other)
    sizes = np.abs(kernel).sum() * np.abs(other).sum()
    per_image = laws.convolution(image, np.ones((1, 1)))  # relative to ||kernel||_1 = 1
    difference = circular_convolve(one, other) - circular_convolve(two, kernel)
    assert norm(difference) <= 4 * per_image * sizes
    moved = circular_convolve(np.roll(image, (2, -3), (0, 1)), kernel)
    assert norm(moved - np.roll(one, (2, -3), (0, 1))) <= 2 * laws.convolution(image, kernel)


@pytest.mark.parametrize(
    ("image", "kernel", "result"),
    [
        ("uint8", "int64", "float64"),
        ("bool", "float32", "float64"),
        ("float16", "float64", "float32"),
        ("float32", "float64", "float32"),
        ("float64", "float32", "float64"),
    ],
)
def test_numbers(image, kernel, result):
    x, k = np.ones((4, 5), image), np.ones((3, 2), kernel)
    assert circular_convolve(x, k).dtype == result
    assert convolve_fourier(x, k, "zero").dtype == result
    np.testing.assert_array_equal(x, np.ones((4, 5)))
    np.testing.assert_array_equal(k, np.ones((3, 2)))


def camera(dtype):
    return real_images()["camera"].astype(dtype)


@pytest.mark.parametrize(("name", "worst"), [("Laplacian", 572), ("Sobel x", 950), ("Sobel y", 1123)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_tutorial_is_one_cell_off(name, worst, dtype):
    """Up and to the left; after moving it back, roundings are left. As measured (the table in tutorial.py)."""
    kernel = KERNELS[name]
    got, want = tutorial_convolve(camera(dtype), kernel), convolve(camera(dtype), kernel, "circular")
    assert np.abs(got - want).max() == pytest.approx(worst, abs=0.01)
    assert np.abs(np.roll(got, (1, 1), (0, 1)) - want).max() < 10 * np.finfo(dtype).eps * worst


@pytest.mark.parametrize("kernel_size", [(2, 4), (4, 2)], ids=str)
def test_the_tutorial_is_right_for_even_sizes(kernel_size):
    """-4 // 2 is -(4 // 2): there is nothing to round."""
    kernel = np.random.default_rng(0).standard_normal(kernel_size)
    got = tutorial_convolve(camera("float64"), kernel)
    assert norm(got - convolve(camera("float64"), kernel, "circular")) <= allowed(camera("float64"), kernel)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_parity_check_catches_the_tutorial(name, dtype):
    """The suite's comparison, under the law of this convolution."""
    image, kernel = camera(dtype), KERNELS[name].astype(dtype)
    want = convolve(image, kernel, "circular")
    hard = np.full(want.shape, allowed(image, kernel))
    law = Law(hard, np.full(want.shape, np.finfo(dtype).eps * np.abs(kernel).sum() * norm(image) / image.size**0.5))
    theirs, ours = tutorial_convolve(image, kernel), circular_convolve(image, kernel)
    assert compare(ours, want, law, dtype).verdict.agrees
    assert compare(theirs, want, law, dtype).verdict == Verdict.WRONG
    assert compare(np.roll(theirs, (1, 1), (0, 1)), want, law, dtype).verdict.agrees
