# ruff: noqa: ANN001, ANN201, ANN204, D101, D102, D103  (as people write who learn)
"""Layers that nobody can guess, right ones; map.toml says what they are."""

import numpy as np


class Stage:
    """A dense layer: sizes, methods and places under names of its own, and the columns of the weight are inputs."""

    def __init__(self, this, that, flavour):
        assert flavour == "plain"
        self.store = {"one": np.zeros((that, this)), "two": np.zeros(that)}

    def go(self, x):
        self.x = x
        return x @ self.store["one"].T + self.store["two"]

    def come(self, signal):
        self.slopes = {"one": signal.T @ self.x, "two": signal.sum(axis=0)}
        return signal @ self.store["one"]


class Swap:
    """A dense layer with (in, out) weights; backward gives dW, db, dx, and updates nothing."""

    def __init__(self, n_in, n_out):
        self.first = np.zeros((n_in, n_out))
        self.second = np.zeros(n_out)
        self.other = np.zeros((n_out, n_in))

    def forward(self, x):
        self.x = x
        return x @ self.first + self.second

    def backward(self, dy):
        return self.x.T @ dy, dy.sum(axis=0), dy @ self.first.T


class Moves:
    """A dense layer that updates itself with a speed."""

    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy, speed):
        dx = dy @ self.W.T
        self.W -= speed * self.x.T @ dy
        self.b -= speed * dy.sum(axis=0)
        return dx


def blur(picture, weights_of_it, how):
    assert how == "valid"
    windows = np.lib.stride_tricks.sliding_window_view(picture, weights_of_it.shape)
    return (windows * weights_of_it).sum(axis=(2, 3))


def rectify(x):
    return np.where(x <= 0, 0, x).astype(x.dtype), x


def undo(gradient, cache):
    return np.where(cache <= 0, 0, gradient).astype(gradient.dtype)


class Unrelated:
    pass
