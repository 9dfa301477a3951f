"""What a diagnosis says."""

from dataclasses import dataclass, field

from parity_tests.diagnosis.evidence import Evidence


@dataclass(frozen=True)
class Named:
    """An error that has a name: it reproduces the layer's numbers.

    Attributes
    ----------
    op : of which operation
    suspect : the name, such as "kernel-flipped"
    sentence : what is wrong and how it is mended
    tensors : what it explains
    cases : the cases that it explains, as text, each once
    twins : the names of others in the same list that reproduce the same numbers in every case that ran
    """

    op: str
    suspect: str
    sentence: str
    tensors: tuple[str, ...]
    cases: tuple[str, ...]
    twins: tuple[str, ...] = ()


@dataclass(frozen=True)
class ErrorMap:
    """Where one plane of a tensor is right and where it is wrong.

    Attributes
    ----------
    tensor, case, dtype : of what
    plane : the index of the plane within the tensor, without its last two dimensions
    levels : for each element 0 (right), 1 (wrong by less than 1 % of the largest number), 2 (by less than all of it),
        3 (by more), 4 (not finite, or finite where torch is not)
    """

    tensor: str
    case: str
    dtype: str
    plane: tuple[int, ...]
    levels: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a layer, as far as that is known.

    Attributes
    ----------
    op : of which operation
    named : the errors that reproduce its numbers
    unexplained : the tensors that disagree and that no suspect reproduces
    facts : what else was seen, in words
    smallest : the smallest case that disagrees; None if none does
    script : a program that shows what torch gives in that case, with torch alone; "" without one
    map : where a tensor is wrong that nothing explains
    """

    op: str
    named: list[Named] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    smallest: Evidence | None = None
    script: str = ""
    map: ErrorMap | None = None
