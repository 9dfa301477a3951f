"""Every algorithm twice on the same numbers: the same bits."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.device import Device, implementation
from benchmarks.gpu_check.faults import checked, reason
from benchmarks.gpu_check.kernel_cases import runs, topics
from parity_tests.harness.case import Tensors

TIMES = 3


def items(device: Device) -> Sequence[str]:
    """One for each operation."""
    return topics(device)


def run(item: str, device: Device, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Run all cases of an operation; one record for each algorithm."""
    found: dict[str | None, dict[str, Any]] = {}
    for case, dtype, algorithm in runs(item, device):
        record = found.setdefault(
            algorithm, {"what": item, "algorithm": algorithm, "cases": 0, "times": TIMES, "wrong": []}
        )
        if deadline.over:
            break
        record["cases"] += 1
        inputs = case.draw(np.dtype(dtype), 0)
        try:
            with np.errstate(all="ignore"):
                first, *others = (case.run(implementation(device).nn, inputs, algorithm) for _ in range(TIMES))
            if differing := {name for other in others for name in different_bits(first, other)}:
                record["wrong"].append(f"{case} {dtype}: {', '.join(sorted(differing))}")
        except Exception as error:  # noqa: BLE001 (whatever it is, these are not the same bits)
            record["wrong"].append(f"{case} {dtype}: {reason(error)}")
            checked(device, error, lambda: [each | {"agrees": not each["wrong"]} for each in found.values()])
    yield from (each | {"agrees": not each["wrong"]} for each in found.values())


def different_bits(one: Tensors, other: Tensors) -> list[str]:
    """The names of the tensors that are not the same, bit for bit.

    >>> x, y = np.array([0.0]), np.array([-0.0])
    >>> different_bits({"y": x, "dx": x}, {"y": x, "dx": y})
    ['dx']
    """
    return [name for name in one if one[name].tobytes() != other[name].tobytes()]
