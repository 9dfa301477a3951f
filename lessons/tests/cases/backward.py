"""What the lesson "A layer backward by hand" is tried with."""

import numpy as np

from lessons.exercises import backward
from scratch.images import convolve2d, correlate2d


def last_of_ties(x, dy):
    """A max pool that gives the gradient to the last of equal cells."""
    return backward.my_max_pool_backward(x[::-1, ::-1], dy[::-1, ::-1])[::-1, ::-1]


def shared(x, dy):
    """A max pool whose ties share the gradient."""
    tied = backward.to_all(x, np.ones_like(dy))
    counts = tied.reshape(len(dy), 2, -1, 2).sum(axis=(1, 3))
    return backward.to_all(x, dy / counts)


def one_sided(f, x):
    """The forward difference, with a large step."""
    return np.array([(f(x + 0.01 * e.reshape(x.shape)) - f(x)) / 0.01 for e in np.eye(x.size)]).reshape(x.shape)


def no_plus(dy, weight):
    """Where windows overlap the last one wins."""
    dx = np.zeros((dy.shape[0] + weight.shape[0] - 1, dy.shape[1] + weight.shape[1] - 1))
    for i, j in np.ndindex(dy.shape):
        dx[i : i + weight.shape[0], j : j + weight.shape[1]] = dy[i, j] * weight
    return dx


ANSWERS = {
    "answer_1": (4, 8),
    "my_dx": (backward.my_dx, lambda dy, weight: dy),
    "my_slopes": (backward.my_slopes, lambda f, x: x),
    "my_max_pool_backward": (backward.my_max_pool_backward, backward.to_all),
}

VALUES = [backward.on_paper]
FUNCTIONS = [backward.dx, backward.slopes, backward.max_pool]

RIGHT = [
    (backward.on_paper, 4),
    (backward.dx, backward.my_dx),
    (backward.dx, lambda dy, weight: convolve2d(dy, weight, padding="full")),
    (backward.slopes, backward.my_slopes),
    (backward.max_pool, backward.my_max_pool_backward),
]

WRONG = [
    (backward.on_paper, 8, "This is `dweight[1, 0]`"),
    (backward.on_paper, -2, "This is `dweight[0, 0]`"),
    (backward.on_paper, 3, "This is `dweight[1, 1]`"),
    (backward.on_paper, 9, "the sum of the pixels alone"),
    (backward.on_paper, 10, "dy is turned"),
    (backward.on_paper, 0.5, "over the four windows"),
    (backward.dx, lambda dy, w: backward.my_dx(dy, w[::-1, ::-1]), "The weights are turned"),
    (backward.dx, no_plus, "add with `+=`"),
    (backward.dx, correlate2d, "as large as dy"),
    (backward.slopes, lambda f, x: 2 * backward.my_slopes(f, x), "twice"),
    (backward.slopes, lambda f, x: backward.my_slopes(f, x) / 2, "half"),
    (backward.slopes, lambda f, x: -backward.my_slopes(f, x), "sign"),
    (backward.slopes, one_sided, "f(x + h) - f(x - h)"),
    (backward.slopes, lambda f, x: f(x), "the shape is that of x, (2, 3)"),
    (backward.slopes, lambda f, x: x, "cell (0, 0) must be 3"),
    (backward.max_pool, backward.to_all, "each gets the whole gradient"),
    (backward.max_pool, shared, "share the gradient"),
    (backward.max_pool, last_of_ties, "the last one"),
    (backward.max_pool, lambda x, dy: dy, "the shape must be (2, 4); yours is (1, 2)"),
]

SOLUTIONS = [
    (backward.dx, backward.my_dx),
    (backward.slopes, backward.my_slopes),
    (backward.max_pool, backward.my_max_pool_backward),
]

LIVE = [{"which_pixel": which, "which_weight": which % 4} for which in range(9)]
