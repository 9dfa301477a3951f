"""Judge what somebody's layer answered, tensor by tensor, by the suite's laws."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from parity_tests.check.adapter import LEARNING_RATE, Adapter
from parity_tests.check.child import PARAMETERS
from parity_tests.harness.case import Tensors
from parity_tests.harness.comparison import Comparison, Law, Verdict, compare
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import Finding, Reference, reference
from scratch.array import HostArray

NOTHING_TO_JUDGE = Comparison(Verdict.EXACT, 0.0, 0.0, None, None, None)


@dataclass(frozen=True)
class Answer:
    """What a layer computed in one case.

    Attributes
    ----------
    tensors : by name
    problems : what is wrong with a tensor that is no array of numbers, in words
    changed : which of x and dy the layer changed
    kept : dtype and shape of each array in which the layer keeps its state
    """

    tensors: Tensors
    problems: Mapping[str, str]
    changed: list[str]
    kept: Mapping[str, tuple[str, list[int]]]


def judge(adapter: Adapter, case: LayerCase, dtype: str, seed: int, answer: Answer) -> list[Finding]:
    """Judge every tensor that torch gives and the layer offers."""
    should = reference(case, dtype, seed)
    state = {} if case.integer else case.state(should.inputs)
    judged: dict[str, Comparison] = {}
    for name, want in should.oracle.items():
        is_buffer = name in state and name not in PARAMETERS
        if (name.startswith("d") and not adapter.backward) or (is_buffer and name not in adapter.held):
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
    adapter: Adapter, case: LayerCase, dtype: str, should: Reference, answer: Answer, name: str, want: HostArray
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
    formats = [dtype, got.dtype.name, *(kept for kept, _ in answer.kept.values() if kept.startswith("float"))]
    coarsest = max(map(np.finfo, formats), key=lambda limits: float(limits.eps))
    laws = should.laws
    if coarsest.dtype != dtype:
        with np.errstate(all="ignore"):
            laws = case.laws(should.inputs, float(coarsest.eps), float(coarsest.tiny))
    law = laws[name]
    if law is not None and adapter.rate and name[1:] in PARAMETERS:
        samples = len(should.inputs["x"]) if adapter.runs_samples(case) else 1
        law = recovered(law, should.inputs[name[1:]], samples, float(coarsest.eps))
    return compare(got, want, law, got.dtype)


def recovered(law: Law, weight: HostArray, samples: int, eps: float) -> Law:
    """The law of a gradient g that was recovered from updates: eps (|g| + |w| / r) more for each sample.

    The scale of a gradient is at least eps times the sum of |g| over the samples, which spares us that sum.
    """
    of_weight = samples * eps * np.abs(weight) / LEARNING_RATE
    return Law(law.hard + law.scale + of_weight, law.scale + of_weight)


def wrong(reason: str) -> Comparison:
    """The verdict on something that is no matter of size."""
    return Comparison(Verdict.WRONG, np.inf, np.inf, None, None, None, reason)
