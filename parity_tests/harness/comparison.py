"""Compare a tensor with the oracle's, under a law, and give a verdict.

    exact        the correctly rounded result; the sign of 0 is not compared. In float64: the oracle's own number
    accurate     within the hard bound, and the precision index is at most 1
    imprecise    within the hard bound, but the index is above 1: fewer digits than the format has; or beyond it, and
                 every error is small beside the tensor's largest number, as those of a Fourier transform are
    wrong        beyond both, another shape or dtype, or not finite where it should be (or the reverse)

    precision index = rms(got - want) / rms(scale)

The index says something about `got` only where the oracle is finer than it. In float64 the oracle is as coarse as what
it judges (torch's float64 BatchNorm, for one, adds up thousands of numbers in a row and loses two digits), so there
the hard bound alone decides.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from scratch.array import HostArray

INDEX_LIMIT = 1.0
"""The precision index of an accurate result is at most this."""

NORMWISE = 8
"""A result is norm-wise right if no error is larger than so many epsilons of the tensor's largest number."""

EDGES = (1e-4, 10**-3.5, 1e-3, 10**-2.5, 1e-2, 10**-1.5, 1e-1, 10**-0.5, 1.0, 10.0)
"""Where the bins of an error histogram meet: errors as fractions of the hard bound."""

MOST_SHOWN = 24
"""Rows and columns of a plane that are kept to be shown, around its worst element."""


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
class Plane:
    """The errors around the worst element, in the last two dimensions of its tensor.

    Attributes
    ----------
    fractions : of the hard bound, (rows, columns); infinite where no error was allowed, or what is finite differs
    corner : the index of fractions[0, 0] in the tensor
    """

    fractions: HostArray
    corner: tuple[int, ...]


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
    counts : how many elements are exact, and how many others have an error up to each of EDGES, and beyond the last;
        empty where shape, dtype or type are wrong
    plane : where the errors are, of what does not agree
    """

    verdict: Verdict
    worst: float
    index: float
    at: tuple[int, ...] | None
    got: float | None
    want: float | None
    reason: str = ""
    counts: tuple[int, ...] = ()
    plane: Plane | None = field(default=None, repr=False, compare=False)


def as_dict(found: Any) -> dict[str, Any]:
    """A dataclass with Comparisons in it as dictionaries for JSON: without the planes, which are pictures."""

    def without_planes(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        return {name: value for name, value in pairs if name != "plane"}

    return asdict(found, dict_factory=without_planes)


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
    finite = np.isfinite(want)
    same = np.where(finite, np.isfinite(got), (got == want) | (np.isnan(got) & np.isnan(want)))
    exact = np.where(finite, got == want.astype(dtype), same)
    if exact.all():
        return Comparison(Verdict.EXACT, 0.0, 0.0, None, None, None, counts=_counts(exact, np.zeros(want.shape)))

    error = np.abs(np.where(finite, got, 0.0) - np.where(finite, want, 0.0))  # 0.0: integers would wrap around
    fraction = np.where(exact, 0.0, np.inf)
    if law is not EXACT:
        hard = np.where(finite, law.hard, 1.0)
        fraction = np.divide(error, hard, out=np.where(error > 0, np.inf, 0.0), where=hard > 0)
    fraction[np.logical_not(same)] = np.inf
    counts = _counts(exact, fraction)
    if not same.all():
        differs = np.argmin(same)
        return _at(differs, fraction, counts, got, want, Verdict.WRONG, np.inf, np.inf, "differs in what is finite")
    limits = np.finfo(dtype) if got.dtype.kind == "f" else None
    normwise = limits is not None and bool(error.max() <= NORMWISE * limits.eps * np.abs(want[finite]).max(initial=0))
    if law is EXACT:
        verdict, place = Verdict.IMPRECISE if normwise else Verdict.WRONG, np.argmax(error)
        return _at(place, fraction, counts, got, want, verdict, np.inf, np.inf, "should be exact")
    if not (np.isfinite(law.hard[finite]).all() and np.isfinite(law.scale[finite]).all()):
        raise ValueError("the law gives no bound where the oracle is finite: mend the law")
    worst = float(fraction.max())
    scale = float(np.sqrt(np.mean(np.square(law.scale[finite]))))
    index = float(np.sqrt(np.mean(np.square(error[finite])))) / scale if scale > 0 else np.inf
    oracle_is_finer = np.finfo(want.dtype).eps < np.finfo(got.dtype).eps
    imprecise = oracle_is_finer and index > INDEX_LIMIT
    verdict = Verdict.IMPRECISE if imprecise else Verdict.ACCURATE
    if worst > 1:
        verdict = Verdict.IMPRECISE if normwise else Verdict.WRONG
    reason = "right beside the largest number only" if worst > 1 and normwise else ""
    return _at(np.argmax(fraction), fraction, counts, got, want, verdict, worst, index, reason)


def _refused(reason: str) -> Comparison:
    return Comparison(Verdict.WRONG, np.inf, np.inf, None, None, None, reason)


def _counts(exact: HostArray, fraction: HostArray) -> tuple[int, ...]:
    """The histogram: exact elements, and the others by their fraction of the hard bound."""
    bins = np.where(exact, 0, 1 + np.searchsorted(EDGES, fraction))
    return tuple(np.bincount(bins.ravel(), minlength=len(EDGES) + 2).tolist())


def _at(
    flat: Any,
    fraction: HostArray,
    counts: tuple[int, ...],
    got: HostArray,
    want: HostArray,
    verdict: Verdict,
    worst: float,
    index: float,
    reason: str = "",
) -> Comparison:
    """The verdict, with the worst place: `flat` counts elements in C order."""
    place = tuple(map(int, np.unravel_index(int(flat), want.shape)))
    values = float(got[place]), float(want[place])
    plane = None if verdict.agrees else _around(place, fraction)
    return Comparison(verdict, worst, index, place, *values, reason, counts, plane)


def _around(place: tuple[int, ...], fraction: HostArray) -> Plane:
    """Cut out the fractions around a place."""
    lengths = fraction.shape[-2:]
    starts = [max(0, min(at - MOST_SHOWN // 2, n - MOST_SHOWN)) for at, n in zip(place[-2:], lengths, strict=True)]
    window = tuple(slice(start, start + MOST_SHOWN) for start in starts)
    return Plane(np.array(fraction[place[:-2]][window], ndmin=2), (*place[:-2], *starts))
