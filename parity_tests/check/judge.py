"""Judge what somebody's layer answered, tensor by tensor, by the suite's laws."""

from dataclasses import replace
from typing import Any

import numpy as np

from parity_tests.check.adapters.base import Adapter, Answer
from parity_tests.harness.case import Case
from parity_tests.harness.comparison import Comparison, Verdict, compare
from parity_tests.harness.referee import Finding, Reference, reference
from scratch.array import HostArray

SUMS = ("Conv2d", "ConvTranspose2d", "Linear", "AvgPool2d")
"""The layers whose results are sums of products."""

BY_NORM = 2.0**-9
"""Half precision and TF32 keep 11 bits: so much of the largest sum, and a little more, they may lose."""

NOTHING_TO_JUDGE = Comparison(Verdict.EXACT, 0.0, 0.0, None, None, None)


def judge(adapter: Adapter[Any], case: Case, dtype: str, seed: int, answer: Answer) -> list[Finding]:
    """Judge every tensor that torch gives and the layer offers."""
    should = reference(case, dtype, seed)
    judged: dict[str, Comparison] = {}
    for name, want in should.oracle.items():
        if not adapter.offers(name, case):
            continue
        if name in answer.problems:
            judged[name] = wrong(answer.problems[name])
        elif name not in answer.tensors:
            judged[name] = wrong("is missing")
        else:
            judged[name] = judge_tensor(adapter, case, dtype, should, answer, name, want)
    return [
        Finding(adapter.name, None, case.op, str(case), dtype, name, ours, should.torch.get(name, NOTHING_TO_JUDGE))
        for name, ours in judged.items()
    ]


def judge_tensor(
    adapter: Adapter[Any], case: Case, dtype: str, should: Reference, answer: Answer, name: str, want: HostArray
) -> Comparison:
    """Judge one tensor by the law of the coarsest format on its way: the run's, the state's, the result's.

    NumPy makes float64 of much, and a result that is float64 at the end may have been float32 before. Where a layer
    is float64 throughout, its float64 runs show it, by the law of float64.
    """
    got = answer.tensors[name]
    if want.dtype.kind != "f":
        return compare(got, want, should.laws[name], want.dtype)
    if got.dtype not in (np.float32, np.float64):
        return compare(got, want, should.laws[name], np.dtype(dtype))
    formats = [dtype, got.dtype.name, *(kept for kept, _ in answer.kept.values() if kept in ("float32", "float64"))]
    coarsest = max(map(np.finfo, formats), key=lambda limits: float(limits.eps))
    laws = should.laws
    if coarsest.dtype != dtype:
        with np.errstate(all="ignore"):
            laws = case.laws(should.inputs, float(coarsest.eps), float(coarsest.tiny))
    law = adapter.law(case, name, laws[name], should.inputs, float(coarsest.eps))
    found = compare(got, want, law, got.dtype)
    if case.op not in SUMS or found.verdict is not Verdict.WRONG or found.at is None:
        return found
    return by_norm(found, case, should, name, got, float(coarsest.eps))


def by_norm(found: Comparison, case: Case, should: Reference, name: str, got: HostArray, eps: float) -> Comparison:
    """Call imprecise what is right by norm: no element is wrong by more than a small part of the largest sum.

    An FFT errs so, and arithmetic with few digits. No error of a formula or an index is that small everywhere.
    """
    want = should.oracle[name]
    finite = np.isfinite(want)
    if not np.array_equal(finite, np.isfinite(got)) or not finite.any():
        return found
    with np.errstate(all="ignore"):
        A = np.abs(
            case.run_torch({key: np.abs(value) for key, value in should.inputs.items()}, np.float64)[name][finite]
        )
    error = np.abs(got[finite].astype(np.float64) - want[finite])
    if not np.isfinite(A).all() or error.max() > BY_NORM * A.max():
        return found
    index = float(np.sqrt(np.mean(error**2)) / (eps * np.sqrt(np.mean(A**2))))
    return replace(found, verdict=Verdict.IMPRECISE, index=index, reason="right by norm only")


def wrong(reason: str) -> Comparison:
    """The verdict on something that is no matter of size."""
    return Comparison(Verdict.WRONG, np.inf, np.inf, None, None, None, reason)
