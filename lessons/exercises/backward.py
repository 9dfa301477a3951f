"""The exercises of the lesson "A layer backward by hand": checks with hints, and solutions."""

from collections.abc import Callable
from typing import Any

import numpy as np

import scratch
from lessons.exercises.answers import Hint, called, compare, number
from lessons.pieces import Verdict, right, wrong
from scratch.array import HostArray, to_host
from scratch.images import correlate2d

X = np.array([[2, 0, 3], [1, 4, 2], [3, 1, 5]])
DY = np.array([[1, 2], [0, -1]])
"""On paper: the input of a convolution, and the gradient of the loss with respect to its output."""


def on_paper(answer: Any) -> Verdict:
    """One number of dweight, computed on paper."""
    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    dweight = correlate2d(X, DY, padding="valid")
    if value == dweight[0, 1]:
        return right("Every window gives its dy times the pixel that this weight met in it.")
    hints = {
        float(dweight[1, 0]): "This is `dweight[1, 0]`. The first index is the row: weight (0, 1) stands above right.",
        float(dweight[0, 0]): "This is `dweight[0, 0]`. Weight (0, 1) meets the pixels one further to the right.",
        float(dweight[1, 1]): "This is `dweight[1, 1]`. Weight (0, 1) is in the upper row.",
        float(np.sum(X[:2, 1:])): "This is the sum of the pixels alone. Each is multiplied by the dy of its window.",
        float(np.sum(X[:2, 1:] * DY[::-1, ::-1])): "dy is turned. Window (i, j) gives `dy[i, j] * x[i + 0, j + 1]`.",
    }
    return wrong(hints.get(value, "Add up `dy[i, j] * x[i + 0, j + 1]` over the four windows (i, j)."))


def layer_dx(dy: HostArray, weight: HostArray) -> HostArray:
    """What the layer of the library gives: the gradient with respect to x, stride 1, no padding."""
    size = (dy.shape[0] + weight.shape[0] - 1, dy.shape[1] + weight.shape[1] - 1)
    layer = scratch.Conv2d(1, 1, weight.shape, bias=False, dtype=np.float64)
    layer.load_state_dict({"weight": weight[None, None]})
    layer(np.zeros((1, 1, *size)))
    return to_host(layer.backward(dy[None, None])).reshape(size)


