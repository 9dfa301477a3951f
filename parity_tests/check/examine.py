"""Run somebody's layer through the cases, and sort what comes out."""

import contextlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from parity_tests.check.adapters import Adapter
from parity_tests.check.adapters.base import Answer
from parity_tests.check.cases import cases_for, given
from parity_tests.check.judge import judge
from parity_tests.check.offered import sort_out, spare, takes_pairs
from parity_tests.check.process import Failure, Process, Refused
from parity_tests.check.reading import ask
from parity_tests.diagnosis import Diagnosis, Evidence, diagnose
from parity_tests.harness.case import Case
from parity_tests.harness.referee import Finding, reference

MOST_HANGS = 3
"""After so many cases that hung, the others are not run: each costs the whole time limit."""

MOST_FORWARD = 20
"""In so many cases whose backward raises forward is run alone."""


@dataclass
class Examination:
    """Everything that was found out about a layer.

    Attributes
    ----------
    adapter : how the class was read
    seed : of the inputs
    findings : one for each tensor that was compared
    evidence : what it gave, one for each case and dtype that answered, and for each that was repeated
    failures : (case, dtype, what the layer did in place of an answer)
    again : the findings after other calls that disagree where a single call agreed
    overwritten : the tensors that a later call changes, after they were returned
    lacks : what the layer does not offer, in words -> why that is known ("" where its signature says so)
    left_out : the cases that need what is not offered
    not_run : the cases that were not run after too many had hung
    changed : which of the inputs it changes in place
    coarse : what of its state it keeps in float32 even where the input is float64
    shapes : what of its state it keeps in another shape than torch -> its shape and torch's
    conversions : (dtype of the input, dtype of the result) -> the tensors, where the two are not the same
    """

    adapter: Adapter[Any]
    seed: int = 0
    findings: list[Finding] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    failures: list[tuple[str, str, Failure]] = field(default_factory=list)
    again: list[Finding] = field(default_factory=list)
    overwritten: set[str] = field(default_factory=set)
    lacks: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    not_run: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    coarse: set[str] = field(default_factory=set)
    shapes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    conversions: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)

    @property
    def compared(self) -> list[str]:
        """The cases that were run and judged."""
        return list(dict.fromkeys([*(f.case for f in self.findings), *(case for case, _, _ in self.failures)]))

    @property
    def bad(self) -> list[Finding]:
        """The findings that disagree."""
        return [finding for finding in self.findings if not finding.ours.verdict.agrees]

    @property
    def agrees(self) -> bool:
        """Whether nothing disagrees with torch, and the promises are kept."""
        return not (self.bad or self.failures or self.again or self.overwritten or "x" in self.changed)

    @cached_property
    def diagnosis(self) -> Diagnosis | None:
        """What is wrong with it; None if nothing is, or it has given no numbers to judge by."""
        if not self.evidence or self.agrees:
            return None
        with np.errstate(all="ignore"):  # NaN and infinities are part of the cases
            return diagnose(self.telling)

    @property
    def telling(self) -> list[Evidence]:
        """The evidence to judge by: without what nobody claims to offer, if that is not all that is wrong.

        A mean over an empty batch is NaN and no error of its own; it would only hide the one that is everywhere.
        """
        claimed = [
            one
            for one in self.evidence
            if self.adapter.unclaimed.keys().isdisjoint(self.adapter.peculiarities(one.case))
        ]
        bad = any(not finding.ours.verdict.agrees for one in claimed for finding in one.findings)
        return claimed if bad else self.evidence


def examine(
    process: Process, adapter: Adapter[Any], dtypes: Sequence[str], seed: int, progress: Any = iter
) -> Examination:
    """Run all cases that the layer offers, and judge them.

    Parameters
    ----------
    process : where the layer runs
    adapter : how it is read
    dtypes : "float32", "float64", or both
    seed : of the inputs
    progress : wraps the list of runs, to show how far they are
    """
    found = Examination(adapter, seed)
    raised: list[tuple[Case, str, Failure]] = []
    served: set[str] = set()
    answered: list[tuple[Case, str]] = []
    hangs = 0
    for case, dtype in progress(plan(found, dtypes)):
        if hangs == MOST_HANGS:
            found.not_run.add(str(case))
            continue
        try:
            answer = ask(process, adapter, case, dtype, seed)
        except Refused as refused:
            found.lacks[str(refused)] = ""
            found.left_out.add(str(case))
        except Failure as failure:
            hangs += failure.verb == "hangs"
            refused_keyword = re.search(r" TypeError: .*unexpected keyword argument '(\w+)'", failure.what)
            if refused_keyword and refused_keyword[1] in adapter.through_keywords(case):
                found.lacks[refused_keyword[1]] = failure.brief()
                found.left_out.add(str(case))
            elif failure.verb == "raises":
                raised.append((case, dtype, failure))
            else:
                found.failures.append((str(case), dtype, failure))
        else:
            y = answer.tensors.get("y") if getattr(case, "integer", None) else None
            if y is not None and y.dtype.kind == "f" and y.dtype != reference(case, dtype, seed).oracle["y"].dtype:
                found.lacks["integer input"] = f"returns {y.dtype}"
                found.left_out.add(str(case))
                continue
            served.update(adapter.peculiarities(case))
            answered.append((case, dtype))
            found.findings += keep(found, case, dtype, answer)
            note(found, case, dtype, answer)
    served.update(takes_pairs(process, found, raised, served))
    failing = sort_out(found, raised, served)
    forward_of(process, found, failing)
    spare(found)
    repeat(found, process, [one for one in answered if not found.not_run])
    return found


