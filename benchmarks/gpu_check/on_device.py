"""The GPU: all that is asked of CuPy and of torch.cuda directly, and nothing else.

CuPy and torch both work on the default stream unless they are told otherwise, so events of CuPy time torch, too.
"""

from collections.abc import Callable
from importlib import import_module

import numpy as np
import torch

from benchmarks.gpu_check.device import Sizes
from benchmarks.gpu_check.row import ROWS
from parity_tests.kernels.topics import CASES

L2_BYTES = 64 * 2**20
"""What is assumed where the device does not tell."""


CLOCK = 2e9
"""Cycles in a second: with a slower clock it waits longer than it is told to, which does no harm."""

WAIT = """
extern "C" __global__ void wait(long long cycles) {
    long long start = clock64();
    while (clock64() - start < cycles) { }
}
"""


class Device:
    """The device that CuPy uses."""

    name = "gpu"
    torch_device = "cuda"

    def __init__(self) -> None:
        self.cupy = import_module("cupy")
        self.wait = self.cupy.RawKernel(WAIT, "wait")

    def sizes(self) -> Sizes:
        """1 GiB to copy, matrices of 8192 x 8192."""
        properties = self.cupy.cuda.runtime.getDeviceProperties(self.cupy.cuda.runtime.getDevice())
        return Sizes(2**28, 8192, ROWS, CASES, int(properties.get("l2CacheSize") or L2_BYTES), 2e-3)

    def finish(self) -> None:
        """Wait for everything, torch's streams included."""
        self.cupy.cuda.runtime.deviceSynchronize()

    def seconds(self, call: Callable[[], object], times: int, ahead: float = 0.0) -> float:
        """Measure with two events around the calls."""
        if ahead:
            self.wait((1,), (1,), (np.int64(ahead * CLOCK),))
        start, end = self.cupy.cuda.Event(), self.cupy.cuda.Event()
        start.record()
        for _ in range(times):
            call()
        end.record()
        end.synchronize()
        return float(self.cupy.cuda.get_elapsed_time(start, end)) / 1e3

    def free(self) -> None:
        """Empty the pools of both."""
        self.cupy.get_default_memory_pool().free_all_blocks()
        torch.cuda.empty_cache()

    def without_pool(self) -> None:
        """Let CuPy call cudaMalloc for each array."""
        self.cupy.cuda.set_allocator(None)
