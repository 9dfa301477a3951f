"""Several images in one picture."""

import numpy as np
import pytest

from scratch.images import show_grid
from scratch.images.grid import CELL, GAP, LINE

RAMP = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


def test_every_pixel_is_shown_as_it_is():
    picture = show_grid([RAMP], ["ramp"])
    top, factor = GAP + 2 * LINE, CELL // 4
    shown = picture[top : top + 3 * factor, GAP : GAP + CELL]
    assert np.array_equal(shown[..., 0], RAMP.repeat(factor, 0).repeat(factor, 1))
    assert (picture[GAP : GAP + LINE] < 128).any(), "no title"
    assert (picture[GAP + LINE : top] < 200).any(), "no shape"
    assert (picture[:GAP] == 255).all()


def test_places():
    images = [RAMP, RAMP[..., None].repeat(3, 2), RAMP - 0.5, RAMP > 30, np.zeros((600, 300), np.float32)]
    picture = show_grid(images, columns=2)
    rows, columns = 3, 2
    tallest = 600 // 3  # the largest image, by the whole factor that brings it below CELL
    assert picture.dtype == np.uint8
    assert picture.shape[0] == GAP + rows * (tallest + LINE + GAP)
    assert picture.shape[1] == GAP + columns * (CELL + GAP)


def test_transparency_is_on_white():
    clear = np.zeros((2, 2, 4), np.uint8)
    assert (show_grid([clear])[GAP + LINE :] == 255).all()


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: show_grid([]), ValueError, r"images: there is none to show"),
        (lambda: show_grid([RAMP], ["a", "b"]), ValueError, r"titles: 2 for 1 images"),
        (lambda: show_grid([RAMP], columns=0), ValueError, r"columns=0 must be at least 1"),
        (lambda: show_grid([np.zeros(3)]), ValueError, r"image of shape \(3,\)"),
        (lambda: show_grid([np.full((2, 2), np.nan)]), ValueError, r"NaN and infinities cannot be shown"),
        (lambda: show_grid([np.zeros((2, 2, 2))]), ValueError, r"can be shown"),
    ],
)
def test_refusals(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
