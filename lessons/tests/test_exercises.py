"""The checks: a right answer is right, a wrong one is wrong and gets the hint that fits, none is no answer."""

import numpy as np
import pytest
import torch

from lessons.catalogue import LESSONS
from lessons.exercises import backward
from lessons.pieces import without_types
from lessons.tests.cases import as_it_is, cases_of, rows


@pytest.mark.parametrize(("_", "check"), rows("VALUES"))
def test_none_is_no_answer_yet(_, check):
    assert check(None).state == "open"


@pytest.mark.parametrize(("_", "check"), rows("FUNCTIONS"))
def test_a_function_that_returns_nothing_is_no_answer_yet(_, check):
    assert check(lambda *_: None).state == "open"


@pytest.mark.parametrize(("_", "check", "answer"), rows("RIGHT"))
def test_a_right_answer(_, check, answer):
    assert check(answer).state == "right"


@pytest.mark.parametrize(("_", "check", "answer", "hint"), rows("WRONG"))
def test_a_wrong_answer_gets_the_hint_that_fits(_, check, answer, hint):
    verdict = check(answer)
    assert verdict.state == "wrong"
    assert hint in verdict.words


@pytest.mark.parametrize("name", LESSONS)
def test_every_check_is_tried_both_ways(name):
    cases = cases_of(name)
    checks = {*cases.VALUES, *cases.FUNCTIONS}
    assert {row[0] for row in cases.RIGHT} == {row[0] for row in cases.WRONG} == checks


@pytest.mark.parametrize(("name", "check", "solution"), rows("SOLUTIONS"))
def test_a_solution_as_it_is_shown_can_be_pasted_into_the_lesson(name, check, solution):
    names = dict(as_it_is(name)[1])
    exec(without_types(solution), names)
    assert check(names[solution.__name__]).state == "right"


def test_torch_sends_the_gradient_of_a_tie_where_the_lesson_says():
    tied, dy = np.array([[3.0, 3], [1, 3]]), np.array([[8.0]])
    x = torch.tensor(tied[None, None], requires_grad=True)
    torch.nn.functional.max_pool2d(x, 2).backward(torch.tensor(dy[None, None]))
    assert np.array_equal(x.grad[0, 0], backward.layer_max_pool(tied, dy))
