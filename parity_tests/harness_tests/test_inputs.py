"""The numbers that cases are made of are what they are called."""

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from gpu import on_numpy
from parity_tests.harness.inputs import draw, layouts, photographs, real_images
from scratch.array import HostArray, to_host

SHAPE = (3, 4, 10, 20)


def drawn(data: str, seed: int = 0) -> HostArray:
    return draw(data, SHAPE, np.random.default_rng(seed))


def test_the_images_are_real():
    images = real_images()
    shapes = {"camera": (90, 120), "astronaut": (90, 120, 3), "digits": (200, 8, 8), "digit_labels": (200,)}
    assert {name: image.shape for name, image in images.items()} == shapes
    for name in ("camera", "astronaut"):
        assert images[name].dtype == np.uint8
        assert len(np.unique(images[name])) > 200  # a photograph has nearly all grey levels
    assert images["digits"].max() == 16
    assert np.bincount(images["digit_labels"]).min() >= 15


@pytest.mark.parametrize("shape", [(2, 3, 7, 5), (5, 3, 4, 6), (3, 90, 120), (4, 64), (50,)])
def test_photographs_are_windows_of_the_images(shape: tuple[int, ...]):
    """Each plane is found in one of the photographs, to the bit; the planes take turns."""
    x = photographs(shape, np.random.default_rng(3))
    assert x.shape == shape
    images = real_images()
    photos = [images["camera"], *np.moveaxis(images["astronaut"], -1, 0)]
    planes = np.rint(x * 255).astype(np.uint8).reshape(-1, *(shape[-2:] if len(shape) > 1 else (1, *shape)))
    assert np.array_equal(planes / 255, x.reshape(planes.shape))
    for n, plane in enumerate(planes):
        windows = sliding_window_view(photos[n % len(photos)], plane.shape)
        assert (windows == plane).all(axis=(2, 3)).any()


def test_another_generator_cuts_elsewhere():
    assert not np.array_equal(drawn("images", seed=0), drawn("images", seed=1))


def test_digits_are_the_first_ones():
    assert np.array_equal(
        draw("digits", (5, 64), np.random.default_rng(0)) * 16, real_images()["digits"][:5].reshape(5, 64)
    )


def test_normal_numbers():
    x = drawn("normal")
    assert abs(x.mean()) < 0.1
    assert abs(x.std() - 1) < 0.1


@pytest.mark.parametrize(
    ("data", "values"),
    [("integers", [-4, -3, -2, -1, 0, 1, 2, 3, 4]), ("ties", [-1, 0, 1]), ("equal", [0.5])],
)
def test_few_values(data: str, values: list[float]):
    assert np.unique(drawn(data)).tolist() == values


def test_zeros_have_both_signs_among_ties():
    x = drawn("ties")
    assert np.unique(np.signbit(x[x == 0])).tolist() == [False, True]


def test_what_is_not_finite():
    nan, inf, lowest = drawn("nan"), drawn("inf"), drawn("lowest")
    assert 0.05 < np.isnan(nan).mean() < 0.15
    assert not np.isinf(nan).any()
    assert not np.isnan(inf).any()
    assert (inf == np.inf).sum() > 10
    assert (inf == -np.inf).sum() > 10
    assert np.all(lowest[..., : SHAPE[-1] // 2 + 1] == -np.inf)
    assert np.isfinite(lowest[..., SHAPE[-1] // 2 + 1 :]).all()


def test_large_numbers():
    assert drawn("large mean").mean() == pytest.approx(1000, abs=1)
    assert drawn("large mean").std() == pytest.approx(1, abs=0.1)
    assert drawn("large").std() == pytest.approx(1000, abs=100)


def test_unknown_data_is_refused():
    with pytest.raises(ValueError, match="'norml' is unknown"):
        drawn("norml")


@pytest.mark.parametrize("shape", [(2, 3, 4), (5,), (), (0, 3), (3, 1)])
@pytest.mark.parametrize("name", layouts(None))
@pytest.mark.parametrize("asarray", [np.asarray, on_numpy.asarray], ids=["numpy", "on_numpy"])
def test_layouts_hold_the_same_numbers(shape: tuple[int, ...], name: str, asarray: Any):
    x = np.random.default_rng(0).standard_normal(shape)
    placed = layouts(asarray)[name](x)
    assert type(placed) is type(asarray(x))
    assert np.array_equal(to_host(placed), x)


def test_layouts_differ_in_memory():
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    strides = {name: place(x).strides for name, place in layouts(np.asarray).items()}
    assert strides == {
        "contiguous": (96, 32, 8),
        "every other element": (192, 64, 16),
        "Fortran order": (8, 16, 48),
        "backwards": (-96, -32, -8),
    }
