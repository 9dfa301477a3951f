"""Devices that take the place of a GPU: everything runs but the calls of CuPy and of torch.cuda."""

import os
import signal
import time
from collections.abc import Callable

from benchmarks.filter import Filter
from benchmarks.gpu_check.device import Sizes
from benchmarks.gpu_check.row import Row, layer
from benchmarks.step import Step
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase

RELU = layer("relu", (2, 3, 4, 5), "ReLU")
ROWS = [
    layer("conv", (2, 4, 7, 6), "Conv2d", 4, 6, 3, padding=1),
    layer("max pool", (2, 3, 6, 8), "MaxPool2d", 2),
    RELU,
    layer("batch norm", (3, 2, 4, 5), "BatchNorm2d", 2),
    layer("softmax", (5, 7), "Softmax", dim=1),
    layer("linear", (5, 7), "Linear", 7, 4),
    Row("cross entropy", LossCase(Spec.of("CrossEntropyLoss"), (5, 7))),
    Row("mse", LossCase(Spec.of("MSELoss"), (5, 7), "numbers")),
    Row("step", Step("lines_cnn", 2)),
    Row("filter", Filter.of((12, 13), 3, "product", "float32")),
    Row("filter float64", Filter.of((12, 13), 3, "normal", "float64")),
]
CASES = [LayerCase(Spec.of("ReLU"), (3, 5)), LayerCase(Spec.of("Linear", 7, 4), (5, 7))]


class Device:
    """The array code on NumPy arrays, and torch on the CPU."""

    name = "gpu.on_numpy"
    torch_device = "cpu"

    def sizes(self) -> Sizes:
        """As small as can be."""
        return Sizes(1000, 16, ROWS, CASES, 1000, 1e-5)

    def finish(self) -> None:
        """It has finished."""

    def seconds(self, call: Callable[[], object], times: int, ahead: float = 0.0) -> float:
        """Look at the clock."""
        start = time.perf_counter()
        for _ in range(times):
            call()
        return time.perf_counter() - start

    def free(self) -> None:
        """There is nothing to give back."""

    def without_pool(self) -> None:
        """It has none."""


class Emulated(Device):
    """The kernels, in the emulator."""

    name = "gpu.emulated"

    def sizes(self) -> Sizes:
        """Only what one file's kernels do."""
        return Sizes(1000, 16, [RELU], CASES[:1], 1000, 1e-5)


class Dying(Device):
    """One whose process dies as soon as a row begins."""

    def sizes(self) -> Sizes:
        """Two rows."""
        return Sizes(1000, 16, ROWS[:2], CASES, 1000, 1e-5)

    def free(self) -> None:
        """Die as after an error of the driver."""
        os.kill(os.getpid(), signal.SIGSEGV)
