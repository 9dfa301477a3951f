"""Compare a tensor with the oracle's, under a law, and give a verdict.

    exact        the correctly rounded result; the sign of 0 is not compared. In float64: the oracle's own number
    accurate     within the hard bound, and the precision index is at most 1
    imprecise    within the hard bound, but the index is above 1: fewer digits than the format has
    wrong        beyond the hard bound, another shape or dtype, or not finite where it should be (or the reverse)

    precision index = rms(got - want) / rms(scale)

The index says something about `got` only where the oracle is finer than it. In float64 the oracle is as coarse as what
it judges (torch's float64 BatchNorm, for one, adds up thousands of numbers in a row and loses two digits), so there
the hard bound alone decides.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from scratch.array import HostArray


class Verdict(StrEnum):
    """From best to worst."""

    EXACT = "exact"
    ACCURATE = "accurate"
    IMPRECISE = "imprecise"
    WRONG = "wrong"

    @property
    def agrees(self) -> bool:
        """Whether this counts as agreement."""
        return self in (Verdict.EXACT, Verdict.ACCURATE)


@dataclass(frozen=True)
class Law:
    """How far a correct result may be from the oracle's, for each element.

    Attributes
    ----------
    hard : no rounding, in any order, errs by more
    scale : the size that errors have in practice, for the precision index
    value : the tensor itself by the law's formula, where it has one: who derives from a wrong formula is found out
    """

    hard: HostArray
    scale: HostArray
    value: HostArray | None = None


EXACT = None
"""The law of copies, selections, and sums that are exact: no error at all."""


@dataclass(frozen=True)
class Comparison:
    """The verdict on one tensor.

    Attributes
    ----------
    worst : the largest error as a fraction of the hard bound; infinite where no error was allowed
    index : the precision index
    at : where the largest fraction stands
    got, want : both values there
    reason : in words, for what is not a matter of size
    """

    verdict: Verdict
    worst: float
    index: float
    at: tuple[int, ...] | None
    got: float | None
    want: float | None
    reason: str = ""


def compare(got: Any, want: HostArray, law: Law | None, dtype: Any) -> Comparison:
    """Judge `got`, which should be `want` in `dtype`.

    Parameters
    ----------
    got : the array to judge
    want : the oracle's, in float64 (or int64)
    law : how far apart they may be; EXACT for not at all
    dtype : what `got` must have

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        if the law is NaN or infinite where the oracle is finite: it would let anything pass
    """
    if not isinstance(got, np.ndarray | np.generic):
        return _refused(f"is a {type(got).__name__}, not an array")
    got = np.asarray(got)
    if got.shape != want.shape:
        return _refused(f"has shape {got.shape}, should have {want.shape}")
    if got.dtype != dtype:
        return _refused(f"has dtype {got.dtype}, should have {np.dtype(dtype)}")
    if want.size == 0:
        return Comparison(Verdict.EXACT, 0.0, 0.0, None, None, None)

    finite = np.isfinite(want)
    same = np.where(finite, np.isfinite(got), (got == want) | (np.isnan(got) & np.isnan(want)))
    if not same.all():
        return _at(np.logical_not(same), got, want, Verdict.WRONG, np.inf, np.inf, "differs in what is finite")
    rounded = want.astype(dtype)
    if np.array_equal(got[finite], rounded[finite]):
        return Comparison(Verdict.EXACT, 0.0, 0.0, None, None, None)

    error = np.abs(np.where(finite, got, 0.0) - np.where(finite, want, 0.0))  # 0.0: integers would wrap around
    if law is EXACT:
        return _at(error, got, want, Verdict.WRONG, np.inf, np.inf, "should be exact")
    if not (np.isfinite(law.hard[finite]).all() and np.isfinite(law.scale[finite]).all()):
        raise ValueError("the law gives no bound where the oracle is finite: mend the law")
    hard = np.where(finite, law.hard, 1.0)
    fraction = np.divide(error, hard, out=np.where(error > 0, np.inf, 0.0), where=hard > 0)
    worst = float(fraction.max())
    scale = float(np.sqrt(np.mean(np.square(law.scale[finite]))))
    index = float(np.sqrt(np.mean(np.square(error[finite])))) / scale if scale > 0 else np.inf
    oracle_is_finer = np.finfo(want.dtype).eps < np.finfo(got.dtype).eps
    imprecise = oracle_is_finer and index > 1
    verdict = Verdict.WRONG if worst > 1 else Verdict.IMPRECISE if imprecise else Verdict.ACCURATE
    return _at(fraction, got, want, verdict, worst, index)


def _refused(reason: str) -> Comparison:
    return Comparison(Verdict.WRONG, np.inf, np.inf, None, None, None, reason)


def _at(
    badness: HostArray,
    got: HostArray,
    want: HostArray,
    verdict: Verdict,
    worst: float,
    index: float,
    reason: str = "",
) -> Comparison:
    """The verdict, with the place where `badness` is largest."""
    place = tuple(map(int, np.unravel_index(int(np.argmax(badness)), want.shape)))
    return Comparison(verdict, worst, index, place, float(got[place]), float(want[place]), reason)
