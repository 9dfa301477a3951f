"""Pooling of plain images: against numpy's reductions and torch, and what it does to an image that moves."""

import numpy as np
import pytest
import torch

from parity_tests.harness.laws.base import sum_of_products
from parity_tests.images.referees import agrees
from scratch.images import average_pool, max_pool, translation_invariance

RNG = np.random.default_rng(0)


def by_windows(image, reduce, window, stride, keep_ragged_edge):
    """Cut out every window of an (H, W, ...) image, and reduce it."""
    (kH, kW), (sH, sW), (H, W) = window, stride, image.shape[:2]

    def starts(n, k, s):
        full = list(range(0, n - k + 1, s))
        return [*full, full[-1] + s] if keep_ragged_edge and full[-1] + k < n and full[-1] + s < n else full

    rows = [[reduce(image[i : i + kH, j : j + kW], axis=(0, 1)) for j in starts(W, kW, sW)] for i in starts(H, kH, sH)]
    return np.array(rows)


@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 3), (6, 8, 1)])
@pytest.mark.parametrize(("window", "stride"), [((2, 2), (2, 2)), ((3, 2), (2, 3)), ((2, 3), (1, 1)), ((1, 2), (3, 2))])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_against_windows_cut_out(shape, window, stride, keep, dtype):
    image = (RNG.standard_normal(shape) * 50 + 100).astype(dtype)
    got = max_pool(image, window, stride, keep_ragged_edge=keep)
    want = by_windows(image, np.max, window, stride, keep)
    assert got.dtype == dtype
    assert np.array_equal(got, want)
    got = average_pool(image, window, stride, keep_ragged_edge=keep)
    exact = image.astype(np.float64)
    result = np.float32 if dtype == np.float32 else np.float64
    info = np.finfo(result)
    mean, A = (by_windows(x, np.mean, window, stride, keep) for x in (exact, np.abs(exact)))
    agrees(got, mean, sum_of_products(A, window[0] * window[1], float(info.eps), float(info.tiny)), result)


def test_a_batch_is_its_images():
    batch = RNG.standard_normal((3, 5, 6, 2))
    for function in (max_pool, average_pool):
        assert np.array_equal(function(batch), np.stack([function(image) for image in batch]))


def test_torch_keeps_the_same_ragged_edge():
    image = RNG.standard_normal((8, 11))
    for keep in (False, True):
        want = torch.nn.functional.max_pool2d(torch.from_numpy(image)[None], (3, 2), (2, 3), ceil_mode=keep)[0]
        assert np.array_equal(max_pool(image, (3, 2), (2, 3), keep_ragged_edge=keep), want.numpy())


def test_a_nan_wins():
    image = np.arange(16.0).reshape(4, 4)
    image[0, 0] = np.nan
    assert np.isnan(max_pool(image)).tolist() == [[True, False], [False, False]]


def test_translation_invariance_in_figures():
    spots = np.zeros((16, 16))
    spots[2::4, 2::4] = RNG.random((4, 4)) + 1
    still, inside, across = translation_invariance(spots, shifts=(0, 1, 2))
    assert still == (0, 0, 0, 0)
    assert inside.image == pytest.approx(np.sqrt(2))  # no pixel where one was: |a - b|^2 = |a|^2 + |b|^2
    assert inside[2:] == (0, 0)
    assert across.max_pooled == pytest.approx(np.sqrt(2))
    noise = RNG.random((64, 64))
    moved = translation_invariance(noise, shifts=(1,))[0]
    assert 0 < moved.max_pooled < moved.image
    assert 0 < moved.average_pooled < moved.image
    colour = translation_invariance(np.repeat(spots[..., None], 3, 2), shifts=(1,))[0]
    assert colour == pytest.approx(inside)
    assert translation_invariance(np.repeat(spots[None, ..., None], 2, 0), shifts=(1,))[0] == pytest.approx(inside)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: max_pool(np.zeros((3, 3)), 4), ValueError, r"kernel_size=\(4, 4\)"),
        (lambda: max_pool(np.zeros((3, 3)), 0), ValueError, r"at least 1"),
        (lambda: average_pool(np.zeros((3, 3)), 2, 0), ValueError, r"stride=0 must be at least 1"),
        (lambda: max_pool(np.zeros((3, 3), bool)), TypeError, r"dtype bool"),
        (lambda: max_pool(np.zeros((3, 3, 7))), ValueError, r"three axes are one colour image"),
        (lambda: average_pool(np.zeros((3, 3), complex)), TypeError, r"dtype complex128"),
        (lambda: translation_invariance(np.zeros((3, 3))), ValueError, r"nothing that could move"),
    ],
)
def test_refusals(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
