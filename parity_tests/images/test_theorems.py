"""What must hold for any image and kernel: the theorems of convolution, and what each kernel is for."""

import numpy as np
import pytest

from parity_tests.harness.comparison import Law
from parity_tests.images.referees import agrees
from scratch.images import convolve2d, correlate2d, kernels
from scratch.images.borders import BORDERS, pad
from scratch.images.filters import METHODS
from scratch.images.separable import factors

RNG = np.random.default_rng(0)
EPS = np.finfo(np.float64).eps
# Whole numbers, so small that every sum is exact: a theorem then holds to the last bit. Only "fft" rounds.
IMAGE = RNG.integers(-50, 50, (11, 9)).astype(float)
A, B = RNG.integers(-9, 9, (4, 3)).astype(float), RNG.integers(-9, 9, (3, 5)).astype(float)
ROW_A, ROW_B = np.outer([1.0, 2, -3, 4], [1.0, -2, 1]), np.outer([2.0, 1, 5], [1.0, 3, -1, 2, 2])


def pairs(method):
    return (ROW_A, ROW_B) if method == "separable" else (A, B)


def rounding(method, image, *kernels_):
    """No error; for "fft" that of `fft_law`, once for each kernel: it grows by the others' weights."""
    if method != "fft":
        return 0.0
    weight = np.prod([np.abs(kernel).sum() for kernel in kernels_])
    cells = 4 * np.prod([n + 2 * sum(k.shape[axis] for k in kernels_) for axis, n in enumerate(image.shape)])
    return len(kernels_) * (10.2 * np.log2(cells) + 3) * EPS * np.sqrt(cells) * np.abs(image).max() * weight


def same(got, want, bound):
    assert got.shape == want.shape
    assert np.abs(got - want).max() <= bound


@pytest.mark.parametrize("method", METHODS)
def test_commutative(method):
    first, second = pairs(method)
    ab, ba = (convolve2d(x, k, padding="full", method=method) for x, k in ((first, second), (second, first)))
    same(ab, ba, 2 * rounding(method, first, second))


@pytest.mark.parametrize("method", METHODS)
def test_associative(method):
    first, second = pairs(method)
    left = convolve2d(convolve2d(IMAGE, first, padding="full", method=method), second, padding="full", method=method)
    # Where the two kernels are convolved, the result of the separable ones is separable again.
    both = convolve2d(first, second, padding="full", method="direct")
    right = convolve2d(IMAGE, both, padding="full", method=method)
    same(left, right, 2 * rounding(method, IMAGE, first, second))


def test_correlation_is_neither():
    ab, ba = correlate2d(A, B, padding="full"), correlate2d(B, A, padding="full")
    assert not np.array_equal(ab, ba)
    assert np.array_equal(ab, ba[::-1, ::-1])
    left = correlate2d(correlate2d(IMAGE, A, padding="full"), B, padding="full")
    assert not np.array_equal(left, correlate2d(IMAGE, correlate2d(A, B, padding="full"), padding="full"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("function", [correlate2d, convolve2d])
def test_shift_equivariant(function, method):
    kernel, _ = pairs(method)

    def run(image):
        return function(image, kernel, border="circular", method=method)

    moved = np.roll(IMAGE, (2, -3), (0, 1))
    same(run(moved), np.roll(run(IMAGE), (2, -3), (0, 1)), 2 * rounding(method, IMAGE, kernel))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("function", [correlate2d, convolve2d])
def test_linear(function, method):
    kernel, _ = pairs(method)
    other = IMAGE[::-1]
    got = function(2 * IMAGE - 3 * other, kernel, method=method)
    want = 2 * function(IMAGE, kernel, method=method) - 3 * function(other, kernel, method=method)
    same(got, want, 10 * rounding(method, IMAGE, kernel))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("at", [(5, 4), (0, 0), (10, 8)])
def test_impulse_response(method, at):
    """Convolution puts the kernel there, its middle on the impulse; correlation the kernel turned round."""
    kernel, _ = pairs(method)
    impulse = np.zeros((11, 9))
    impulse[at] = 1
    kH, kW = kernel.shape

    def placed(values, middle):
        large = np.zeros((11 + 2 * kH, 9 + 2 * kW))
        top, left = at[0] + kH - middle[0], at[1] + kW - middle[1]
        large[top : top + kH, left : left + kW] = values
        return large[kH:-kH, kW:-kW]

    bound = rounding(method, impulse, kernel)
    middle = kH // 2, kW // 2
    same(convolve2d(impulse, kernel, method=method), placed(kernel, middle), bound)
    turned = kH - 1 - middle[0], kW - 1 - middle[1]
    same(correlate2d(impulse, kernel, method=method), placed(kernel[::-1, ::-1], turned), bound)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (3, 2)])
def test_borders_are_numpy_s(border, size):
    image = RNG.standard_normal((2, *size))
    for widths in (((0, 0), (0, 0)), ((1, 0), (0, 2)), ((7, 9), (11, 5))):
        mode = {"zero": "constant", "replicate": "edge", "circular": "wrap"}.get(border, border)
        assert np.array_equal(pad(image, widths, border), np.pad(image, ((0, 0), *widths), mode=mode))


def test_kernels_cannot_be_changed_and_do_what_they_say():
    flat, slope = np.full((7, 7), 3.0), np.arange(7.0) + np.zeros((7, 1))

    def inside(image, name):
        return correlate2d(image, kernels.KERNELS[name], padding="valid")

    for name, kernel in kernels.KERNELS.items():
        assert kernel.dtype == np.float64, name
        assert not kernel.flags.writeable, name
    keep = {"identity", "box blur", "gaussian", "sharpen", "emboss"}  # they add up to 1, the others to 0
    for name in kernels.KERNELS:
        law = Law(np.full((5, 5), 12 * EPS * 3), np.full((5, 5), EPS * 3))
        agrees(inside(flat, name), np.full((5, 5), 3.0 if name in keep else 0.0), law, np.float64)
    for name, kernel in kernels.KERNELS.items():
        assert (factors(kernel) is not None) == (np.linalg.matrix_rank(kernel) == 1), name
    assert np.array_equal(correlate2d(IMAGE, kernels.IDENTITY), IMAGE)
    for name in ("laplacian", "outline", "box edge"):
        assert not inside(slope, name).any(), name
    assert np.array_equal(inside(slope, "sobel x"), np.full((5, 5), 8.0))
    assert not inside(slope, "sobel y").any()
    assert np.array_equal(inside(slope.T, "sobel y"), np.full((5, 5), 8.0))
    assert np.array_equal(inside(slope, "vertical edge"), np.full((5, 5), 6.0))
    assert not inside(slope, "horizontal edge").any()
    assert np.array_equal(inside(slope.T, "horizontal edge"), np.full((5, 5), 6.0))
    assert np.array_equal(kernels.OUTLINE, -kernels.BOX_EDGE)
    assert np.array_equal(kernels.SHARPEN, kernels.IDENTITY - kernels.LAPLACIAN)


def test_the_first_tutorial_s_sizes_and_step():
    step = np.repeat([[0.0] * 4 + [1.0] * 4], 8, axis=0)
    edge = kernels.VERTICAL_EDGE
    assert correlate2d(step, edge, padding="valid").tolist() == [[0, 0, 3, 3, 0, 0]] * 6
    sizes = [("valid", 1, 6), ("same", 1, 8), ("valid", 2, 3), (1, 2, 4)]
    for padding, stride, size in sizes:
        assert correlate2d(step, edge, padding=padding, stride=stride).shape == (size, size)
