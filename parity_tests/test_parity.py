"""The suite: every case through every implementation, against torch (image filters: scipy, too) in float64."""

from itertools import product

import numpy as np
import pytest

from parity_tests.harness.case import HALF, Case
from parity_tests.harness.cases import CASES, fourier
from parity_tests.harness.contract import broken_promises, broken_promises_of_optimiser
from parity_tests.harness.filter_case import FilterCase
from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation
from parity_tests.harness.inputs import layouts
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.referee import Finding, judge, reference


def marks(implementation: Implementation) -> tuple[pytest.MarkDecorator, ...]:
    """Skip what cannot run here, with the reason; `gpu` by its marker, which can be made a failure."""
    if implementation.name == "gpu":
        return (pytest.mark.gpu,)
    reason = implementation.why_not()
    return () if reason is None else (pytest.mark.skip(reason=reason),)


EVERYBODY = [pytest.param(each, marks=marks(each), id=each.name) for each in IMPLEMENTATIONS.values()]
WITH_DTYPES = [pytest.param(case, dtype, id=f"{case} {dtype}") for case in CASES for dtype in case.formats]
CASES_ONCE = [pytest.param(case, id=str(case)) for case in CASES]
TRANSFORMS = [pytest.param(case, dtype, id=f"{case} {dtype}") for case in fourier.CASES for dtype in case.dtypes]
WITH_TRANSFORMS = [each for each in EVERYBODY if fourier.CASES[0].algorithms(each.values[0])]
OPTIMISERS = [pytest.param(case, id=str(case)) for case in CASES if isinstance(case, OptimiserCase)]
LAYERS = [pytest.param(case, id=str(case)) for case in CASES if isinstance(case, LayerCase)]


def disagreements(findings: list[Finding]) -> list[str]:
    """The findings that are not agreement, one line each."""
    assert findings, "nothing was compared"
    return [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("implementation", EVERYBODY)
@pytest.mark.parametrize(("case", "dtype"), WITH_DTYPES)
def test_agrees_with_torch(case: Case, dtype: str, implementation: Implementation):
    for algorithm in case.algorithms(implementation, dtype):
        assert not disagreements(judge(case, implementation, dtype, algorithm=algorithm))


@pytest.mark.parametrize("implementation", WITH_TRANSFORMS)
@pytest.mark.parametrize(("case", "dtype"), TRANSFORMS)
def test_transforms_agree_with_torch_in_any_memory_layout(case: Case, dtype: str, implementation: Implementation):
    for place, algorithm in product(layouts(implementation.nn.asarray).values(), case.algorithms(implementation)):
        assert not disagreements(judge(case, implementation, dtype, algorithm=algorithm, layout=place))


@pytest.mark.parametrize(("case", "dtype"), [each for each in [*WITH_DTYPES, *TRANSFORMS] if each.values[1] != HALF])
def test_torch_keeps_the_laws_itself(case: Case, dtype: str):
    """A law that torch breaks, or scipy where that is the referee, is wrong."""
    torch = reference(case, dtype, seed=0).torch
    assert not [f"{name}: {found}" for name, found in torch.items() if not found.verdict.agrees]


@pytest.mark.parametrize("implementation", EVERYBODY)
@pytest.mark.parametrize("case", CASES_ONCE)
def test_takes_any_memory_layout(case: Case, implementation: Implementation):
    algorithms = case.algorithms(implementation) if isinstance(case, FilterCase) else [None]
    for place, algorithm in product(layouts(implementation.nn.asarray).values(), algorithms):
        assert not disagreements(judge(case, implementation, case.dtypes[0], algorithm=algorithm, layout=place))


@pytest.mark.parametrize("implementation", EVERYBODY)
@pytest.mark.parametrize("case", LAYERS)
def test_keeps_its_promises(case: LayerCase, implementation: Implementation):
    assert broken_promises(case, implementation, "float32") == []


@pytest.mark.parametrize("implementation", EVERYBODY)
@pytest.mark.parametrize("case", OPTIMISERS)
def test_optimisers_keep_their_promises(case: OptimiserCase, implementation: Implementation):
    assert broken_promises_of_optimiser(case, implementation, "float32") == []


@pytest.mark.parametrize("case", CASES_ONCE)
def test_inputs_are_read_only_and_stay_the_same(case: Case):
    """The suite's own promise: whoever writes into the inputs fails at once, and they are drawn alike again."""
    inputs = reference(case, case.dtypes[0], seed=0).inputs
    assert not any(value.flags.writeable for value in inputs.values())
    again = case.draw(np.dtype(case.dtypes[0]), seed=0)
    assert all(np.array_equal(again[name], value, equal_nan=value.dtype.kind == "f") for name, value in inputs.items())