def keep(found: Examination, case: Case, dtype: str, answer: Answer, only: Collection[str] = ()) -> list[Finding]:
    """Judge an answer, or only some of its tensors, and keep it as evidence."""
    tensors = {name: value for name, value in answer.tensors.items() if not only or name in only}
    findings = judge(found.adapter, case, dtype, found.seed, answer)
    findings = [finding for finding in findings if not only or finding.tensor in only]
    found.evidence.append(Evidence(case, dtype, tensors, findings, frozenset(answer.changed), found.seed))
    return findings


def plan(found: Examination, dtypes: Sequence[str]) -> list[tuple[Case, str]]:
    """List what to run, and note what the layer does not offer, as far as one can see beforehand."""
    adapter = found.adapter
    runs: dict[tuple[Case, str], None] = {}
    for case in cases_for(adapter.op):
        fitted = adapter.fit(case)
        found.lacks |= dict.fromkeys(sorted(given(case).keys() - given(fitted).keys()), "")
        if words := adapter.lacks(fitted):
            found.lacks |= dict.fromkeys(words, "")
            found.left_out.add(str(fitted))
        else:
            runs |= {(fitted, dtype): None for dtype in (dtypes[:1] if len(case.dtypes) == 1 else dtypes)}
    found.lacks = (adapter.not_offered() if runs else {}) | found.lacks
    return list(runs)


def note(found: Examination, case: Case, dtype: str, answer: Answer) -> None:
    """Note what is no disagreement but good to know."""
    found.changed.update(answer.changed)
    inputs = reference(case, dtype, found.seed).inputs
    for name, (_, kept_shape) in answer.kept.items():
        if tuple(kept_shape) != inputs[name].shape:
            found.shapes.setdefault(name, (tuple(kept_shape), inputs[name].shape))
    if dtype == "float64":
        found.coarse.update(name for name, (kept, _) in answer.kept.items() if kept == "float32")
    for name, value in answer.tensors.items():
        if value.dtype.kind == "f" and value.dtype != dtype:
            found.conversions.setdefault((dtype, value.dtype.name), {})[name] = None


def forward_of(process: Process, found: Examination, failing: Sequence[tuple[Case, str]]) -> None:
    """Where it is backward that raises, see what forward has given: it may tell why."""
    if not found.adapter.backward:
        return
    forward = replace(found.adapter, backward=False)
    for case, dtype in failing[:MOST_FORWARD]:
        with contextlib.suppress(Failure, Refused):
            answer = ask(process, forward, case, dtype, found.seed)
            findings = judge(forward, case, dtype, found.seed, answer)
            found.findings += findings
            found.evidence.append(Evidence(case, dtype, answer.tensors, findings, seed=found.seed))


def repeat(found: Examination, process: Process, answered: Sequence[tuple[Case, str]]) -> None:
    """Run a few cases again, each by a layer that is called on other numbers before and afterwards.

    Only y and dx are compared: gradients of parameters may add up, as torch's do.
    """
    first = [one for one in answered if found.adapter.is_repeatable(one[0]) and is_ordinary(found, one[0])]
    padded = [one for one in first if given(one[0]).get("padding")]
    for case, dtype in [*first[:1], *padded[:1]]:
        agreed = {f.tensor for f in found.findings if (f.case, f.dtype) == (str(case), dtype) and f.ours.verdict.agrees}
        try:
            answer = ask(process, found.adapter, case, dtype, found.seed, after_another=True)
        except Failure as failure:
            found.failures.append((str(case), f"{dtype}, in a second call", failure))
            return
        found.overwritten.update(answer.overwritten)
        findings = keep(found, case, dtype, answer, ("y", "dx", "loss"))
        found.again += [each for each in findings if each.tensor in agreed and not each.ours.verdict.agrees]


def is_ordinary(found: Examination, case: Case) -> bool:
    """Whether a case has finite random numbers, more than one sample, and nothing peculiar but pairs."""
    shape: tuple[int, ...] = getattr(case, "shape", ())
    pairs = all(word.startswith("a pair as") for word in found.adapter.peculiarities(case))
    return pairs and getattr(case, "data", "normal") == "normal" and shape[:1] > (1,)
