"""The numbers and pictures on the page of `python -m scratch.images` are those of the functions."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tests.fourier.tutorial import tutorial_convolve
from parity_tests.images.gallery_page import its_page, part_of_ours, pixels, read_again, small, whole
from scratch.images import correlate2d, kernels, output_size, translation_invariance
from scratch.images.borders import BORDERS
from scratch.images.fourier.convolution import circular_convolve, convolve_fourier
from scratch.images.fourier.spectrum import low_frequencies, low_pass
from scratch.images.gallery import filtered


@pytest.mark.parametrize("name", kernels.KERNELS)
def test_a_kernel(name):
    shown, read = part_of_ours(), read_again()
    part, record = name.replace(" ", "-"), kernels.RECORDS[name]
    text = read.text(part)
    assert text.startswith(f"{name.capitalize()} {record.purpose} ")
    numbers = " ".join(str(number).replace("-", "−") for row in record.rows for number in row)
    assert numbers in text
    assert (f"/ {record.divisor}" in text) == (record.divisor != 1)
    constant = re.search(r"kernels\.(\w+),", text)[1]
    assert getattr(kernels, constant) is kernels.KERNELS[name] is record.array
    assert np.array_equal(record.array, np.array(record.rows) / record.divisor)

    coloured, grey = (correlate2d(image, record.array, border="replicate") for image in (shown.image, shown.grey))
    assert f"becomes {whole(grey.min())} … {whole(grey.max())}." in text
    clipped = correlate2d(shown.image, record.array, border="replicate", clip=(0, 255), dtype=np.uint8)
    drawn = read.pictures[part]
    assert np.array_equal(pixels(drawn[0]), clipped)
    beyond = np.mean((coloured < 0) | (coloured > 255))
    assert (f", {100 * beyond:.1f} % of the numbers clipped" if beyond else "no number beyond") in text
    by_fourier = convolve_fourier(shown.grey, record.array[::-1, ::-1], "replicate")
    if np.array(record.rows).sum():
        both = np.concatenate([grey[:, : 111 // 2], by_fourier[:, 111 // 2 :]], axis=1)
        assert np.array_equal(pixels(drawn[1]), np.rint(np.clip(both, 0, 255)))
    else:
        assert set(np.unique(np.sign(pixels(drawn[1]).astype(int) - 32))) == {-1, 0, 1}
    assert f"Difference , at most {small(np.abs(by_fourier - grey).max())}, in colour" in text


def test_the_numbers_of_sums_and_fourier():
    shown, written, read = part_of_ours(), its_page(), read_again()
    text = read.text("off_by_one")
    largest = []
    for name, kernel in kernels.KERNELS.items():
        turned = kernel[::-1, ::-1]
        grey, colour = (
            np.abs(convolve_fourier(image, turned, "replicate") - correlate2d(image, kernel, border="replicate")).max()
            for image in (shown.grey, shown.image)
        )
        right = correlate2d(shown.grey, turned, border="circular")
        tutorial = tutorial_convolve(shown.grey.astype(float), kernel)
        back = np.roll(tutorial, (1, 1), axis=(0, 1))
        allowed = filtered.rounding(shown.grey, kernel)
        row = [small(grey), small(colour), small(allowed), whole(np.abs(tutorial - right).max())]
        assert f" {name} {' '.join(row)} {small(np.abs(back - right).max())} " in text
        largest += [grey, colour]
    assert written.compared.largest == max(largest)
    assert f"at most {small(max(largest))} grey levels" in read.text("")
    assert "1 2 . . . . 0 row 1" in text
    assert "2 . . . . 0 1 row 2" in text


def test_the_other_numbers():
    shown, read = part_of_ours(), read_again()
    H, W = shown.grey.shape
    sizes = read.text("sizes")
    for k, padding, stride in [(3, "valid", 1), (3, "full", 1), (3, 1, 2), (5, "same", 3), (4, "same", 1)]:
        h, w = output_size((H, W), k, stride, padding)
        assert re.search(rf"{k} × {k} {padding} {stride} \S.* \+ 1 = {h} \S.* \+ 1 = {w} \({h}, {w}\)", sizes)
    for window in (2, 4):
        for moved in translation_invariance(shown.grey, (0, 1, 2, 3, 4, 8), window):
            image, maximum, average = (f"{100 * changed:.1f} %" for changed in moved[1:])
            assert re.search(rf"\b{moved.pixels} {image} .*{maximum} {average}", read.text("pooling"))
    radius = min(H, W) // 4
    waves = read.text("waves")
    assert f"Radius {radius} : {100 * low_frequencies((H, W), radius).mean():.1f} % of" in waves
    assert f"Low-pass : {100 * low_pass(shown.grey, radius).var() / shown.grey.var():.1f} % of" in waves
    assert f"rounded, 0 of {H * W:,} pixels differ" in waves
    by_hand = re.search(r"row (\d+), column (\d+), .* sum (\S+)", read.text("filtered"))
    row, column = int(by_hand[1]), int(by_hand[2])
    assert by_hand[3] == whole(correlate2d(shown.grey, kernels.SOBEL_Y, border="replicate")[row, column])
    differ = correlate2d(shown.grey, kernels.EMBOSS - kernels.EMBOSS[::-1, ::-1], border="replicate")
    assert f"up to {whole(np.abs(differ).max())} grey levels" in read.text("flip")


def test_pooled_pictures():
    """Of the detail that is shown beside them."""
    read = read_again()
    detail, *pooled = map(pixels, read.pictures["pooling"])
    assert detail.shape == (48, 64, 3)
    for got, of, window in zip(pooled, (np.max, np.max, np.mean, np.mean), (2, 4, 2, 4), strict=True):
        blocks = detail.reshape(48 // window, window, 64 // window, window, 3)
        assert np.array_equal(got, np.rint(of(blocks, axis=(1, 3))))


def test_borders():
    """As numpy.pad continues the picture."""
    shown, read = part_of_ours(), read_again()
    modes = ["constant", "edge", "reflect", "symmetric", "wrap"]
    rows, columns = (
        slice(-20, None) if word in read.text("edges") else slice(0, 20) for word in ("the bottom", "right corner")
    )
    for border, mode, drawn in zip(BORDERS, modes, read.pictures["edges"], strict=False):
        want = np.pad(shown.image, ((5, 5), (5, 5), (0, 0)), mode=mode)
        assert np.array_equal(pixels(drawn), want[rows, columns])
        assert f" {border.capitalize()} " in read.text("edges")


@settings(max_examples=40, deadline=None)
@given(st.integers(16, 90), st.integers(16, 90), st.sampled_from(list(kernels.KERNELS)), st.integers(0, 2**32 - 1))
def test_rounding_explains_the_two_ways_and_nothing_else(H, W, name, seed):
    """Not one pixel off, not one grey level off: the law is far below both."""
    image = np.random.default_rng(seed).integers(0, 256, (H, W), np.uint8)
    kernel = kernels.KERNELS[name]
    right = correlate2d(image, kernel, border="circular")
    through = circular_convolve(image, kernel[::-1, ::-1])
    allowed = filtered.rounding(image, kernel)
    assert filtered.Compared(through - right, allowed).agrees
    assert not filtered.Compared(np.roll(through, (-1, -1), axis=(0, 1)) - right, allowed).agrees
    assert allowed < 1e-9
