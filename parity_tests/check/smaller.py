"""The smallest case that shows what is wrong: smaller ones than the suite's are tried on the layer."""

from dataclasses import replace

from parity_tests.check.examine import Examination
from parity_tests.check.judge import judge
from parity_tests.check.process import Failure, Process, Refused
from parity_tests.check.reading import ask
from parity_tests.diagnosis import Evidence, script, shrink
from parity_tests.harness.case import Case

SECONDS = 3.0
"""How long it may take."""


def shrink_diagnosis(process: Process, found: Examination) -> None:
    """Put a smaller case, and its script, into the diagnosis, if the layer is wrong in one: in the same tensors."""
    diagnosis = found.diagnosis
    if diagnosis is None or diagnosis.smallest is None:
        return
    first = diagnosis.smallest
    wrong = bad_tensors(first)

    def run(case: Case) -> Evidence | None:
        """What the layer gives; None if it does not offer the case, or does not answer."""
        if found.adapter.fit(case) != case or found.adapter.lacks(case):
            return None
        try:
            answer = ask(process, found.adapter, case, first.dtype, found.seed)
        except (Refused, Failure):
            return None
        findings = judge(found.adapter, case, first.dtype, found.seed, answer)
        return Evidence(case, first.dtype, answer.tensors, findings, frozenset(answer.changed), found.seed)

    def fails(case: Case) -> bool:
        evidence = run(case)
        return evidence is not None and bad_tensors(evidence) == wrong

    smaller = run(shrink(first.case, fails, SECONDS))
    if smaller is not None and smaller.case != first.case:
        found.diagnosis = replace(diagnosis, smallest=smaller, script=script(smaller))


def bad_tensors(evidence: Evidence) -> set[str]:
    """The tensors that disagree."""
    return {finding.tensor for finding in evidence.findings if not finding.ours.verdict.agrees}
