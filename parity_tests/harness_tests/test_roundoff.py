"""Numbers that carry their error: the hard bound holds for whatever float32 does, and is no wider than need be."""

import operator
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray

EPS = float(np.finfo(np.float32).eps)
SHAPE = (100, 3)
WEIGHTS = np.array([1, 2, 3])
Pair = tuple[HostArray, Rounded]  # the same number in float32, and with its error


def exact(values: Any) -> Pair:
    """Numbers that have no error yet."""
    single = np.asarray(values, np.float32)
    return single, Rounded(single, EPS)


def hard(number: Rounded) -> HostArray:
    """Its bound, in its shape."""
    return np.broadcast_to(number.errors[0], number.value.shape)


def error(pair: Pair) -> HostArray:
    """How far float32 is from float64."""
    return np.abs(pair[0] - pair[1].value)


def known(number: Rounded) -> bool:
    """Whether every number is much larger than its error: the derivatives of /, log and sqrt are good only then."""
    return bool(np.all(100 * hard(number) < np.abs(number.value)))


BINARY: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Rounded, Rounded], bool]]] = {
    "+": (operator.add, lambda a, b: True),
    "-": (operator.sub, lambda a, b: True),
    "*": (operator.mul, lambda a, b: True),
    "/": (operator.truediv, lambda a, b: known(b)),
}
UNARY: dict[str, tuple[Callable[[Any], Any], Callable[[Rounded], Any], Callable[[Rounded], bool]]] = {
    "exp": (np.exp, Rounded.exp, lambda a: bool(np.all(np.abs(a.value) < 20) and np.all(hard(a) < 0.01))),
    "expm1": (np.expm1, Rounded.expm1, lambda a: bool(np.all(np.abs(a.value) < 20) and np.all(hard(a) < 0.01))),
    "log": (np.log, Rounded.log, lambda a: known(a) and bool(np.all(a.value > 0))),
    "sqrt": (np.sqrt, Rounded.sqrt, lambda a: known(a) and bool(np.all(a.value > 0))),
    "sum": (lambda a: a.sum(1, keepdims=True), lambda a: a.sum(1, keepdims=True), lambda a: True),
    "max": (lambda a: a.max(1, keepdims=True), lambda a: a.max(1), lambda a: True),
}
seeds = st.integers(0, 2**32 - 1)
steps = st.tuples(st.sampled_from([*BINARY, *UNARY]), st.integers(0, 99), st.integers(0, 99))


def run(program: list[tuple[str, int, int]], pairs: list[Pair]) -> list[Pair]:
    """Do one operation after another on earlier results; one that is ill-conditioned or too large is left out."""
    for op, i, j in program:
        (x, a), (y, b) = pairs[i % len(pairs)], pairs[j % len(pairs)]
        if op in BINARY:
            function, allowed = BINARY[op]
            single, carried = partial(function, x, y), function(a, b) if allowed(a, b) else None
        else:
            function_of_one, carried_on, allowed_alone = UNARY[op]
            single, carried = partial(function_of_one, x), carried_on(a) if allowed_alone(a) else None
        if carried is not None and np.all(np.abs(carried.value) < 1e15):
            pairs = [*pairs, (single(), carried)]
    return pairs


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, min_size=2, max_size=10), seeds)
def test_the_bound_holds_for_any_expression(program: list[tuple[str, int, int]], seed: int):
    generator = np.random.default_rng(seed)
    start = [exact(generator.standard_normal(SHAPE) * size) for size in (1, 10, 1e-3)]
    results = run(program, start)
    assume(len(results) > len(start))
    for pair in results:
        assert pair[0].dtype == np.float32
        assert np.all(error(pair) <= hard(pair[1]))


@pytest.mark.parametrize(
    ("formula", "carried", "values"),
    [
        (operator.add, operator.add, (1.3, -2.1)),
        (operator.sub, operator.sub, (1.3, 2.1)),
        (operator.mul, operator.mul, (1.3, -2.1)),
        (operator.mul, operator.mul, (0.0, 0.0)),  # all there is then is the product of both errors
        (operator.truediv, operator.truediv, (1.3, 0.7)),
        (lambda a, b: np.exp(a), lambda a, b: a.exp(), (-1.3, 0)),
        (lambda a, b: np.log(a), lambda a, b: a.log(), (0.3, 0)),
        (lambda a, b: np.sqrt(a), lambda a, b: a.sqrt(), (0.3, 0)),
        (lambda a, b: (a * WEIGHTS).sum(), lambda a, b: (a * WEIGHTS).sum(0), (1.3, 0)),
        (lambda a, b: np.sqrt(a * a + b * b), lambda a, b: (a * a + b * b).sqrt(), (1.3, 2.1)),
    ],
)
@pytest.mark.parametrize("which", [0, 1], ids=["hard", "scale"])
def test_errors_are_passed_on_in_full_and_no_further(
    formula: Any, carried: Any, values: tuple[float, float], which: int
):
    """Operands that are off by their error, in the worst directions, bring the result as far off as the bound says."""
    off = np.array([2e-5, 3e-5])
    errors = [(each * (1 - which), each * which) for each in off]
    a, b = (Rounded(value, 0.0, each) for value, each in zip(values, errors, strict=True))
    reach = max(abs(formula(*(values + off * signs)) - formula(*values)) for signs in product((-1, 0, 1), repeat=2))
    assert carried(a, b).errors[which] == pytest.approx(reach, rel=1e-3)


