"""Find out how something of somebody's is to be called: from its signatures, and by trying."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from parity_tests.check.adapters import Adapter, Hints, Unmatched, recognise
from parity_tests.check.adapters.base import Answer, Program, Raw
from parity_tests.check.adapters.layers import FIXED_KERNEL, LayerAdapter
from parity_tests.check.adapters.layouts import BATCH
from parity_tests.check.adapters.names import METHODS
from parity_tests.check.cases import PLAIN
from parity_tests.check.process import Failure, NoChild, Process, Refused
from parity_tests.harness.case import Case
from parity_tests.harness.referee import reference

BEST = 2

NO_DEVICE = r"NoDevice|CUDARuntimeError|cudaError"
"""What an exception names that is raised where there is no GPU."""

MOST_REFINEMENTS = 5
"""How often a reading may learn from what came back."""


def read(process: Process, op: str, name: str, hints: Hints) -> Adapter[Any]:
    """Find out how a class or a function is to be called.

    Raises
    ------
    Unmatched
        if it cannot be called as such a layer
    Refused
        if Python does not know its signatures
    NoChild
        if it takes the arrays of a module that is not installed
    """
    methods = [*METHODS, *filter(None, (hints.forward, hints.backward))]
    described = process.ask("describe", name=name, methods=methods)
    if hints.backward and described["kind"] == "function":
        described["partner"] = process.ask("describe", name=hints.backward, methods=[])
    tried: list[Trial] = []
    for array_module in libraries(described, hints):
        tried.append(
            best(
                recognise(op, name, {**described, "array_module": array_module}, hints, partial(run, process)), process
            )
        )
        if tried[-1].score >= 0:
            break
        if without := next((text for text in tried[-1].failures if re.search(NO_DEVICE, text)), None):
            raise NoChild(f"it computes on a GPU, and {without}")
    found = max(tried, key=lambda one: one.score)
    if found.score < 1 and getattr(found.adapter, "has_fixed_kernel", False):
        raise Unmatched(f"it takes no kernel_size, and does not pool windows of {FIXED_KERNEL} x {FIXED_KERNEL}")
    return found.adapter


def libraries(described: Mapping[str, Any], hints: Hints) -> list[str]:
    """Whose arrays something may take, by what its file imports: NumPy's first, if that is not out of the question."""
    if hints.array_module:
        return [hints.array_module]
    if described.get("torch"):
        return ["torch"]
    uses = described["libraries"] or ["numpy"]
    return [each for each in ("numpy", "cupy", "torch") if each in uses]


@dataclass(frozen=True)
class Trial:
    """The best of several readings.

    Attributes
    ----------
    adapter : the reading
    score : how near it comes, -1 if none answers
    failures : what they did in place of an answer
    """

    adapter: Adapter[Any]
    score: int
    failures: Sequence[str] = ()


def best(readings: Sequence[Adapter[Any]], process: Process) -> Trial:
    """The first reading that gives tensors of the right shapes, else the one that comes nearest."""
    reached: list[Trial] = []
    failures: list[Failure] = []
    unwritten = no_batch = ""
    for first in readings:
        try:
            reading, answer = rehearse(first, process)
        except Refused:
            continue
        except Failure as failure:
            if failure.verb == "hangs":  # once is enough
                return Trial(first, 0)
            if failure.what.startswith(" NotImplementedError"):
                unwritten = str(failure)
            failures.append(failure)
            if isinstance(first, LayerAdapter) and first.layout is BATCH:
                no_batch = no_batch or failure.brief()
            continue
        if isinstance(reading, LayerAdapter) and reading.layout.one_by_one:
            reading = replace(reading, no_batch=no_batch)
        reached.append(Trial(reading, nearness(reading, answer)))
        if reached[-1].score == BEST:
            return reached[-1]
    if unwritten and readings[0].backward and not reached:
        return best([replace(reading, backward=False, no_backward=unwritten) for reading in readings], process)
    return max(reached, key=lambda one: one.score) if reached else Trial(readings[0], -1, list(map(str, failures)))


def rehearse(reading: Adapter[Any], process: Process) -> tuple[Adapter[Any], Answer]:
    """Run the plain case, and learn from what comes back, until there is nothing more to learn.

    Raises
    ------
    Failure, Refused
        as the process does
    """
    for _ in range(MOST_REFINEMENTS):
        case = reading.fit(PLAIN[reading.op])
        inputs = reference(case, "float64", 0).inputs
        raw = run(process, reading.program(case, inputs, "float64", look=True))
        refined = reading.refined(case, raw)
        if refined == reading:
            break
        reading = refined
    return reading, reading.answer(case, inputs, raw)


def nearness(reading: Adapter[Any], answer: Answer) -> int:
    """BEST if all tensors have the right shapes, 1 if the first and dx have, 0 otherwise."""
    case = reading.fit(PLAIN[reading.op])
    want = {name: value for name, value in reference(case, "float64", 0).oracle.items() if reading.offers(name, case)}
    right = [name in answer.tensors and answer.tensors[name].shape == value.shape for name, value in want.items()]
    main = [so for name, so in zip(want, right, strict=True) if name in ("y", "loss", "theta", "dx")]
    return BEST if all(right) else int(all(main))


def ask(
    process: Process, adapter: Adapter[Any], case: Case, dtype: str, seed: int, after_another: bool = False
) -> Answer:
    """Run one case in the child.

    Raises
    ------
    Failure, Refused
        as the process does
    """
    inputs = reference(case, dtype, seed).inputs
    raw = run(process, adapter.program(case, inputs, dtype, after_another=after_another))
    return adapter.answer(case, inputs, raw)


def run(process: Process, program: Program) -> Raw:
    """Have the child do a program.

    Raises
    ------
    Failure, Refused
        as the process does
    """
    inputs, outputs = process.folder / "inputs.npz", process.folder / "outputs.npz"
    arrays: dict[str, Any] = dict(program.arrays)
    np.savez(inputs, **arrays)
    said = process.ask(
        "run",
        inputs=str(inputs),
        outputs=str(outputs),
        steps=program.steps,
        results=program.results,
        before=program.before,
        each=program.each,
        array_module=program.array_module,
    )
    with np.load(outputs, allow_pickle=False) as file:
        tensors = {name: file[name] for name in file.files}
    for used in (inputs, outputs):
        used.unlink()  # some file systems wait for the disk when a file is written over, and not for a new one
    return Raw(
        tensors,
        said["problems"],
        said["changed"],
        {name: (dtype, tuple(shape)) for name, (dtype, shape) in said["kept"].items()},
        said["read"],
        {path: tuple(shape) for path, shape in said["seen"].items()},
    )