def dx(function: Callable[..., Any]) -> Verdict:
    """Check a function (dy, weight) that returns dx of a convolution with stride 1 and no padding."""
    draw = np.random.default_rng(0).integers
    try:
        for size, kernel in (((2, 2), (2, 2)), ((3, 2), (2, 3)), ((1, 4), (3, 2))):
            dy, weight = draw(-4, 5, size).astype(float), draw(-4, 5, kernel).astype(float)
            expected = layer_dx(dy, weight)
            last = np.zeros_like(expected)
            for i, j in np.ndindex(dy.shape):
                last[i : i + kernel[0], j : j + kernel[1]] = dy[i, j] * weight
            mistakes = [
                (
                    layer_dx(dy, weight[::-1, ::-1]),
                    "The weights are turned. What `weight[u, v]` has multiplied collects `dy * weight[u, v]`.",
                ),
                (last, "A pixel that lies under several windows collects from all of them: add with `+=`."),
                (
                    correlate2d(dy, weight, padding="same"),
                    "This is as large as dy. dx is as large as x, and so is larger than dy.",
                ),
            ]
            compare(called(function, dy, weight), expected, (dy, weight), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what scratch.Conv2d gives, for three sizes of dy and weight.")


def cubes(x: HostArray) -> float:
    """A loss that is curved, and whose cells all differ: the sum of n * x**3, n = 1, 2, 3, ..."""
    return float(np.sum(np.arange(1, x.size + 1) * x.ravel() ** 3))


def slopes(function: Callable[..., Any]) -> Verdict:
    """Check a function (f, x) that returns central differences for every cell of x."""
    x = np.array([[1.0, -2.0, 0.5], [3.0, 1.5, -1.0]])
    expected = np.arange(1, 7).reshape(2, 3) * 3 * x**2
    try:
        got = called(lambda given: function(cubes, given), x)
        if got.shape != x.shape:
            return wrong(f"There is a slope for each cell, so the shape is that of x, {x.shape}; it is {got.shape}.")
        if np.allclose(got, expected, rtol=1e-6):
            return right("It finds the slopes of a curved loss to six digits.")
        if np.allclose(got, 2 * expected, rtol=1e-3):
            return wrong("It is twice as large as it should be. From x - h to x + h it is 2 h.")
        if np.allclose(got, expected / 2, rtol=1e-3):
            return wrong("It is half of what it should be. From x to x + h it is h, and not 2 h.")
        if np.allclose(got, -expected, rtol=1e-3):
            return wrong("The sign is wrong: what comes later minus what comes before.")
        if np.allclose(got, expected, rtol=1e-1):
            return wrong(
                f"It is near, but the largest error is {abs(got - expected).max():.1g}. Take `f(x + h) - f(x - h)`, so "
                "that the curve cancels; and an h of about 1e-5, where neither the curve nor rounding spoils it."
            )
        compare(got, expected, (x,), [])
    except Hint as hint:
        return hint.verdict
    return right("It finds the slopes of a curved loss.")


def layer_max_pool(x: HostArray, dy: HostArray) -> HostArray:
    """What the layer of the library gives."""
    layer = scratch.MaxPool2d(2)
    layer(x[None, None])
    return to_host(layer.backward(dy[None, None])).reshape(x.shape)


def to_all(x: HostArray, dy: HostArray) -> HostArray:
    """The mistake of many tutorials: the whole gradient to every cell that is as large as the maximum."""
    H, W = x.shape
    y = x.reshape(H // 2, 2, W // 2, 2).max(axis=(1, 3))
    return np.where(x == y.repeat(2, axis=0).repeat(2, axis=1), dy.repeat(2, axis=0).repeat(2, axis=1), 0)


def max_pool(function: Callable[..., Any]) -> Verdict:
    """Check a function (x, dy) that returns dx of a max pool of 2x2 windows, torch's way where there is a tie."""
    cases = [
        (np.array([[1.0, 2, 8, 5], [4, 3, 6, 7]]), np.array([[10.0, -20]])),
        (np.array([[3.0, 3], [1, 3], [0, 0], [0, 0], [-1, -2], [-2, -1]]), np.array([[8.0], [5], [6]])),
    ]
    try:
        for x, dy in cases:
            tied = to_all(x, dy)
            counts = to_all(x, np.ones_like(dy)).reshape(len(dy), 2, -1, 2).sum(axis=(1, 3))
            mistakes = [
                (tied, "Where several cells are the largest, each gets the whole gradient. The first alone gets it."),
                (
                    to_all(x, dy / counts),
                    "The tied cells share the gradient. That is a convention too, but torch gives it to the first.",
                ),
                (
                    layer_max_pool(x[::-1, ::-1], dy[::-1, ::-1])[::-1, ::-1],
                    "Of tied cells the last one gets the gradient. Replace the best only by a cell that is larger.",
                ),
            ]
            compare(called(function, x, dy), layer_max_pool(x, dy), (x, dy), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("Ties, zeros and negative numbers go where torch and scratch.MaxPool2d send them.")


def my_dx(dy: HostArray, weight: HostArray) -> HostArray:
    """The solution of the second exercise."""
    kH, kW = weight.shape
    outH, outW = dy.shape
    dx = np.zeros((outH + kH - 1, outW + kW - 1))
    for i in range(outH):
        for j in range(outW):
            dx[i : i + kH, j : j + kW] += dy[i, j] * weight
    return dx


def my_slopes(f: Callable[[HostArray], float], x: HostArray) -> HostArray:
    """The solution of the third exercise."""
    h = 1e-5
    out = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[at] = h
        out[at] = (f(x + step) - f(x - step)) / (2 * h)
    return out


def my_max_pool_backward(x: HostArray, dy: HostArray) -> HostArray:
    """The solution of the fourth exercise."""
    dx = np.zeros_like(x)
    for i, j in np.ndindex(dy.shape):
        window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        # argmax, too, takes the first of equal numbers.
        row, column = divmod(int(np.argmax(window)), 2)
        dx[2 * i + row, 2 * j + column] = dy[i, j]
    return dx
