"""Judge a case: what an implementation computes against the referee in float64, tensor by tensor."""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from parity_tests.harness.case import Case, Inputs, Laws, Tensors
from parity_tests.harness.comparison import Comparison, Law, compare
from parity_tests.harness.implementations import Implementation


@dataclass(frozen=True)
class Finding:
    """One tensor of one case, judged.

    Attributes
    ----------
    ours : the verdict on the implementation
    torch : that on torch's own result in the same dtype; on scipy's, where that is the referee
    referee : "torch", "scipy.ndimage" or "scipy.signal"
    """

    implementation: str
    algorithm: str | None
    op: str
    case: str
    dtype: str
    tensor: str
    ours: Comparison
    torch: Comparison
    referee: str = "torch"


@dataclass(frozen=True)
class Reference:
    """What a case should give.

    Attributes
    ----------
    inputs : the same for everybody
    oracle : the referee's result in float64
    torch : the verdict on its result in the dtype of the run
    laws : its own, and everybody's but those of
    other_laws : algorithms that err in another way
    """

    inputs: Inputs
    oracle: Tensors
    torch: dict[str, Comparison]
    laws: Laws
    other_laws: dict[str, Laws]

    def laws_of(self, algorithm: str | None) -> Laws:
        """The laws of an algorithm by its name."""
        return self.laws if algorithm is None else self.other_laws.get(algorithm, self.laws)


@lru_cache(maxsize=4096)
def reference(case: Case, dtype: str, seed: int) -> Reference:
    """Draw the inputs of a case and let the referee answer; remembered, since every implementation needs it."""
    inputs = case.draw(np.dtype(dtype), seed)
    for value in inputs.values():
        value.setflags(write=False)
    return refer(case, inputs, dtype)


def refer(case: Case, inputs: Inputs, dtype: str) -> Reference:
    """Let the referee answer for given inputs."""
    limits = np.finfo("float32" if dtype == "float16" else dtype)  # half precision is storage
    eps, tiny = float(limits.eps), float(limits.tiny)
    with np.errstate(all="ignore"):
        oracle = case.run_torch(inputs, np.float64)
        same_dtype = case.run_torch(inputs, np.dtype(dtype))
        laws, other_laws = case.laws(inputs, eps, tiny), case.other_laws(inputs, eps, tiny)
    if dtype == "float16":
        laws = stored_in_half(laws, oracle)
        other_laws = {algorithm: stored_in_half(its, oracle) for algorithm, its in other_laws.items()}
    torch = {name: judge_tensor(same_dtype[name], oracle[name], laws, name, dtype) for name in oracle}
    return Reference(inputs, oracle, torch, laws, other_laws)


def stored_in_half(laws: Laws, oracle: Tensors) -> Laws:
    """The laws of results that are computed in float32 and then rounded once, to float16.

    That errs by half an epsilon of float16 at most; below its normal numbers by half of the smallest one.
    """
    limits = np.finfo(np.float16)
    found = dict(laws)
    for name, law in laws.items():
        if law is not None and name in oracle:
            size = np.abs(np.where(np.isfinite(oracle[name]), oracle[name], 0.0)) + law.hard
            rounding = float(limits.eps) / 2 * size + float(limits.smallest_subnormal) / 2
            found[name] = Law(law.hard + rounding, law.scale + rounding, law.value)
    return found


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
    dtype : "float16", "float32" or "float64"
    seed : of the inputs
    algorithm : by name; None leaves the choice to the implementation
    layout : how host arrays get into its memory (see `inputs.layouts`); None is nn.asarray

    Returns
    -------
    one Finding for each tensor that the referee gives
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
        if the implementation gives a tensor that the referee does not give
    """
    not_finite = bool({getattr(case, "data", ""), getattr(case, "upstream", "")} & {"nan", "inf", "-inf"})
    with np.errstate(all="ignore") if not_finite else nullcontext():  # elsewhere there is nothing for NumPy to warn of
        tensors = case.run(implementation.nn, should.inputs, algorithm, layout)
    unwanted = tensors.keys() - should.oracle.keys()
    if unwanted:
        raise AssertionError(f"{case}: {implementation.name} gives {sorted(unwanted)}, which the referee does not")
    return [
        Finding(
            implementation.name,
            algorithm,
            case.op,
            str(case),
            dtype,
            name,
            judge_tensor(tensors.get(name), want, should.laws_of(algorithm), name, dtype),
            should.torch[name],
            case.referee,
        )
        for name, want in should.oracle.items()
    ]
