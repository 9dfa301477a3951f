"""Judge a case: what an implementation computes against torch in float64, tensor by tensor."""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from parity_tests.harness.case import Case, Inputs, Laws, Tensors
from parity_tests.harness.comparison import Comparison, compare
from parity_tests.harness.implementations import Implementation


@dataclass(frozen=True)
class Finding:
    """One tensor of one case, judged; torch's own result in the same dtype was judged by the same law."""

    implementation: str
    algorithm: str | None
    op: str
    case: str
    dtype: str
    tensor: str
    ours: Comparison
    torch: Comparison


@dataclass(frozen=True)
class Reference:
    """What a case should give: the oracle, torch in the dtype of the run, and the laws."""

    inputs: Inputs
    oracle: Tensors
    torch: dict[str, Comparison]
    laws: Laws


@lru_cache(maxsize=4096)
def reference(case: Case, dtype: str, seed: int) -> Reference:
    """Draw the inputs of a case and let torch answer; remembered, since every implementation needs it."""
    inputs = case.draw(np.dtype(dtype), seed)
    for value in inputs.values():
        value.setflags(write=False)
    return refer(case, inputs, dtype)


def refer(case: Case, inputs: Inputs, dtype: str) -> Reference:
    """Let torch answer for given inputs."""
    oracle = case.run_torch(inputs, np.float64)
    limits = np.finfo(dtype)
    with np.errstate(all="ignore"):
        laws = case.laws(inputs, float(limits.eps), float(limits.tiny))
    same_dtype = case.run_torch(inputs, np.dtype(dtype))
    torch = {name: judge_tensor(same_dtype[name], oracle[name], laws, name, dtype) for name in oracle}
    return Reference(inputs, oracle, torch, laws)


def judge_tensor(got: Any, want: Any, laws: Laws, name: str, dtype: str) -> Comparison:
    """Judge one tensor; what is an integer at the oracle must be one of the same dtype."""
    return compare(got, want, laws[name], want.dtype if want.dtype.kind in "iu" else np.dtype(dtype))


def judge(
    case: Case,
    implementation: Implementation,
    dtype: str,
    seed: int = 0,
    algorithm: str | None = None,
    layout: Any = None,
) -> list[Finding]:
    """Run a case through an implementation, and judge every tensor.

    Parameters
    ----------
    case : what to run
    implementation : who runs it
    dtype : "float32" or "float64"
    seed : of the inputs
    algorithm : by name; None leaves the choice to the implementation
    layout : how host arrays get into its memory (see `inputs.layouts`); None is nn.asarray

    Returns
    -------
    one Finding for each tensor that torch gives
    """
    return judge_against(reference(case, dtype, seed), case, implementation, dtype, algorithm, layout)


def judge_against(
    should: Reference,
    case: Case,
    implementation: Implementation,
    dtype: str,
    algorithm: str | None = None,
    layout: Any = None,
) -> list[Finding]:
    """Run a case on the inputs of a reference, and judge every tensor; as `judge` for the rest.

    Raises
    ------
    AssertionError
        if the implementation gives a tensor that torch does not give
    """
    not_finite = bool({getattr(case, "data", ""), getattr(case, "upstream", "")} & {"nan", "inf"})
    with np.errstate(all="ignore") if not_finite else nullcontext():  # elsewhere there is nothing for NumPy to warn of
        tensors = case.run(implementation.nn, should.inputs, algorithm, layout)
    unwanted = tensors.keys() - should.oracle.keys()
    if unwanted:
        raise AssertionError(f"{case}: {implementation.name} gives {sorted(unwanted)}, which torch does not")
    return [
        Finding(
            implementation.name,
            algorithm,
            case.op,
            str(case),
            dtype,
            name,
            judge_tensor(tensors.get(name), want, should.laws, name, dtype),
            should.torch[name],
        )
        for name, want in should.oracle.items()
    ]
