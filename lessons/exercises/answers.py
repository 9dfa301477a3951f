"""What all checks share: a function that a learner wrote is called, and whatever it does becomes a verdict."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lessons.pieces import Verdict, still_open, wrong
from scratch.array import HostArray


class Hint(Exception):  # noqa: N818  (a reason to stop, not a defect)
    """The answer is wrong, or there is none yet; the verdict says which."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.words)
        self.verdict = verdict


def called(function: Callable[..., Any], *arrays: Any) -> HostArray:
    """What the learner's function returns for these arrays.

    Raises
    ------
    Hint
        if it returns None, it raises, it changes what it was given, or what it returns is no array of numbers
    """
    given = [np.array(each) if isinstance(each, np.ndarray) else each for each in arrays]
    try:
        got = function(*given)
    except Exception as error:  # whatever a learner's code raises is for the learner to read
        raise Hint(wrong(f"{with_shapes(arrays)} it raises {type(error).__name__}: {error}")) from error
    if got is None:
        raise Hint(still_open("The function returns nothing."))
    changed = (not np.array_equal(a, b) for a, b in zip(arrays, given, strict=True) if isinstance(a, np.ndarray))
    if any(changed):
        raise Hint(wrong("It changes an array that it was given. Write into a new one, `np.zeros(...)`."))
    result = np.asarray(got)
    if result.dtype.kind not in "iufc":
        raise Hint(wrong(f"It returns {type(got).__name__}, not an array of numbers."))
    return result


def compare(
    got: HostArray, expected: HostArray, arrays: Sequence[Any], mistakes: Sequence[tuple[HostArray, str]]
) -> None:
    """Find out whether a result is right, and if not, which mistake makes just this result.

    Parameters
    ----------
    arrays : what the function was called with
    mistakes : what a known mistake gives, and the hint for it

    Raises
    ------
    Hint
        if it is wrong
    """
    if got.shape == expected.shape and np.allclose(got, expected, rtol=1e-9, atol=1e-9):
        return
    for result, hint in mistakes:
        if got.shape == result.shape and np.allclose(got, result, rtol=1e-9, atol=1e-9):
            raise Hint(wrong(hint))
    if got.shape != expected.shape:
        raise Hint(wrong(f"{with_shapes(arrays)} the shape must be {expected.shape}; yours is {got.shape}."))
    at = tuple(int(n) for n in np.argwhere(~np.isclose(got, expected, rtol=1e-9, atol=1e-9))[0])
    raise Hint(wrong(f"{with_shapes(arrays)} cell {at} must be {expected[at]:.6g}; yours is {got[at]:.6g}."))


def with_shapes(arrays: Sequence[Any]) -> str:
    """What an answer was tried with.

    >>> with_shapes([np.zeros((5, 7)), np.zeros((2, 3))])
    'With arrays of (5, 7) and (2, 3),'
    >>> with_shapes([8, 3])
    'With 8, 3,'
    """
    shapes = [str(each.shape) for each in arrays if isinstance(each, np.ndarray)]
    if not shapes:
        return f"With {', '.join(map(repr, arrays))},"
    return f"With {'arrays' if len(shapes) > 1 else 'an array'} of {' and '.join(shapes)},"


def number(answer: Any) -> float:
    """The number that a learner gave.

    Raises
    ------
    Hint
        if there is none yet, or it is none
    """
    if answer is None:
        raise Hint(still_open("Put your number in place of None, and run the cell."))
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
        raise Hint(wrong(f"A number is asked for; {answer!r} is none."))
    return float(answer)
