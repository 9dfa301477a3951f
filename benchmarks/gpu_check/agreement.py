"""Each kernel on the device and in the emulator: both within the law, and how far they are from each other.

They need not give the same bits: the device joins a product and a sum into one rounding, the emulator does not.
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.device import Device, implementation
from benchmarks.gpu_check.faults import checked, reason
from benchmarks.gpu_check.kernel_cases import EMULATED, has_kernel, runs, topics
from benchmarks.machine import usable_cpus
from gpu import emulator
from gpu.kernels import modules
from parity_tests.harness.case import Case, Tensors
from parity_tests.harness.comparison import Law
from parity_tests.harness.referee import judge_tensor, reference
from scratch.array import HostArray

MOST_SHOWN = 20


def items(device: Device) -> Sequence[str]:
    """One for each operation; without a g++ there is nothing to compare with, and the law alone decides."""
    return topics(device)


def run(item: str, device: Device, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Run all cases of an operation; one record for each algorithm."""
    missing = emulator.why_not()
    if missing is None:
        compile_everything()
    found: dict[str | None, dict[str, Any]] = {}
    for case, dtype, algorithm in runs(item, device):
        emulated = missing is None and has_kernel(case, algorithm)
        record = found.setdefault(
            algorithm,
            {"what": item, "algorithm": algorithm, "cases": 0, "worst of law": 0.0, "apart": None, "wrong": []},
        )
        if deadline.over:
            break
        record["cases"] += 1
        try:
            compare(case, dtype, algorithm, device, emulated, record)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is no right answer)
            record["wrong"].append(f"{case} {dtype}: {reason(error)}")
            checked(device, error, lambda: list(finished(found, missing)))
    yield from finished(found, missing)


def finished(found: dict[str | None, dict[str, Any]], missing: str | None) -> Iterator[dict[str, Any]]:
    """The records, as they are to be kept."""
    for record in found.values():
        wrong = record["wrong"]
        yield record | {"agrees": not wrong, "wrong": wrong[:MOST_SHOWN], "emulator": missing or "compared"}


def compile_everything() -> None:
    """Compile all files for the emulator, several at once; the same file is compiled once only."""
    with ThreadPoolExecutor(usable_cpus()) as pool:
        list(pool.map(lambda module: module.SOURCE.compiled(emulator.Module), modules()))


def compare(
    case: Case, dtype: str, algorithm: str | None, device: Device, emulated: bool, record: dict[str, Any]
) -> None:
    """Judge one run, and note it in the record."""
    should = reference(case, dtype, 0)
    laws = should.laws_of(algorithm)
    with np.errstate(all="ignore"):
        got = case.run(implementation(device).nn, should.inputs, algorithm)
        other: Tensors = case.run(EMULATED.nn, should.inputs, algorithm) if emulated else {}
    for name, want in should.oracle.items():
        comparison = judge_tensor(got.get(name), want, laws, name, dtype)
        if not comparison.verdict.agrees:
            record["wrong"].append(f"{case} {dtype}: {name} is {comparison.verdict}, {comparison.worst:.3g} of its law")
        if math.isfinite(comparison.worst):
            record["worst of law"] = max(record["worst of law"], comparison.worst)
        if name in other and name in got and got[name].shape == other[name].shape:
            record["apart"] = max(record["apart"] or 0.0, apart(got[name], other[name], laws[name]))


def apart(one: HostArray, other: HostArray, law: Law | None) -> float:
    """The largest difference of two tensors in units of the law's hard bound; infinite where there may be none.

    >>> one, law = np.array([1.0, np.nan]), Law(np.array([0.5, 1.0]), np.array([0.5, 1.0]))
    >>> apart(one, one, None), apart(one, one + [0.25, 0], law), apart(one, one + 1, None)
    (0.0, 0.5, inf)
    """
    same = (one == other) | ((one != one) & (other != other))  # noqa: PLR0124 (NaN beside NaN)
    if same.all():
        return 0.0
    if law is None:
        return math.inf
    with np.errstate(all="ignore"):
        fractions = np.abs(one.astype(np.float64) - other) / law.hard
    fractions = np.where(np.isnan(fractions), math.inf, fractions)
    return float(np.where(same, 0.0, fractions).max())
