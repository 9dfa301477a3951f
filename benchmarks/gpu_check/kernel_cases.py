"""The cases that launch every kernel, by topic, with the algorithms that a device and the emulator both have."""

from collections.abc import Iterator, Sequence
from itertools import product

from benchmarks.gpu_check.device import Device, implementation
from parity_tests.harness.case import Case
from parity_tests.harness.implementations import IMPLEMENTATIONS

EMULATED = IMPLEMENTATIONS["gpu.emulated"]


def topics(device: Device) -> Sequence[str]:
    """The operations that have cases, in their order."""
    return list(dict.fromkeys(case.op for case in device.sizes().cases))


def runs(topic: str, device: Device) -> Iterator[tuple[Case, str, str | None]]:
    """Each case of a topic with its dtypes, and with all algorithms that the device has for it."""
    for case in device.sizes().cases:
        if case.op == topic:
            for dtype, algorithm in product(case.dtypes, case.algorithms(implementation(device))):
                yield case, dtype, algorithm


def has_kernel(case: Case, algorithm: str | None) -> bool:
    """Whether the emulator has the algorithm, too: it has the kernels, and array code of what has none."""
    return algorithm in case.algorithms(EMULATED)
