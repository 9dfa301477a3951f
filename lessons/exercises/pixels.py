"""The exercises of the lesson "Images are arrays": checks with hints, and solutions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lessons.exercises.answers import Hint, called, compare, number
from lessons.pieces import Verdict, right, wrong
from scratch.array import HostArray
from scratch.images import grayscale

PIXEL = (200, 100, 50)
"""On paper: red, green and blue."""


def on_paper(answer: Any) -> Verdict:
    """The grey level of a pixel, computed on paper."""
    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    if value == grayscale(np.array([[PIXEL]], np.uint8))[0, 0]:
        return right("Three products, a sum, and a rounding.")
    mixed, turned = (grayscale(np.array([[pixel]], float))[0, 0] for pixel in (PIXEL, PIXEL[::-1]))
    if np.isclose(value, mixed):
        return wrong("The sum is right. But a pixel of dtype uint8 is a whole number: round it.")
    if abs(value - turned) < 1:
        return wrong("Red and blue are exchanged. The weights are those of red, green and blue, in this order.")
    if abs(value - sum(PIXEL) / 3) < 1:
        return wrong("This is the mean. The three colours have different weights.")
    if value == sum(PIXEL):
        return wrong("This is the sum without the weights, and more than a uint8 can hold.")
    return wrong("Multiply red by 0.299, green by 0.587 and blue by 0.114, add up, and round.")


def picture_of(*shape: int) -> HostArray:
    """A uint8 array in which dark and bright pixels stand side by side."""
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def crop(function: Callable[..., Any]) -> Verdict:
    """Check a function (picture, top, left, height, width) that cuts out a part."""
    picture = picture_of(9, 12, 3)
    try:
        for top, left, height, width in ((1, 2, 5, 6), (0, 3, 4, 2), (5, 8, 4, 4)):
            expected = picture[top : top + height, left : left + width]
            mistakes = [
                (
                    picture[top:height, left:width],
                    "A slice ends where its second number says, and that is a place, not a length: `top + height`.",
                ),
                (
                    picture[left : left + height, top : top + width],
                    "`top` and `left` are exchanged: the first index is the row.",
                ),
                (
                    picture[left : left + width, top : top + height],
                    "Rows and columns are exchanged: the first index is the row, counted from the top.",
                ),
                (
                    picture[top : top + height + 1, left : left + width + 1],
                    "One row and one column too many: the end of a slice does not belong to it.",
                ),
            ]
            got = called(function, picture, top, left, height, width)
            compare(got, expected, (picture,), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It cuts out the right pixels, in the corner of the picture, too.")


def brighter(function: Callable[..., Any]) -> Verdict:
    """Check a function (picture, by) that adds, and keeps to 0 ... 255."""
    picture = picture_of(4, 5)
    try:
        for by in (100, -60, 255, 0):
            exact = picture.astype(float) + by
            expected = np.clip(exact, 0, 255)
            wrapped = exact % 256
            mistakes = [
                (np.minimum(exact, 255), "It is limited at 255, but `by` may be negative: limit it at 0, too."),
                (np.minimum(exact, 255) % 256, "It is limited at 255, but below 0 it wraps: limit it at 0, too."),
                (wrapped, "It wraps around: the sum is taken in uint8. Go to floating-point numbers before you add."),
                (exact, "It goes beyond 0 ... 255. Limit the sum with `np.clip`."),
            ]
            got = called(function, picture, by)
            compare(got, expected, (picture,), mistakes)
    except Hint as hint:
        return hint.verdict
    if got.dtype != np.uint8:
        return wrong(f"The numbers are right. Their dtype must be uint8; it is {got.dtype}.")
    return right("It keeps to 0 ... 255 on both sides, and stays uint8.")


def batch(function: Callable[..., Any]) -> Verdict:
    """Check a function that makes (N, C, H, W) float32 from 0 to 1 of (N, H, W, C) uint8."""
    photographs = picture_of(2, 4, 5, 3)
    expected = photographs.transpose(0, 3, 1, 2) / np.float32(255)
    scaled = photographs / np.float32(255)
    mistakes = [
        (scaled, "The channels are still the last axis. Exchange the axes with `transpose(0, 3, 1, 2)`."),
        (
            scaled.reshape(expected.shape),
            "The shape is right, but the channels are mixed: `reshape` cuts the memory anew. Take `transpose`.",
        ),
        (scaled.transpose(0, 3, 2, 1), "The last two axes are W and H. A layer wants H first, then W."),
        (expected * 255, "The axes are right. The numbers still run to 255: divide them, so that they run to 1."),
        (
            photographs.transpose(0, 3, 1, 2) // 255,
            "`//` leaves whole numbers, which are 0 nearly everywhere. Divide with `/`.",
        ),
    ]
    try:
        got = called(function, photographs)
        if got.shape == expected.shape and np.allclose(got, expected, rtol=1e-6):
            if got.dtype != np.float32:
                return wrong(f"The numbers are right. A layer computes in float32; the dtype is {got.dtype}.")
            return right("Each channel is a plane, and the layer can take it.")
        compare(got.astype(np.float32), expected, (photographs,), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("Each channel is a plane, and the layer can take it.")


def my_crop(picture: HostArray, top: int, left: int, height: int, width: int) -> HostArray:
    """The solution of the second exercise."""
    return picture[top : top + height, left : left + width]


def my_brighter(picture: HostArray, by: int) -> HostArray:
    """The solution of the third exercise."""
    return np.clip(picture.astype(np.float32) + by, 0, 255).astype(np.uint8)


def my_batch(photographs: HostArray) -> HostArray:
    """The solution of the fourth exercise."""
    return photographs.transpose(0, 3, 1, 2).astype(np.float32) / 255