ORDERS: dict[str, Callable[[HostArray], Any]] = {
    "forwards": lambda a: np.add.accumulate(a)[-1],
    "backwards": lambda a: np.add.accumulate(a[::-1])[-1],
    "pairwise": np.sum,
    "small first": lambda a: np.add.accumulate(a[np.argsort(np.abs(a))])[-1],
    "large first": lambda a: np.add.accumulate(a[np.argsort(-np.abs(a))])[-1],
    "positive first": lambda a: np.add.accumulate(np.sort(a)[::-1])[-1],
    "BLAS": lambda a: a @ np.ones_like(a),
}


@pytest.mark.parametrize("order", ORDERS)
@settings(deadline=None)
@given(count=st.integers(1, 3000), mean=st.sampled_from([0, 1, 1000]), seed=seeds)
def test_the_bound_holds_for_any_order_of_summation(order: str, count: int, mean: int, seed: int):
    single, carried = exact(np.random.default_rng(seed).standard_normal(count) + mean)
    assert error((ORDERS[order](single), carried.sum(0))) <= hard(carried.sum(0))


@settings(deadline=None)
@given(count=st.integers(1, 3000), seed=seeds)
def test_the_bound_holds_for_products_by_blas(count: int, seed: int):
    x, y = np.random.default_rng(seed).standard_normal((2, count)).astype(np.float32)
    carried = (Rounded(x, EPS) * Rounded(y, EPS)).sum(0)
    assert error((x @ y, carried)) <= hard(carried)


@pytest.mark.parametrize(
    ("formula", "carried", "values"),
    [
        (operator.add, operator.add, (1.3, 2.1)),
        (operator.sub, operator.sub, (1000.3, 1000.1)),
        (operator.mul, operator.mul, (1.3, -2.1)),
        (operator.truediv, operator.truediv, (1.3, 2.1)),
        (operator.truediv, operator.truediv, (1.3, 1e-5)),
        (lambda a, b: np.exp(a), lambda a, b: a.exp(), (3.1, 0)),
        (lambda a, b: np.exp(a), lambda a, b: a.exp(), (-10.1, 0)),
        (lambda a, b: np.log(a), lambda a, b: a.log(), (20.1, 0)),
        (lambda a, b: np.log(a), lambda a, b: a.log(), (1e-9, 0)),
        (lambda a, b: np.sqrt(a), lambda a, b: a.sqrt(), (2.1, 0)),
        (lambda a, b: (a + np.arange(1, 9)).sum(0), lambda a, b: (a + np.arange(1, 9)).sum(0), (6.1, 0)),
        (np.maximum, lambda a, b: a.or_worse(b), (2.1, 1.3)),
        (lambda a, b: np.sqrt(a * a + b * b) / b, lambda a, b: (a * a + b * b).sqrt() / b, (1.3, 2.1)),
    ],
)
def test_an_operand_that_is_off_by_a_hundred_eps_is_seen(formula: Any, carried: Any, values: tuple[float, float]):
    """A bound that is wide enough for anything is none; without the planted error it is kept."""
    a, b = np.float32(values[0]), np.float32(values[1])
    bound = carried(Rounded(a, EPS), Rounded(b, EPS))
    right, wrong = formula(a, b), formula(a * np.float32(1 + 100 * EPS), b)
    assert np.all(error((right, bound)) <= hard(bound))
    assert np.all(error((wrong, bound)) > hard(bound))


def test_a_constant_is_rounded_and_an_array_is_not():
    x = Rounded(3.0, EPS)
    assert hard(x * 0.1) > hard(x * np.array(0.1))
    assert error((np.float32(3) * np.float32(0.1), x * 0.1)) > 0  # for float32 has no 0.1


def test_the_root_of_zero():
    """Its derivative is infinite there; 0 itself has an exact root, and the bound stays finite."""
    root = Rounded([0.0, 4.0], EPS, (np.array([1e-30, 1e-7]), np.array([1e-30, 1e-7]))).sqrt()
    assert np.all(np.isfinite(root.errors[0]))
    assert hard(root)[0] < 1e-37
    assert hard(root)[1] >= 1e-7 / 4


def test_the_exponential_of_minus_infinity():
    power = Rounded([-np.inf, 0.0], EPS).exp()
    assert power.value.tolist() == [0.0, 1.0]
    assert np.all(np.isfinite(power.errors[0]))
    assert hard(power)[0] < 1e-37


def test_a_maximum_passes_the_largest_error_on():
    """Which one float32 selects depends on the errors, so any of them may come out."""
    a = Rounded([[1.0, 2.0, 1.5]], EPS, (np.array([[3.0, 1.0, 2.0]]), np.array([[0.3, 0.1, 0.2]]))).max(1)
    assert (a.value.tolist(), a.errors[0].tolist(), a.errors[1].tolist()) == ([[2.0]], [[3.0]], [[0.3]])


def test_of_two_formulas_the_worse_counts():
    a, b = (Rounded([2.0, 2.0], EPS, (np.array(pair), np.array(pair))) for pair in ([1.0, 4.0], [3.0, 2.0]))
    assert a.or_worse(b).errors[0].tolist() == [3.0, 4.0]


def test_a_sum_counts_every_rounding_but_the_scale_only_one():
    a = Rounded(np.ones((5, 4)), EPS).sum((0, 1))
    assert (float(a.errors[0]), float(a.errors[1])) == pytest.approx((20 * 20 * EPS, 20 * EPS))


def test_an_array_on_the_left_is_refused():
    """NumPy would make an array of objects of it, one Rounded for each element."""
    with pytest.raises(TypeError):
        np.ones(3) * Rounded(1.0, EPS)


def test_a_law_has_the_shape_of_its_tensor():
    law = (Rounded(np.ones((1, 3, 1, 1)), EPS) * 2).law((3,))
    assert law.hard.shape == law.scale.shape == (3,)
