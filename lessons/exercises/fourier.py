"""The exercises of the lesson "Fourier: pictures as waves": checks with hints, and solutions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lessons.exercises.answers import Hint, called, compare, number
from lessons.pieces import Verdict, right, wrong
from scratch.array import HostArray
from scratch.images import convolve2d
from scratch.images.fourier import fft
from scratch.images.fourier.convolution import circular_convolve
from scratch.images.gallery.off_by_one import tutorial_convolve

FOUR = np.array([[3, 1, 4, 2]])
"""On paper: a row of numbers."""


def on_paper(answer: Any) -> Verdict:
    """X[2] of four numbers, on paper."""
    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    X = fft.fft(FOUR[0])
    if value == X[2].real:
        return right("The fastest wave of four numbers changes its sign with each.")
    hints = {
        float(X[0].real): "This is X[0], the sum. Wave 2 has the signs + − + −.",
        float(X[1].real): "This is the real part of X[1]. Wave 2 turns by half a turn from one number to the next.",
        float(-X[2].real): "The sign is wrong: every wave begins with exp(0) = 1.",
        float(X[2].real) / 4: "The transform divides by nothing; the way back divides by the number of waves.",
    }
    return wrong(hints.get(value, "exp(−2πi · 2w / 4) is 1, −1, 1, −1 for w = 0, 1, 2, 3. Multiply, and add up."))


def fast_transform(function: Callable[..., Any]) -> Verdict:
    """Check a function (x) that returns the Fourier transform of n numbers, n a power of two."""
    draw = np.random.default_rng(0).standard_normal
    try:
        for n in (8, 1, 2, 32):  # of 8 all mistakes are different
            x = draw(n)
            expected = fft.fft(x)
            mistakes = [
                (np.conj(expected), "The turn goes the wrong way: it is exp(−2πi k / n), with a minus sign."),
                (np.fft.ifft(x), "This is the way back: it turns the other way and divides by n."),
                (expected / n, "It is divided by n. Only the way back is."),
            ]
            if n > 1:
                even, odd, turn = fft.fft(x[::2]), fft.fft(x[1::2]), np.exp(-2j * np.pi * np.arange(n // 2) / n)
                halves = fft.fft(x[: n // 2]), fft.fft(x[n // 2 :])
                mistakes += [
                    (joined(*halves, turn), "E is of the even cells, `x[0::2]`, and not of the first half."),
                    (joined(odd, even, turn), "E and O are exchanged: E is of `x[0::2]`, O of `x[1::2]`."),
                    (joined(even, odd, turn**2), "The turn is exp(−2πi k / n), n the length of the whole, not of O."),
                    (joined(even, odd, turn**0), "O is not turned: it begins one cell later than E."),
                ]
            got = called(function, x)
            compare(got, expected, (x,), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what scratch.images.fourier.fft gives, for 1, 2, 8 and 32 numbers.")


def joined(E: HostArray, O: HostArray, turn: HostArray) -> HostArray:
    """The formula that makes one transform of two."""
    return np.concatenate([E + turn * O, E - turn * O])


def shift(function: Callable[..., Any]) -> Verdict:
    """Check a function (result, right) that returns by how many rows and columns the result must be rolled."""
    draw = np.random.default_rng(0).integers
    try:
        for size, moved in (((4, 6), (1, 2)), ((5, 3), (4, 0)), ((7, 8), (0, 0)), ((9, 6), (1, 1))):
            result = draw(0, 256, size).astype(float)
            arrays = (result, np.roll(result, moved, (0, 1)))
            back = tuple(-n % length for n, length in zip(moved, size, strict=True))
            mistakes = [
                (np.array(back), "This is how `right` must be moved to be like `result`: exchange the two."),
                (np.array(moved[::-1]), "Rows first, then columns."),
                (np.array(moved) - size, "It is right, but counted the other way around: each at least 0."),
            ]
            got = called(function, *arrays)
            if got.shape != (2,):
                return wrong(f"Two numbers are asked for, (rows, columns); the shape of yours is {got.shape}.")
            compare(got, np.array(moved), arrays, mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It finds four different shifts, one of them 0.")


def mended(function: Callable[..., Any]) -> Verdict:
    """Check a function (image, kernel) that gives the circular convolution, the kernel's centre on the pixel."""
    draw = np.random.default_rng(0).integers
    try:
        for size, kernel_size in (((6, 7), (3, 3)), ((7, 5), (2, 4)), ((8, 9), (5, 2))):
            image, kernel = draw(0, 10, size).astype(float), draw(-4, 5, kernel_size).astype(float)
            moved = "The result is shifted"
            mistakes = [
                (tutorial_convolve(image, kernel), f"{moved} by a pixel, as the tutorial's is. What is `-3 // 2`?"),
                (
                    np.roll(circular_convolve(image, kernel), [k // 2 for k in kernel.shape], (0, 1)),
                    f"{moved} down and to the right: the kernel's centre must be rolled to cell (0, 0).",
                ),
                (
                    np.roll(circular_convolve(image, kernel), [2 * (k // 2) for k in kernel.shape], (0, 1)),
                    f"{moved}: the kernel is rolled down and to the right, and not up and to the left.",
                ),
                (
                    circular_convolve(image, turned(kernel)),
                    "The kernel is turned. The product of the spectra is a convolution already, flip and all.",
                ),
                (convolve2d(image, kernel), "This is the linear convolution. Leave the border to the transform."),
            ]
            compare(called(function, image, kernel), circular_convolve(image, kernel), (image, kernel), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what circular_convolve gives, for kernels of odd and of even size.")


def turned(kernel: HostArray) -> HostArray:
    """The kernel turned by 180 degrees."""
    return kernel[::-1, ::-1]


def my_fft(x: HostArray) -> HostArray:
    """The solution of the second exercise."""
    n = len(x)
    if n == 1:
        return x.astype(complex)
    E, O = my_fft(x[0::2]), my_fft(x[1::2])
    turn = np.exp(-2j * np.pi * np.arange(n // 2) / n)
    return np.concatenate([E + turn * O, E - turn * O])


def my_shift(result: HostArray, right: HostArray) -> tuple[int, int]:
    """The solution of the third exercise."""
    H, W = result.shape
    errors = np.zeros((H, W))
    for m, n in np.ndindex(H, W):
        errors[m, n] = abs(np.roll(result, (m, n), axis=(0, 1)) - right).max()
    m, n = divmod(int(np.argmin(errors)), W)
    return m, n


def my_convolve(image: HostArray, kernel: HostArray) -> HostArray:
    """The solution of the fourth exercise."""
    kH, kW = kernel.shape
    placed = np.zeros(image.shape)
    placed[:kH, :kW] = kernel
    placed = np.roll(placed, (-(kH // 2), -(kW // 2)), axis=(0, 1))
    return np.fft.ifft2(np.fft.fft2(image) * np.fft.fft2(placed)).real
