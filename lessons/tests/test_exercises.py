"""The checks: a right answer is right, a wrong one is wrong and gets the hint that fits, none is no answer."""

import numpy as np
import pytest
import torch

from lessons.exercises import backward, sliding
from lessons.pieces import without_types
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


def spoils(picture, kernel):
    """The right result, but the picture is changed."""
    y = sliding.my_correlate(picture, kernel)
    picture[:] = 0
    return y


def raises(picture, kernel):
    """A learner's mistake that Python finds."""
    return picture + np.ones(7)


def no_number(*_):
    """An answer that is no array."""
    return "1 2 3"


NONE = (sliding.on_paper, sliding.to_the_right, backward.on_paper)
EMPTY = (sliding.correlation, sliding.convolution, backward.dx, backward.slopes, backward.max_pool)

RIGHT = [
    (sliding.on_paper, 10),
    (sliding.on_paper, np.float64(10)),
    (sliding.correlation, sliding.my_correlate),
    (sliding.correlation, lambda x, k: correlate2d(x, k, padding="valid").tolist()),
    (sliding.convolution, sliding.my_convolve),
    (sliding.convolution, convolve2d),
    (sliding.to_the_right, sliding.MY_KERNEL),
    (sliding.to_the_right, np.array(sliding.MY_KERNEL, np.float32)),
    (backward.on_paper, 4),
    (backward.dx, backward.my_dx),
    (backward.dx, lambda dy, weight: convolve2d(dy, weight, padding="full")),
    (backward.slopes, backward.my_slopes),
    (backward.max_pool, backward.my_max_pool_backward),
]
WRONG = [
    (sliding.on_paper, 11, "turned by 180 degrees"),
    (sliding.on_paper, 9, "exchanged"),
    (sliding.on_paper, 12, "negative"),
    (sliding.on_paper, 45, "no matrix product"),
    (sliding.on_paper, 1, "add up the nine products"),
    (sliding.on_paper, "10", "A number is asked for"),
    (sliding.on_paper, True, "A number is asked for"),
    (sliding.correlation, lambda x, k: convolve2d(x, k, padding="valid"), "This is convolution"),
    (sliding.correlation, correlate2d, "as large as the picture"),
    (sliding.correlation, lambda x, k: sliding.my_correlate(x, k)[:-1, :-1], "a column are missing"),
    (sliding.correlation, lambda x, k: sliding.my_correlate(x, k.T if len(k) == k.shape[1] else k), "exchanged"),
    (sliding.correlation, lambda x, k: sliding.my_correlate(x, k) + 1, "cell (0, 0) must be"),
    (sliding.correlation, lambda x, k: sliding.my_correlate(x, k)[1:], "the shape must be (2, 3); yours is (1, 3)"),
    (sliding.correlation, raises, "With arrays of (3, 4) and (2, 2), it raises ValueError"),
    (sliding.correlation, spoils, "changes an array"),
    (sliding.correlation, no_number, "returns str"),
    (sliding.convolution, correlate2d, "The kernel is not turned"),
    (sliding.convolution, lambda x, k: correlate2d(x, k[::-1]), "Only the rows"),
    (sliding.convolution, lambda x, k: correlate2d(x, k[:, ::-1]), "Only the columns"),
    (sliding.convolution, lambda x, k: correlate2d(x, k.T), "transposed"),
    (sliding.convolution, lambda x, k: correlate2d(x, np.rot90(k)), "90 degrees"),
    (sliding.convolution, lambda x, k: correlate2d(x, np.rot90(k, -1)), "90 degrees"),
    (sliding.to_the_right, [[0, 0, 0], [0, 0, 1], [0, 0, 0]], "moves to the left"),
    (sliding.to_the_right, [[0, 1, 0], [0, 0, 0], [0, 0, 0]], "not one to the right"),
    (sliding.to_the_right, [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "not one to the right"),
    (sliding.to_the_right, [[0, 0, 0], [2, 0, 0], [0, 0, 0]], "brightness"),
    (sliding.to_the_right, np.zeros((3, 3)), "not 0"),
    (sliding.to_the_right, [1, 0, 0], "(3, 3)"),
    (sliding.to_the_right, "left", "Nine numbers"),
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


@pytest.mark.parametrize("check", NONE)
def test_none_is_no_answer_yet(check):
    assert check(None).state == "open"


@pytest.mark.parametrize("check", EMPTY)
def test_a_function_that_returns_nothing_is_no_answer_yet(check):
    assert check(lambda *_: None).state == "open"


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_a_right_answer(check, answer):
    assert check(answer).state == "right"


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_a_wrong_answer_gets_the_hint_that_fits(check, answer, hint):
    verdict = check(answer)
    assert verdict.state == "wrong"
    assert hint in verdict.words


@pytest.mark.parametrize("check", [*NONE, *EMPTY])
def test_every_check_is_tried_both_ways(check):
    assert check in [row[0] for row in RIGHT]
    assert check in [row[0] for row in WRONG]


@pytest.mark.parametrize(
    ("check", "solution"),
    [
        (sliding.correlation, sliding.my_correlate),
        (sliding.convolution, sliding.my_convolve),
        (backward.dx, backward.my_dx),
        (backward.slopes, backward.my_slopes),
        (backward.max_pool, backward.my_max_pool_backward),
    ],
)
def test_a_solution_as_it_is_shown_can_be_pasted_into_the_lesson(check, solution):
    names = {"np": np, "correlate2d": correlate2d}
    exec(without_types(solution), names)
    assert check(names[solution.__name__]).state == "right"


def test_torch_sends_the_gradient_of_a_tie_where_the_lesson_says():
    tied, dy = np.array([[3.0, 3], [1, 3]]), np.array([[8.0]])
    x = torch.tensor(tied[None, None], requires_grad=True)
    torch.nn.functional.max_pool2d(x, 2).backward(torch.tensor(dy[None, None]))
    assert np.array_equal(x.grad[0, 0], backward.layer_max_pool(tied, dy))
