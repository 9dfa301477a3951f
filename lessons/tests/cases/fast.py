"""What the lesson "From loops to GEMM" is tried with."""

import numpy as np

from lessons.exercises import fast


def six(d, g):
    """Two outputs by six products."""
    return [d[0] * g[0] + d[1] * g[1] + d[2] * g[2], d[1] * g[0] + d[2] * g[1] + d[3] * g[2]]


def every_fourth(x, g, A, B, G):
    """Tiles that do not overlap."""
    y = np.zeros(len(x) - 2)
    for i in range(0, len(x) - 3, 4):
        y[i : i + 2] = A.T @ ((G @ g) * (B @ x[i : i + 4]))
    return y


def first_tile(x, g, A, B, G):
    """One tile alone."""
    return np.r_[A.T @ ((G @ g) * (B @ x[:4])), np.zeros(len(x) - 4)]


def in_another_order(order):
    """Columns whose rows are not (c, u, v)."""

    def columns(x, k):
        found = fast.my_columns(x, k)
        return found.reshape(len(x), k, k, -1).transpose(order).reshape(found.shape)

    return columns


ANSWERS = {
    "answer_1": (2160, 720),
    "my_columns": (fast.my_columns, lambda x, k: x),
    "my_outputs": (fast.my_outputs, six),
    "my_row": (fast.my_row, every_fourth),
}

VALUES = [fast.on_paper]
FUNCTIONS = [fast.columns, fast.outputs, fast.whole_row]

RIGHT = [
    (fast.on_paper, 2160),
    (fast.columns, fast.my_columns),
    (fast.outputs, fast.my_outputs),
    (fast.whole_row, fast.my_row),
    (fast.whole_row, lambda x, g, A, B, G: np.correlate(x, g, "valid")),
]

WRONG = [
    (fast.on_paper, 3240, "fewer windows than pixels"),
    (fast.on_paper, 720, "all three channels"),
    (fast.on_paper, 360, "the picture itself"),
    (fast.on_paper, 27, "one column"),
    (fast.on_paper, 80, "the number of windows"),
    (fast.on_paper, 1, "As many rows as"),
    (fast.columns, lambda x, k: fast.my_columns(x, k).T, "a window is a column"),
    (fast.columns, in_another_order((1, 2, 0, 3)), "The channel comes first"),
    (fast.columns, in_another_order((0, 2, 1, 3)), "u and v are exchanged"),
    (fast.columns, lambda x, k: fast.my_columns(x, k)[::-1], "run backwards"),
    (fast.columns, lambda x, k: x, "the shape must be (8, 12); yours is (2, 4, 5)"),
    (fast.outputs, six, "it makes 6 products"),
    (fast.outputs, lambda d, g: np.correlate(d, g, "valid"), "it makes 6 products"),
    (fast.outputs, lambda d, g: np.correlate(np.array(d, float), g, "valid"), "it raises TypeError"),
    (fast.outputs, lambda d, g: np.convolve(d, g, "valid"), "g is turned"),
    (fast.outputs, lambda d, g: six(d, g)[::-1], "exchanged"),
    (fast.outputs, lambda d, g: [0, 0], "must be"),
    (fast.whole_row, first_tile, "Only the first tile"),
    (fast.whole_row, every_fourth, "begin every 2"),
    (fast.whole_row, lambda x, g, A, B, G: np.convolve(x, g, "valid"), "turned"),
    (fast.whole_row, lambda x, g, A, B, G: x, "the shape must be (8,); yours is (10,)"),
]

SOLUTIONS = [
    (fast.columns, fast.my_columns),
    (fast.outputs, fast.my_outputs),
    (fast.whole_row, fast.my_row),
]

# Every row of the matrix, every shape and every choice of points; numbers that are negative or no integers.
LIVE = [
    {"tap": 0, "shape_name": "32 channels, 8 x 8", "points_name": "F(2, 3): 0, 1, -1, infinity"},
    {"tap": 2, "shape_name": "3 channels, 20 x 20", "points_name": "F(4, 3): 0, 1, -1, 1/2, -2, infinity"},
    {"tap": 3, "points_name": "F(4, 3): 0, 1, -1, i and -i, infinity", "cells": [[-1, 0.5, 7, 3]], "taps": [[0, 0, 2]]},
]
