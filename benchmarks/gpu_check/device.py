"""What the parts ask of a device; `on_device` has the real one, the tests have one that stands in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from benchmarks.gpu_check.row import Row
from parity_tests.harness.case import Case
from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation

REAL = "benchmarks.gpu_check.on_device:Device"


@dataclass(frozen=True)
class Sizes:
    """How large things are.

    Attributes
    ----------
    copied : numbers of float32 that are copied to find the bandwidth
    matrix : rows and columns of the matrices that are multiplied
    rows : what is timed
    cases : what launches every kernel
    l2_bytes : of the cache that inputs are to be larger than
    sample : seconds that one sample of a time should last
    """

    copied: int
    matrix: int
    rows: Sequence[Row]
    cases: Sequence[Case]
    l2_bytes: int
    sample: float


class Device(Protocol):
    """Where kernels run.

    Attributes
    ----------
    name : of the implementation, in the registry
    torch_device : torch's name of it
    """

    name: str
    torch_device: str

    def sizes(self) -> Sizes:
        """How large things are to be."""

    def finish(self) -> None:
        """Wait until it has done all it was told; raises if it cannot be used any more."""

    def seconds(self, call: Callable[[], object], times: int, ahead: float = 0.0) -> float:
        """How long that many calls take, from the start of the first to the end of the last.

        With `ahead`, the device is kept busy that many seconds before the first: meanwhile all calls are queued up, and
        what is measured is the device alone, without the Python that tells it what to do.
        """

    def free(self) -> None:
        """Give back the memory that nobody uses."""

    def without_pool(self) -> None:
        """Allocate each array by itself from now on, so that a sanitizer sees where it ends."""


def load(name: str) -> Device:
    """The device by the name of its class, such as REAL."""
    module, _, cls = name.partition(":")
    device: Device = getattr(import_module(module), cls)()
    return device


def implementation(device: Device) -> Implementation:
    """Its entry in the registry."""
    return IMPLEMENTATIONS[device.name]
