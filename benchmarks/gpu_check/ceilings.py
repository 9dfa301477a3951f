"""What the device can do at best: copy memory, and multiply matrices in three formats."""

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.device import Device
from benchmarks.gpu_check.torch_mode import Mode

FORMATS = {"fp32": (torch.float32, False), "TF32": (torch.float32, True), "fp16": (torch.float16, False)}
SAMPLES, EACH = 11, 3


def items(device: Device) -> Sequence[str]:
    """One ceiling each."""
    return ["copy", *(f"product {name}" for name in FORMATS)]


def run(item: str, device: Device, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Measure one ceiling, on random numbers: products of zeros are faster."""
    sizes = device.sizes()
    if item == "copy":
        x = torch.randn(sizes.copied, device=device.torch_device)
        y = torch.empty_like(x)
        second = median(device, lambda: y.copy_(x))
        rate, unit = 2 * x.numel() * x.element_size() / second, "bytes/s, read and written"
    else:
        dtype, tf32 = FORMATS[item.removeprefix("product ")]
        a, b = (torch.randn(sizes.matrix, sizes.matrix, device=device.torch_device).to(dtype) for _ in range(2))
        c = torch.empty_like(a)
        with Mode("", tf32).applied():
            second = median(device, lambda: torch.mm(a, b, out=c))
        rate, unit = 2 * sizes.matrix**3 / second, "operations/s"
    yield {"what": item, "rate": rate, "unit": unit, "seconds": second}


def median(device: Device, call: Any) -> float:
    """Seconds of a call, after two that are not timed."""
    device.seconds(call, 2)
    return statistics.median(device.seconds(call, EACH) / EACH for _ in range(SAMPLES))
