"""Find out how somebody's layer is to be called, run it through the cases, and sort what comes out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from parity_tests.check.adapter import ATTRIBUTES, Adapter, Unmatched, match, with_state
from parity_tests.check.cases import cases_for, given, is_batch, peculiarities
from parity_tests.check.judge import Answer, judge
from parity_tests.check.process import Failure, Process, Refused
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import Finding, reference

MOST_HANGS = 3
"""After so many cases that hung, the others are not run: each costs the whole time limit."""


@dataclass
class Examination:
    """Everything that was found out about a layer.

    Attributes
    ----------
    adapter : how the class was read
    findings : one for each tensor that was compared
    failures : (case, dtype, what the layer did in place of an answer)
    lacks : what the layer does not offer, in words -> why that is known ("" where its signature says so)
    left_out : the cases that need what is not offered
    not_run : the cases that were not run after too many had hung
    changed : which of x and dy it changes in place
    coarse : what of its state it keeps in float32 even where the input is float64
    shapes : what of its state it keeps in another shape than torch -> its shape and torch's
    conversions : (dtype of the input, dtype of the result) -> the tensors, where the two are not the same
    """

    adapter: Adapter
    findings: list[Finding] = field(default_factory=list)
    failures: list[tuple[str, str, Failure]] = field(default_factory=list)
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
    def agrees(self) -> bool:
        """Whether nothing disagrees with torch, and x is left as it was."""
        return (
            not self.failures
            and "x" not in self.changed
            and all(finding.ours.verdict.agrees for finding in self.findings)
        )


def read(process: Process, op: str, name: str, seed: int) -> Adapter:
    """Find out how a class is to be called: from its signatures, from a layer of it, and from a run of one case.

    Raises
    ------
    Unmatched
        if it cannot be called as such a layer
    Refused
        if Python does not know its signatures
    """
    adapter = match(op, name, process.ask("describe", name=name))
    offered = [case for case in map(adapter.fit, cases_for(op)) if not adapter.lacks(case)]
    plain = next((case for case in offered if not peculiarities(case) and case.shape[0] > 1), None)
    if plain is None:
        return adapter
    shapes = {key: value.shape for key, value in plain.state(reference(plain, "float64", seed).inputs).items()}
    known = [alias for key in shapes for alias in ATTRIBUTES[key]]
    call = adapter.constructor_call(plain, "float64")
    try:
        found = process.ask("look", name=name, arguments=call, known=known)
    except Failure:  # it will fail in every case, and be reported
        return adapter
    adapter = with_state(adapter, shapes, {key: tuple(shape) for key, shape in found.items()})
    # Both are tried: a layer that updates its weights mostly takes one sample.
    orders = sorted((False, True), reverse=adapter.rate is not None) if is_batch(plain) else [False]
    readings = [replace(adapter, one_sample=one_sample) for one_sample in orders]
    takes_columns = op == "Linear" and tuple(found.get(adapter.held.get("bias", ""), ()))[1:] == (1,)
    return best(readings, process, plain, seed, takes_columns)


def best(
    readings: Sequence[Adapter], process: Process, plain: LayerCase, seed: int, takes_columns: bool = False
) -> Adapter:
    """The first reading that gives tensors of the right shapes, else the first that gives any.

    Raises
    ------
    Unmatched
        if backward returns a tuple, or no reading fits and `takes_columns`: the bias is one
    """
    answering = []
    unwritten = ""
    for reading in readings:
        case = reading.fit(plain)
        want = reference(case, "float64", seed).oracle
        try:
            answer = ask(process, reading, case, "float64", seed)
        except Refused:
            continue
        except Failure as failure:
            if failure.verb == "hangs":  # once is enough
                return reading
            if failure.what.startswith(" NotImplementedError"):
                unwritten = str(failure)
            continue
        if answer.problems.get("dx", "").startswith("is a tuple"):
            returned = answer.problems["dx"].removeprefix("is ").partition(",")[0]
            raise Unmatched(f"its backward returns {returned}; one array dx is known")
        answering.append(reading)
        names = ("y", "dx") if reading.backward else ("y",)
        if all(name in answer.tensors and answer.tensors[name].shape == want[name].shape for name in names):
            return reading
    if unwritten and readings[0].backward and not answering:
        forward = [replace(reading, backward=False, no_backward=unwritten) for reading in readings]
        return best(forward, process, plain, seed, takes_columns)
    if takes_columns:
        raise Unmatched("it takes columns, x of shape (n, 1); a batch (N, n) or one sample (n,) is known")
    return [*answering, *readings][0]


def ask(process: Process, adapter: Adapter, case: LayerCase, dtype: str, seed: int) -> Answer:
    """Run one case in the child.

    Raises
    ------
    Failure, Refused
        as the process does
    """
    inputs, outputs = process.folder / "inputs.npz", process.folder / "outputs.npz"
    arrays: dict[str, Any] = dict(reference(case, dtype, seed).inputs)
    np.savez(inputs, **arrays)
    said = process.ask("run", inputs=str(inputs), outputs=str(outputs), **adapter.request(case, dtype))
    with np.load(outputs, allow_pickle=False) as file:
        tensors = {name: file[name] for name in file.files}
    return Answer(tensors, said["problems"], said["changed"], said["kept"])


def examine(process: Process, adapter: Adapter, dtypes: Sequence[str], seed: int, progress: Any = iter) -> Examination:
    """Run all cases that the layer offers, and judge them.

    Parameters
    ----------
    process : where the layer runs
    adapter : how it is read
    dtypes : "float32", "float64", or both
    seed : of the inputs
    progress : wraps the list of runs, to show how far they are
    """
    found = Examination(adapter)
    raised: list[tuple[LayerCase, str, Failure]] = []
    served: set[str] = set()
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
                found.lacks[refused_keyword[1]] = str(failure)
                found.left_out.add(str(case))
            elif failure.verb == "raises":
                raised.append((case, dtype, failure))
            else:
                found.failures.append((str(case), dtype, failure))
        else:
            if case.integer and "y" in answer.tensors and answer.tensors["y"].dtype.kind == "f":
                found.lacks["integer input"] = f"returns {answer.tensors['y'].dtype}"
                found.left_out.add(str(case))
                continue
            served.update(peculiarities(case))
            found.findings += judge(adapter, case, dtype, seed, answer)
            note(found, case, dtype, seed, answer)
    sort_out(found, raised, served)
    spare_empty_batches(found)
    return found


def plan(found: Examination, dtypes: Sequence[str]) -> list[tuple[LayerCase, str]]:
    """List what to run, and note what the layer does not offer, as far as one can see beforehand."""
    adapter = found.adapter
    runs: dict[tuple[LayerCase, str], None] = {}
    for case in cases_for(adapter.op):
        fitted = adapter.fit(case)
        found.lacks |= dict.fromkeys(given(case).keys() - given(fitted).keys(), "")
        if words := adapter.lacks(fitted):
            found.lacks |= dict.fromkeys(words, "")
            found.left_out.add(str(fitted))
        else:
            runs |= {(fitted, dtype): None for dtype in (dtypes[:1] if case.integer else dtypes)}
    first = ({} if adapter.backward else {"backward": adapter.no_backward}) | (
        {"batch": "run sample by sample"} if adapter.one_sample else {}
    )
    found.lacks = (first if runs else {}) | found.lacks
    return list(runs)


def note(found: Examination, case: LayerCase, dtype: str, seed: int, answer: Answer) -> None:
    """Note what is no disagreement but good to know."""
    found.changed.update(answer.changed)
    inputs = reference(case, dtype, seed).inputs
    for name, (_, kept_shape) in answer.kept.items():
        if tuple(kept_shape) != inputs[name].shape:
            found.shapes.setdefault(name, (tuple(kept_shape), inputs[name].shape))
    if dtype == "float64":
        found.coarse.update(name for name, (kept, _) in answer.kept.items() if kept == "float32")
    for name, value in answer.tensors.items():
        if value.dtype.kind == "f" and value.dtype != dtype:
            found.conversions.setdefault((dtype, value.dtype.name), {})[name] = None


def sort_out(found: Examination, raised: Iterable[tuple[LayerCase, str, Failure]], served: set[str]) -> None:
    """Tell what is not offered from what fails.

    A layer that raises wherever, say, the batch is empty does not offer that, and says so. One that raises only
    sometimes fails, and so does one that never answers. Where a case has several such peculiarities, the one that
    suffices in another case is to blame.
    """

    def never_served(case: LayerCase) -> list[str]:
        return [word for word in peculiarities(case) if word not in served] if found.findings else []

    for case, dtype, failure in sorted(raised, key=lambda one: len(never_served(one[0]))):
        never = never_served(case)
        if not never:
            found.failures.append((str(case), dtype, failure))
            continue
        found.left_out.add(str(case))
        if found.lacks.keys().isdisjoint(never):
            found.lacks |= dict.fromkeys(never, str(failure))


def spare_empty_batches(found: Examination) -> None:
    """Count empty batches as not offered where nothing but their shapes is wrong."""
    bad = [finding for finding in found.findings if not finding.ours.verdict.agrees]
    empty = {str(found.adapter.fit(case)) for case in cases_for(found.adapter.op) if 0 in case.shape}
    if not bad or found.failures or not all(f.case in empty and f.ours.reason.startswith("has shape") for f in bad):
        return
    cases = {finding.case for finding in bad}
    found.lacks["an empty batch"] = f"{bad[0].tensor} {bad[0].ours.reason}"
    found.left_out |= cases
    found.findings = [finding for finding in found.findings if finding.case not in cases]
