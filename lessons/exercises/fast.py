"""The exercises of the lesson "From loops to GEMM": checks with hints, and solutions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lessons.exercises.answers import Hint, called, compare, number
from lessons.pieces import Verdict, right, wrong
from scratch.array import HostArray, to_host
from scratch.fast.conv import im2col
from scratch.fast.cook_toom import arrays, cook_toom
from scratch.fast.winograd import TWO
from scratch.geometry import Window2d


def layer_columns(x: HostArray, k: int) -> HostArray:
    """What the library gives for one picture (C, H, W), stride 1, no padding."""
    outH, outW = x.shape[1] - k + 1, x.shape[2] - k + 1
    columns: HostArray = to_host(im2col(x[None], Window2d.of(k), slice(0, outH), outW, groups=1))[0, 0]
    return columns


COLUMNS = layer_columns(np.zeros((3, 10, 12)), 3).size
"""On paper: the size of the matrix of columns."""


def on_paper(answer: Any) -> Verdict:
    """How many numbers the columns of a picture of 3 channels, 10x12, are, for 3x3."""
    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    if value == COLUMNS:
        return right("A row for each channel and tap, a column for each window.")
    hints = {
        3 * 9 * 10 * 12: "Without padding there are fewer windows than pixels: n − k + 1 along each axis.",
        9 * 8 * 10: "A window goes through all three channels.",
        3 * 10 * 12: "That is the picture itself. Each pixel stands in several columns.",
        3 * 9: "That is one column. How many windows are there?",
        8 * 10: "That is the number of windows. How long is the column of each?",
    }
    return wrong(hints.get(int(value), "As many rows as a window has numbers, as many columns as there are windows."))


def columns(function: Callable[..., Any]) -> Verdict:
    """Check a function (x, k) that returns im2col of one picture (C, H, W)."""
    draw = np.random.default_rng(0).integers
    try:
        for size, k in (((2, 4, 5), 2), ((1, 5, 3), 3), ((3, 6, 4), 3)):
            x = draw(0, 100, size).astype(float)
            expected = layer_columns(x, k)
            split = expected.reshape(size[0], k, k, -1)
            mistakes = [
                (expected.T, "Rows and columns are exchanged: a window is a column."),
                (split.transpose(1, 2, 0, 3).reshape(expected.shape), "The channel comes first: rows are (c, u, v)."),
                (split.swapaxes(1, 2).reshape(expected.shape), "u and v are exchanged: u runs down the picture."),
                (expected[::-1], "The taps run backwards. Row 0 is channel 0, tap (0, 0)."),
            ]
            compare(called(function, x, k), expected, (x,), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what im2col of the library gives, for three sizes.")


class Counted:
    """A number that counts its products with others like it."""

    def __init__(self, value: float, products: list[int]) -> None:
        self.value, self.products = value, products

    def __add__(self, other: "Counted | float") -> "Counted":
        return Counted(self.value + value_of(other), self.products)

    __radd__ = __add__

    def __neg__(self) -> "Counted":
        return Counted(-self.value, self.products)

    def __sub__(self, other: "Counted | float") -> "Counted":
        return self + -other

    def __rsub__(self, other: float) -> "Counted":
        return -self + other

    def __mul__(self, other: "Counted | float") -> "Counted":
        self.products[0] += isinstance(other, Counted)
        return Counted(self.value * value_of(other), self.products)

    __rmul__ = __mul__

    def __truediv__(self, other: float) -> "Counted":
        return Counted(self.value / other, self.products)


def value_of(number: "Counted | float") -> float:
    """Without the counting."""
    return number.value if isinstance(number, Counted) else number


def outputs(function: Callable[..., Any]) -> Verdict:
    """Check a function (d, g) that returns two outputs, with four products."""
    draw = np.random.default_rng(0).integers
    try:
        for _ in range(3):
            d, g = draw(-4, 5, 4).astype(float), draw(-4, 5, 3).astype(float)
            mistakes = [
                (np.convolve(d, g, "valid"), "This is convolution: g is turned. y[0] begins with d[0] g[0]."),
                (np.correlate(d, g, "valid")[::-1], "The two outputs are exchanged."),
            ]
            compare(called(function, d, g), np.correlate(d, g, "valid"), (d, g), mistakes)
        products = [0]

        def counted(d: HostArray, g: HostArray) -> list[float]:
            """The same, with numbers that count."""
            return [value_of(y) for y in function(*([Counted(float(n), products) for n in each] for each in (d, g)))]

        compare(called(counted, d, g), np.correlate(d, g, "valid"), (d, g), [])
    except Hint as hint:
        return hint.verdict
    if products[0] != 4:
        return wrong(f"The outputs are right, but it makes {products[0]} products of a sum of d and one of g, not 4.")
    return right("Two outputs, four products.")


def whole_row(function: Callable[..., Any]) -> Verdict:
    """Check a function (x, g, A, B, G) that correlates a row, tile by tile."""
    draw = np.random.default_rng(0).integers
    matrices = arrays(cook_toom(2, 3, TWO), np.float64)
    try:
        for n in (10, 4, 8):
            x, g = draw(-4, 5, n).astype(float), draw(-4, 5, 3).astype(float)
            expected = np.correlate(x, g, "valid")
            apart, first = np.zeros(n - 2), np.zeros(n - 2)
            first[:2] = expected[:2]
            for i in range(0, n - 3, 4):
                apart[i : i + 2] = expected[i : i + 2]
            mistakes = [
                (first, "Only the first tile is there."),
                (apart, "Tiles overlap: they are 4 cells long, and begin every 2."),
                (np.convolve(x, g, "valid"), "The taps are turned."),
            ]
            got = called(function, x, g, *matrices)
            compare(got, expected, (x, g), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what np.correlate gives, for rows of 4, 8 and 10 cells.")


def my_columns(x: HostArray, k: int) -> HostArray:
    """The solution of the second exercise."""
    C, H, W = x.shape
    outH, outW = H - k + 1, W - k + 1
    rows = [x[c, u : u + outH, v : v + outW].ravel() for c, u, v in np.ndindex(C, k, k)]
    return np.array(rows)


def my_outputs(d: HostArray, g: HostArray) -> list[Any]:
    """The solution of the third exercise."""
    p0 = (d[0] - d[2]) * g[0]
    p1 = (d[1] + d[2]) * ((g[0] + g[1] + g[2]) / 2)
    p2 = (d[2] - d[1]) * ((g[0] - g[1] + g[2]) / 2)
    p3 = (d[3] - d[1]) * g[2]
    return [p0 + p1 + p2, p1 - p2 + p3]


def my_row(x: HostArray, g: HostArray, A: HostArray, B: HostArray, G: HostArray) -> HostArray:
    """The solution of the fourth exercise."""
    y = np.zeros(len(x) - 2)
    for i in range(0, len(y), 2):
        y[i : i + 2] = A.T @ ((G @ g) * (B @ x[i : i + 4]))
    return y
