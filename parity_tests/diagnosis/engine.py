"""Name the error of a layer that disagrees."""

from collections.abc import Sequence

from parity_tests.diagnosis.evidence import Evidence
from parity_tests.diagnosis.outcome import Diagnosis


def diagnose(evidence: Sequence[Evidence]) -> Diagnosis:
    """Name the errors that reproduce what a layer gave.

    Parameters
    ----------
    evidence : of one layer, what it gave in every case

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError
        if there is no evidence, or it is of several operations
    """
    ops = {each.case.op for each in evidence}
    if len(ops) != 1:
        raise ValueError(f"evidence of one operation is needed, not of {sorted(ops) or 'none'}")
    bad = [(each, finding) for each in evidence for finding in each.findings if not finding.ours.verdict.agrees]
    if not bad:
        return Diagnosis(ops.pop())
    smallest = min((each for each, _ in bad), key=lambda each: sum(value.size for value in each.tensors.values()))
    facts = []
    for tensor in dict.fromkeys(finding.tensor for _, finding in bad):
        first = next(finding for _, finding in bad if finding.tensor == tensor)
        ours = first.ours
        place = f" at {list(ours.at)} it has {ours.got:.9g}, torch has {ours.want:.9g}" if ours.at is not None else ""
        facts.append(f"{tensor}, {first.case}, {first.dtype}:{place} {ours.reason}".rstrip())
    unexplained = list(dict.fromkeys(finding.tensor for _, finding in bad))
    return Diagnosis(ops.pop(), unexplained=unexplained, facts=facts, smallest=smallest)
