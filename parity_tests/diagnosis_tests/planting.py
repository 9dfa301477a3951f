"""Evidence for the tests: what a layer gave, or what a fault makes of the right tensors."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from parity_tests.diagnosis import Evidence
from parity_tests.harness.case import DTYPES, Case, Inputs, Tensors, converted
from parity_tests.harness.cases import CASES
from parity_tests.harness.implementations import OPTIMISERS
from parity_tests.harness.referee import Finding, judge_tensor, reference

Fault = Callable[[Any, Inputs, Tensors], Tensors | None]
"""fault(case, inputs, right tensors) -> the tensors that it makes otherwise, None if it raises; all in float64."""


def cases_of(op: str) -> list[Case]:
    """The suite's cases of an operation."""
    return [case for case in CASES if case.op == op]


def judged(case: Case, dtype: str, tensors: Tensors, changed: Iterable[str] = (), seed: int = 0) -> Evidence:
    """Evidence of given tensors, judged as the suite judges; what is missing was not offered."""
    should = reference(case, dtype, seed)
    with np.errstate(all="ignore"):
        findings = [
            Finding("planted", None, case.op, str(case), dtype, name, comparison, should.torch[name])
            for name, want in should.oracle.items()
            if name in tensors
            for comparison in [judge_tensor(tensors[name], want, should.laws, name, dtype)]
        ]
    return Evidence(case, dtype, tensors, findings, frozenset(changed), seed)


def right(case: Case, dtype: str) -> Tensors:
    """The right tensors, in the dtype of the run."""
    return dict(converted(reference(case, dtype, 0).oracle, dtype))


def faulty(op: str, fault: Fault, dtypes: Sequence[str] = DTYPES, cases: Sequence[Case] = ()) -> list[Evidence]:
    """What a fault makes of the right tensors, in the suite's cases or in some of them."""
    found = []
    with np.errstate(all="ignore"):
        for case in cases or cases_of(op):
            for dtype in case.dtypes if len(case.dtypes) == 1 else dtypes:
                should = reference(case, dtype, 0)
                wrong = fault(case, converted(should.inputs, np.float64), should.oracle)
                if wrong is None:
                    continue
                rounded = {name: a.astype(dtype) if a.dtype == np.float64 else a for name, a in wrong.items()}
                found.append(judged(case, dtype, right(case, dtype) | rounded))
    return found


def of_layer(nn: Any, op: str, dtypes: Sequence[str] = DTYPES) -> list[Evidence]:
    """What a layer gives in the suite's cases; if backward raises, what forward gave."""
    found = []
    for case in cases_of(op):
        for dtype in case.dtypes if len(case.dtypes) == 1 else dtypes:
            inputs = reference(case, dtype, 0).inputs
            for given in (inputs, {name: value for name, value in inputs.items() if name != "dy"}):
                copies = {name: value.copy() for name, value in given.items()}
                try:
                    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                        tensors = case.run(nn, copies, None, lambda array: array)
                except Exception:  # noqa: BLE001  (a wrong layer may raise anything)
                    continue
                kept = () if op in OPTIMISERS else given.keys()  # whose parameters are changed in place
                changed = [name for name in kept if copies[name].tobytes() != given[name].tobytes()]
                found.append(judged(case, dtype, tensors, changed))
                break
    return found
