"""The exercises of the lesson "Stride, padding, pooling": checks with hints, and solutions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import scratch
from lessons.exercises.answers import Hint, called, compare, number
from lessons.pieces import Verdict, right, still_open, wrong
from scratch.array import HostArray, to_host
from scratch.geometry import Window2d
from scratch.images import average_pool, max_pool


def seen(layers: Sequence[Any], size: int) -> HostArray:
    """Find what the number in the middle of an output sees: the pixels to which a gradient comes back."""
    model = scratch.Sequential(*layers)
    y = model(np.ones((1, 1, size, size), np.float32))
    dy = np.zeros_like(y)
    dy[0, 0, y.shape[2] // 2, y.shape[3] // 2] = 1
    return np.asarray(to_host(model.backward(dy))[0, 0] != 0)


SIDE, KERNEL, PADDING, POOL = 17, 5, 3, 2
"""On paper: a picture, a convolution, and a pool behind it."""


def on_paper(answer: Any) -> Verdict:
    """The rows behind a convolution and a pool, computed on paper."""

    def pooled(rows: int, ceil_mode: bool = False) -> int:
        return Window2d.of(POOL, POOL, ceil_mode=ceil_mode).output_size((rows, rows))[0]

    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    convolved = Window2d.of(KERNEL, padding=PADDING).output_size((SIDE, SIDE))[0]
    if value == pooled(convolved):
        return right("The convolution makes the picture larger here, and the pool leaves its last row and column out.")
    hints = {
        convolved: "This is what comes out of the convolution. The pool halves it.",
        pooled(convolved, ceil_mode=True): "Rounded up. The last row fills no window, so it is left out.",
        pooled(convolved - PADDING): "Padding lies on both sides: it counts twice.",
        pooled(SIDE - KERNEL + 1): "This is without the padding.",
        (convolved - 1) / 2 + 0.5: "A number of rows is whole: what is left over is left out.",
    }
    return wrong(hints.get(value, f"First the convolution: {SIDE} + 2 * {PADDING} - {KERNEL} + 1. Then half of that."))


def output_size(function: Callable[..., Any]) -> Verdict:
    """Check a function (n, k, s, p, d) that counts the windows along a side."""
    for n, k, s, p, d in (
        (8, 3, 1, 0, 1),
        (8, 3, 2, 0, 1),
        (7, 3, 1, 2, 1),
        (8, 3, 2, 1, 1),
        (9, 3, 1, 0, 3),
        (12, 2, 3, 1, 4),
    ):
        expected = Window2d.of(k, s, p, d).output_size((n, n))[0]
        free = n + 2 * p - d * (k - 1) - 1
        try:
            got = called(function, n, k, s, p, d)
        except Hint as hint:
            return hint.verdict
        value = float(got) if got.shape == () else None
        if value == expected:
            continue
        hints: dict[float | None, str] = {
            free / s + 1: "A number of windows is whole: round down, with `//`.",
            -(-free // s) + 1: "Round down: a window that does not fit is left out.",
            free // s: "One is missing: the first window takes no step, so `+ 1`.",
            (n + p - d * (k - 1) - 1) // s + 1: "Padding lies on both sides.",
            (n - d * (k - 1) - 1) // s + 1: "The padding is not counted.",
            (n + 2 * p - k) // s + 1: "With a dilation d the k cells reach over d * (k - 1) + 1.",
            (n + 2 * p - d * k) // s + 1: "Between k cells there are k - 1 distances: they reach over d * (k - 1) + 1.",
            free + 1: "The stride is not counted.",
        }
        reason = hints.get(value, "How far does the first window reach, and what is left?")
        return wrong(f"With n={n}, k={k}, s={s}, p={p}, d={d} it is {expected}; yours is {got}. {reason}")
    return right("It counts as torch does, with dilation, too.")


def pool(function: Callable[..., Any]) -> Verdict:
    """Check a function (x, k, s) that is a max pool without padding."""
    draw = np.random.default_rng(0).integers
    try:
        for size, k, s in (((4, 6), 2, 2), ((5, 7), 2, 2), ((7, 6), 3, 2)):
            x = draw(-9, 0, size).astype(float)  # below 0, where a maximum that begins at 0 is seen
            expected = max_pool(x, k, s)
            mistakes = [
                (np.maximum(expected, 0), "All numbers are below 0, and yours are 0: do not begin the maximum at 0."),
                (average_pool(x, k, s), "This is the average of each window."),
                (-max_pool(-x, k, s), "This is the smallest of each window."),
                (max_pool(x, k, s, keep_ragged_edge=True), "A window that does not fit is left out. Yours hang over."),
                (max_pool(x, k, k), "The windows are k apart. They are to be s apart."),
                (max_pool(x, k, 1), "The windows are one apart. They are to be s apart."),
            ]
            compare(called(function, x, k, s), expected, (x,), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what scratch.images.max_pool gives, with overlap and with a ragged edge, too.")


REACH = 15


def strides(answer: Any) -> Verdict:
    """Check a list of strides of 3x3 convolutions, as few as will do, behind which one number sees REACH pixels."""
    if answer is None:
        return still_open("Put a list of strides in place of None, and run the cell.")
    if not isinstance(answer, list | tuple) or any(each not in (1, 2) for each in answer) or not answer:
        return wrong("A list is asked for, of as many strides as there are layers, each 1 or 2.")
    if len(answer) > REACH:
        return wrong(f"{len(answer)} layers are more than enough.")
    sees, apart = 1, 1
    for stride in answer:
        sees, apart = sees + 2 * apart, apart * stride
    if sees == REACH and len(answer) == 3:
        measured = seen([scratch.Conv2d(1, 1, 3, stride=int(stride)) for stride in answer], 31)
        assert measured.any(axis=0).sum() == REACH, measured.any(axis=0).sum()
        return right(f"{REACH} pixels, which the gradient says as well. The last stride makes no difference to them.")
    if sees == REACH:
        return wrong(f"It sees {REACH} pixels, with {len(answer)} layers. Fewer will do, if the first ones stride.")
    return wrong(f"It sees {sees}. Each layer adds 2 times the product of all strides before it.")


def my_output_size(n: int, k: int, s: int, p: int, d: int) -> int:
    """The solution of the second exercise."""
    free = n + 2 * p - (d * (k - 1) + 1)
    return free // s + 1


def my_max_pool(x: HostArray, k: int, s: int) -> HostArray:
    """The solution of the third exercise."""
    H, W = x.shape
    y = np.zeros(((H - k) // s + 1, (W - k) // s + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * s : i * s + k, j * s : j * s + k].max()
    return y


MY_STRIDES = [2, 2, 1]
"""The solution of the fourth exercise."""
