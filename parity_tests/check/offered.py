"""What a layer does not offer, told from what fails."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from parity_tests.check.adapters.layers import LayerAdapter
from parity_tests.check.cases import given
from parity_tests.check.judge import judge
from parity_tests.check.process import Failure, Process, Refused
from parity_tests.check.reading import ask
from parity_tests.harness.case import Case, Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import Finding

if TYPE_CHECKING:
    from parity_tests.check.examine import Examination


def sort_out(
    found: "Examination", raised: Iterable[tuple[Case, str, Failure]], served: set[str]
) -> list[tuple[Case, str]]:
    """Tell what is not offered from what fails; returns the latter.

    A layer that raises wherever, say, the batch is empty does not offer that, and says so. One that raises only
    sometimes fails, and so does one that never answers. Where a case has several such peculiarities, the one that
    suffices in another case is to blame.
    """

    def never_served(case: Case) -> list[str]:
        return [word for word in found.adapter.peculiarities(case) if word not in served] if found.findings else []

    failing = []
    for case, dtype, failure in sorted(raised, key=lambda one: len(never_served(one[0]))):
        never = never_served(case)
        if not never:
            found.failures.append((str(case), dtype, failure))
            failing.append((case, dtype))
            continue
        found.left_out.add(str(case))
        if found.lacks.keys().isdisjoint(never):
            found.lacks |= dict.fromkeys(never, failure.brief())
    return failing


def takes_pairs(
    process: Process, found: "Examination", raised: Iterable[tuple[Case, str, Failure]], served: set[str]
) -> Iterator[str]:
    """Of the pairs with which a layer raised: those that it takes if both are the same, so that they are offered."""
    tried: set[str] = set()
    for case, dtype, _ in raised:
        if not isinstance(case, LayerCase) or not isinstance(found.adapter, LayerAdapter):
            continue
        for name, value in given(case).items():
            word = f"a pair as {name}"
            if not isinstance(value, tuple) or word in served | tried or not found.adapter.passes(name):
                continue
            tried.add(word)
            spec = Spec.of(case.op, **{**given(case), name: (min(value), min(value))})
            with contextlib.suppress(Failure, Refused, ValueError, RuntimeError):  # torch may refuse it, too
                equal = replace(case, spec=spec)
                if all(each.ours.verdict.agrees for each in judge_one(process, found, equal, dtype)):
                    yield word


def judge_one(process: Process, found: "Examination", case: LayerCase, dtype: str) -> list[Finding]:
    """Run and judge one case that is not of the suite.

    Raises
    ------
    Failure, Refused
        as the process does
    """
    answer = ask(process, found.adapter, case, dtype, found.seed)
    return judge(found.adapter, case, dtype, found.seed, answer)


def spare(found: "Examination") -> None:
    """Count as not offered what nobody claims to offer, such as an empty batch, where a tensor is wrong only there.

    A kind of case of which one agrees is offered, and its others are wrong; but of empty batches each stands alone.
    """
    words = {str(each.case): found.adapter.peculiarities(each.case) for each in found.evidence}
    plain = {case for case, of_case in words.items() if found.adapter.unclaimed.keys().isdisjoint(of_case)}
    for word, reason in found.adapter.unclaimed.items():
        cases = {case for case, of_case in words.items() if word in of_case}
        bad = [f for f in found.bad if f.case in cases and f.ours.reason.startswith(reason)]
        right_elsewhere = {f.tensor for f in found.findings if f.case in plain} - {
            f.tensor for f in found.bad if f.case in plain
        }
        for tensor in dict.fromkeys(finding.tensor for finding in bad):
            of_it = [finding for finding in bad if finding.tensor == tensor]
            all_bad = {f.case for f in found.findings if f.tensor == tensor and f.case in cases} == {
                f.case for f in of_it
            }
            if tensor in right_elsewhere and (all_bad or word == "an empty batch"):
                found.lacks[word] = f"{tensor} {of_it[0].ours.reason or 'is another number'}"
                leave_out(found, {f.case for f in of_it} if word == "an empty batch" else cases)
                break


def leave_out(found: "Examination", cases: set[str]) -> None:
    """Take cases out of what was compared."""
    found.left_out |= cases
    found.findings = [finding for finding in found.findings if finding.case not in cases]
    found.evidence = [each for each in found.evidence if str(each.case) not in cases]
