"""The least that a row has to do: it says how far a time is from the best that the device could do."""

from dataclasses import dataclass

from benchmarks.filter import Filter
from benchmarks.gpu_check.row import What
from benchmarks.step import Step
from parity_tests.harness.case import Inputs
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase

FLOAT = 4  # bytes

COUNTS = {
    #              forward: x, y; backward: like x, like y
    "MaxPool2d": (1, 1, 1, 1),  # dx is written and dy read; where the maxima stood is not counted
    "AvgPool2d": (1, 1, 1, 1),
    "AdaptiveMaxPool2d": (1, 1, 1, 1),
    "AdaptiveAvgPool2d": (1, 1, 1, 1),
    "Upsample": (1, 1, 1, 1),
    "ReLU": (1, 1, 2, 1),
    "LeakyReLU": (1, 1, 2, 1),
    "GELU": (1, 1, 2, 1),
    "SiLU": (1, 1, 2, 1),
    "Sigmoid": (1, 1, 1, 2),  # backward needs y, not x
    "Softmax": (1, 1, 1, 2),
    "LogSoftmax": (1, 1, 1, 2),
    "BatchNorm2d": (2, 1, 3, 2),  # the whole of a channel decides about each of its numbers, so x is read again
    "LayerNorm": (2, 1, 3, 2),
    "GroupNorm": (2, 1, 3, 2),
}
"""How often arrays like x and like y are read or written."""


@dataclass(frozen=True)
class Work:
    """Bytes that are read and written, and operations of products and sums."""

    bytes: int
    flops: int

    def __add__(self, other: "Work") -> "Work":
        return Work(self.bytes + other.bytes, self.flops + other.flops)


def least_work(what: What, inputs: Inputs) -> dict[str, Work]:
    """The work of each direction; none for whole steps, where no single line could say it.

    Each array counts once, or as often as no order of the work could avoid.

    >>> import numpy as np
    >>> from parity_tests.harness.case import Spec
    >>> x = np.zeros((2, 3), np.float32)
    >>> least_work(LayerCase(Spec.of("ReLU"), (2, 3)), {"x": x, "dy": x})
    {'forward': Work(bytes=48, flops=0), 'forward+backward': Work(bytes=120, flops=0)}
    """
    match what:
        case Step():
            return {}
        case Filter():
            image, kernel = inputs["image"], inputs["kernel"]
            return {"forward": Work(2 * image.nbytes + kernel.nbytes, 2 * image.size * kernel.size)}
        case LossCase():
            x, target = inputs["x"].nbytes, inputs["target"].nbytes
            return directions(Work(x + target, 0), Work(2 * x + target, 0))
        case LayerCase(op=op):
            x, y = (FLOAT * inputs[name].size for name in ("x", "dy"))
            if op in COUNTS:
                fx, fy, bx, by = COUNTS[op]
                return directions(Work(fx * x + fy * y, 0), Work(bx * x + by * y, 0))
            weight, bias = inputs["weight"], inputs["bias"].nbytes
            # weight[0] meets all that makes one output; transposed, all that one input is spread over
            products = inputs["x" if op == "ConvTranspose2d" else "dy"].size * weight[0].size
            forward = Work(x + weight.nbytes + bias + y, 2 * products)
            return directions(forward, Work(2 * x + 2 * weight.nbytes + bias + y, 4 * products))


def directions(forward: Work, backward: Work) -> dict[str, Work]:
    """Forward, and both in a row."""
    return {"forward": forward, "forward+backward": forward + backward}
