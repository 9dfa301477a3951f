"""What a diagnosis is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parity_tests.harness.case import Case
from parity_tests.harness.referee import Finding
from scratch.array import HostArray


@dataclass(frozen=True)
class Evidence:
    """What somebody's layer gave in one case, arranged as torch's tensors are.

    Two pieces of evidence may be of the same case, dtype and seed: what the layer gave in a second call. Where the
    two are not the same, the layer depends on the calls before.

    Attributes
    ----------
    case : a LayerCase, LossCase or OptimiserCase
    dtype : of the run
    tensors : y, dx, dweight, ...; what is no array of numbers is missing here
    findings : the verdict on each tensor
    changed : the inputs that it changed in place
    seed : of the inputs
    """

    case: Case
    dtype: str
    tensors: Mapping[str, HostArray]
    findings: Sequence[Finding]
    changed: frozenset[str] = frozenset()
    seed: int = 0
