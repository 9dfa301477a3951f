"""The exercises of the lesson "Sliding a kernel": checks with hints, and solutions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lessons.exercises.answers import Hint, called, compare, number
from lessons.pieces import Verdict, right, still_open, wrong
from scratch.array import HostArray
from scratch.images import convolve2d, correlate2d

WINDOW = np.array([[2, 1, 0], [3, 1, 4], [1, 2, 5]])
KERNEL = np.array([[1, 2, 0], [0, -1, 1], [3, 0, 0]])
"""On paper: the pixels under a kernel, and the kernel."""


def one_at(row: int, column: int) -> HostArray:
    """A 3x3 kernel with a single 1."""
    kernel = np.zeros((3, 3))
    kernel[row, column] = 1
    return kernel


SHIFTS = {(rows, columns): one_at(1 - rows, 1 - columns) for rows in (-1, 0, 1) for columns in (-1, 0, 1)}
"""The kernels that move a picture by so many rows down and columns to the right, under cross-correlation."""


def on_paper(answer: Any) -> Verdict:
    """One number of a cross-correlation, computed on paper."""
    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    if value == np.sum(WINDOW * KERNEL):
        return right("Nine products and a sum; that is all a kernel ever does.")
    hints = {
        float(np.sum(WINDOW * KERNEL[::-1, ::-1])): "This is what the kernel gives when it is turned by 180 degrees. "
        "Lay it over the pixels as it is written.",
        float(np.sum(WINDOW * KERNEL.T)): "Rows and columns of the kernel are exchanged.",
        float(np.sum(WINDOW * abs(KERNEL))): "One number of the kernel is negative.",
        float(np.sum(WINDOW @ KERNEL)): "This is no matrix product: each pixel is multiplied by the one number on it.",
    }
    return wrong(hints.get(value, "Multiply each pixel by the number that lies on it, and add up the nine products."))


Sizes = tuple[tuple[int, int], tuple[int, int]]
FITTING: tuple[Sizes, ...] = (((3, 4), (2, 2)), ((5, 7), (2, 3)), ((4, 4), (4, 1)), ((3, 3), (3, 3)))
ODD: tuple[Sizes, ...] = (((4, 5), (3, 3)), ((5, 4), (3, 5)), ((6, 3), (1, 3)))
"""Of pictures and kernels; the first is small, so that a hint is about little."""


def drawn(sizes: tuple[Sizes, ...]) -> list[tuple[HostArray, HostArray]]:
    """Pictures and kernels of these sizes, none of them like its own mirror image."""
    draw = np.random.default_rng(0).integers
    return [(draw(0, 10, size).astype(float), draw(-4, 5, kernel).astype(float)) for size, kernel in sizes]


def correlation(function: Callable[..., Any]) -> Verdict:
    """Check a function (picture, kernel) that cross-correlates where the whole kernel fits."""
    try:
        for picture, kernel in drawn(FITTING):
            flipped = convolve2d(picture, kernel, padding="valid")
            mistakes = [
                (flipped, "This is convolution: the kernel is turned. Multiply by `kernel[u, v]` as it is."),
                (
                    correlate2d(picture, kernel),
                    "This is as large as the picture. Take only the `H - kH + 1` rows where the whole kernel fits.",
                ),
                (
                    correlate2d(picture, kernel, padding="valid")[:-1, :-1],
                    "A row and a column are missing. The kernel fits at `H - kH + 1` places, and not at `H - kH`.",
                ),
            ]
            if kernel.shape[0] == kernel.shape[1]:
                swapped = correlate2d(picture, kernel.T, padding="valid")
                mistakes.append((swapped, "`u` and `v` are exchanged: `u` runs down the rows of both arrays."))
            got = called(function, picture, kernel)
            compare(got, correlate2d(picture, kernel, padding="valid"), (picture, kernel), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what scratch.images.correlate2d gives, for four sizes of picture and kernel.")


def convolution(function: Callable[..., Any]) -> Verdict:
    """Check a function (picture, kernel) that convolves, with zeros around the picture, and keeps its size."""
    try:
        for picture, kernel in drawn(ODD):
            mistakes = [
                (correlate2d(picture, turned), f"{done} The kernel must be turned by 180 degrees: both axes reversed.")
                for turned, done in (
                    (kernel, "The kernel is not turned."),
                    (kernel[::-1], "Only the rows are reversed."),
                    (kernel[:, ::-1], "Only the columns are reversed."),
                    (kernel.T, "The kernel is transposed, that is mirrored at its diagonal."),
                    (kernel.T[::-1], "The kernel is turned by 90 degrees."),
                    (kernel.T[:, ::-1], "The kernel is turned by 90 degrees."),
                )
                if turned.shape == kernel.shape
            ]
            compare(called(function, picture, kernel), convolve2d(picture, kernel), (picture, kernel), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what scratch.images.convolve2d gives.")


def to_the_right(answer: Any) -> Verdict:
    """Check a 3x3 kernel that moves the picture one pixel to the right, under cross-correlation."""
    if answer is None:
        return still_open("Put nine numbers in place of None, and run the cell.")
    try:
        kernel = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return wrong("Nine numbers are asked for, as a list of three rows of three.")
    if kernel.shape != (3, 3):
        return wrong(f"The kernel must have the shape (3, 3); yours has {kernel.shape}.")
    picture = np.random.default_rng(0).integers(1, 10, (4, 6)).astype(float)
    moved = {shift: correlate2d(picture, each) for shift, each in SHIFTS.items()}
    got = correlate2d(picture, kernel)
    if np.array_equal(got, moved[0, 1]):
        return right("Each pixel takes the number to its left, so what was there is now one to the right.")
    if np.array_equal(got, moved[0, -1]):
        return wrong(
            "The picture moves to the left: each pixel takes the number to its right. Under convolution, which turns "
            "the kernel, yours would be right."
        )
    if any(np.array_equal(got, each) for each in moved.values()):
        return wrong("This is not one to the right. From which neighbour must each pixel take its number?")
    if np.count_nonzero(kernel) != 1:
        return wrong("Only one of the nine numbers is not 0: each pixel takes the number of one neighbour.")
    return wrong("The brightness changes. By what must the neighbour be multiplied?")


def my_correlate(picture: HostArray, kernel: HostArray) -> HostArray:
    """The solution of the second exercise."""
    H, W = picture.shape
    kH, kW = kernel.shape
    y = np.zeros((H - kH + 1, W - kW + 1))
    for i in range(H - kH + 1):
        for j in range(W - kW + 1):
            y[i, j] = np.sum(picture[i : i + kH, j : j + kW] * kernel)
    return y


def my_convolve(picture: HostArray, kernel: HostArray) -> HostArray:
    """The solution of the third exercise."""
    return correlate2d(picture, kernel[::-1, ::-1])


MY_KERNEL = [[0, 0, 0], [1, 0, 0], [0, 0, 0]]
"""The solution of the fourth exercise."""
