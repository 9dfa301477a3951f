"""Filters against scipy.ndimage, scipy.signal and torch: each with its own names and its own idea of the middle."""

import warnings

import numpy as np
import pytest
import torch
from scipy import ndimage, signal

from parity_tests.harness.filter_referees import NDIMAGE_MODE as NDIMAGE
from parity_tests.harness.filter_referees import SIGNAL_BOUNDARY as SIGNAL
from parity_tests.harness.filter_referees import TORCH_MODE as TORCH
from parity_tests.images.referees import agrees, law
from scratch.images import convolve2d, correlate2d
from scratch.images.filters import METHODS

SIZES = [(3, 3), (5, 3), (2, 2), (4, 3), (1, 6), (6, 5)]
IMAGE = np.random.default_rng(0).standard_normal((13, 11))


def kernel_for(method, size):
    rng = np.random.default_rng(1)
    if method == "separable":
        return rng.standard_normal((size[0], 1)) * rng.standard_normal((1, size[1]))
    return rng.standard_normal(size)


def judge(got, want, A, kernel, method, image=IMAGE, dtype=np.float64):
    """The referee's error is of the same kind as ours: direct sums, in float64."""
    H, W = (n + 2 * k for n, k in zip(image.shape, kernel.shape, strict=True))
    agrees(got, want, law(method, A, image, kernel, dtype, H * W), dtype)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("border", NDIMAGE)
@pytest.mark.parametrize(("ours", "theirs"), [(correlate2d, ndimage.correlate), (convolve2d, ndimage.convolve)])
def test_scipy_ndimage(ours, theirs, border, size, method):
    kernel = kernel_for(method, size)
    want, A = (theirs(x, k, mode=NDIMAGE[border]) for x, k in ((IMAGE, kernel), (np.abs(IMAGE), np.abs(kernel))))
    judge(ours(IMAGE, kernel, border=border, method=method), want, A, kernel, method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["valid", "full"])
@pytest.mark.parametrize("border", SIGNAL)
@pytest.mark.parametrize(("ours", "theirs"), [(correlate2d, signal.correlate2d), (convolve2d, signal.convolve2d)])
def test_scipy_signal(ours, theirs, border, mode, size, method):
    kernel = kernel_for(method, size)
    want, A = (
        theirs(x, k, mode=mode, boundary=SIGNAL[border]) for x, k in ((IMAGE, kernel), (np.abs(IMAGE), np.abs(kernel)))
    )
    judge(ours(IMAGE, kernel, padding=mode, border=border, method=method), want, A, kernel, method)


@pytest.mark.parametrize("size", SIZES)
def test_scipy_signal_correlate_has_our_middle(size):
    kernel = kernel_for("direct", size)
    want = signal.correlate(IMAGE, kernel, mode="same", method="direct")
    A = signal.correlate(np.abs(IMAGE), np.abs(kernel), mode="same", method="direct")
    judge(correlate2d(IMAGE, kernel), want, A, kernel, "direct")


def moved(result, size):
    """Drop what a middle at (k - 1) // 2 does not share with one at k // 2: the first row and column if k is even.

    scipy.signal's "same" and torch's lay the kernel one cell further down and right on an even axis, so their result
    at (i, j) is ours at (i + 1, j + 1).
    """
    return result[1 - size[0] % 2 :, 1 - size[1] % 2 :]


def cut(result, size):
    """Leave out the last row and column on an even axis: what `moved` has dropped on the other side."""
    H, W = result.shape
    return result[: H - 1 + size[0] % 2, : W - 1 + size[1] % 2]


@pytest.mark.parametrize("size", SIZES)
def test_the_middle_of_even_kernels_in_scipy_signal_and_torch(size):
    kernel = kernel_for("direct", size)
    ours = moved(correlate2d(IMAGE, kernel), size)
    A = moved(correlate2d(np.abs(IMAGE), np.abs(kernel)), size)
    judge(ours, cut(signal.correlate2d(IMAGE, kernel, mode="same"), size), A, kernel, "direct")
    x, weight = torch.from_numpy(IMAGE)[None, None], torch.from_numpy(kernel)[None, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of the copy that padding an even kernel takes
        theirs = torch.conv2d(x, weight, padding="same")[0, 0].numpy()
    judge(ours, cut(theirs, size), A, kernel, "direct")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("border", TORCH)
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_torch_conv2d_in_colour(dtype, stride, border, method):
    image = np.random.default_rng(2).standard_normal((2, 9, 10, 3)).astype(dtype)
    kernel = kernel_for(method, (3, 4)).astype(dtype)
    if method == "separable":  # rounded to float32, it is still a column times a row
        assert np.linalg.matrix_rank(kernel) == 1

    def referee(x, weight):
        x = torch.from_numpy(x.astype(np.float64)).permute(0, 3, 1, 2)
        x = torch.nn.functional.pad(x, (3, 3, 2, 2), mode=TORCH[border])
        weight = torch.from_numpy(weight.astype(np.float64)).expand(3, 1, 3, 4)
        return torch.conv2d(x, weight, stride=stride, groups=3).permute(0, 2, 3, 1).numpy()

    want, A = referee(image, kernel), referee(np.abs(image), np.abs(kernel))
    got = correlate2d(image, kernel, stride=stride, padding=(2, 3), border=border, method=method)
    agrees(got, want, law(method, A, image, kernel, dtype, 13 * 16), dtype)
