"""The transforms of Winograd's convolution, which are exact or nothing."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratch.fast.cook_toom import Point, Transforms, arrays, check, cook_toom
from scratch.fast.winograd import LESS_STRICT, STRICT

POINTS: list[Point] = [0, 1, -1, "infinity", "i", 2, Fraction(-1, 2), Fraction(3, 4), -3]


@given(st.lists(st.sampled_from(POINTS), min_size=2, unique=True), st.data())
def test_any_points_give_the_convolution(points, data):
    a = len(points) + ("i" in points)
    r = data.draw(st.integers(1, a))
    F = cook_toom(a + 1 - r, r, tuple(points))
    numbers = st.integers(-9, 9).map(Fraction)
    d = data.draw(st.lists(numbers, min_size=a, max_size=a))
    g = data.draw(st.lists(numbers, min_size=r, max_size=r))
    products = [dot(G, g) * dot(B, d) for G, B in zip(F.G, F.B, strict=True)]
    y = [dot(column, products) for column in zip(*F.A, strict=True)]
    assert y == [dot(g, d[i : i + r]) for i in range(a + 1 - r)]
    assert F.n == len(points) + 2 * ("i" in points)


def dot(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))


def test_the_classical_transforms():
    A, B, G = arrays(cook_toom(2, 3, (0, 1, -1, "infinity")), np.float64)
    assert np.abs(A.T).tolist() == [[1, 1, 1, 0], [0, 1, 1, 1]]
    assert np.abs(B).tolist() == [[1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1]]
    assert np.abs(G).tolist() == [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0, 0, 1]]


@pytest.mark.parametrize("points", [(0, 1, -1), (0, 1, -1, 2, -2), (0, 1, 1, "infinity"), ("i", "i"), (0, 1, -1, "i")])
def test_points_that_are_too_few_too_many_or_the_same(points):
    with pytest.raises(ValueError, match=r"F\(2, 3\) needs 4 different ones"):
        cook_toom(2, 3, points)


@pytest.mark.parametrize("F", [F for table in (STRICT, LESS_STRICT) for some in table for F in some])
def test_one_wrong_entry_is_found(F: Transforms):
    check(F)
    for name, row in product("ABG", range(F.n)):
        matrix = getattr(F, name)
        for column in range(len(matrix[row])):
            wrong = [list(each) for each in matrix]
            wrong[row][column] += Fraction(1, 2)
            with pytest.raises(ArithmeticError, match="counts"):
                check(replace(F, **{name: tuple(map(tuple, wrong))}))


@pytest.mark.parametrize("F", [F for some in STRICT for F in some])
def test_the_strict_ones_hold_powers_of_two_only(F: Transforms):
    """So that their entries are floats, products with them are exact, and so are sums of small integers."""
    for value in (value for matrix in (F.A, F.B, F.G) for row in matrix for value in row):
        assert abs(value.numerator) in (0, 1)
        assert value.denominator in (1, 2, 4)


def test_growth_is_that_of_the_worst_numbers():
    F = cook_toom(2, 3, (0, 1, -1, "infinity"))
    assert (F.growth, F.gradient_growth) == (3 * 2 * Fraction(3, 2), 2 * 2 * 2)
