"""What is timed on a device: layers and losses large enough for one, and the filters and steps of `benchmarks.rows`."""

from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.filter import Filter
from benchmarks.rows import ROWS as ON_CPU
from benchmarks.step import Step
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase

What: TypeAlias = LayerCase | LossCase | Filter | Step


@dataclass(frozen=True)
class Row:
    """One row: a short name, and what is timed."""

    name: str
    what: What


def layer(name: str, shape: tuple[int, ...], op: str, *args: int, **settings: int) -> Row:
    """A row of one layer."""
    return Row(name, LayerCase(Spec.of(op, *args, **settings), shape))


ROWS = [
    Row("overview batch 64", Step("overview_cnn", 64)),
    layer("conv 3x3 56x56", (64, 64, 56, 56), "Conv2d", 64, 64, 3, padding=1),
    layer("conv 3x3 14x14", (64, 256, 14, 14), "Conv2d", 256, 256, 3, padding=1),
    layer("conv 1x1 56x56", (32, 64, 56, 56), "Conv2d", 64, 256, 1),
    layer("depthwise 3x3 56x56", (32, 128, 56, 56), "Conv2d", 128, 128, 3, padding=1, groups=128),
    layer("max pool 3x3/2 112x112", (16, 64, 112, 112), "MaxPool2d", 3, stride=2, padding=1),
    layer("relu 56x56", (64, 64, 56, 56), "ReLU"),
    layer("batch norm 56x56", (32, 64, 56, 56), "BatchNorm2d", 64),
    layer("softmax 4096x1000", (4096, 1000), "Softmax", dim=1),
    Row("cross entropy 4096x1000", LossCase(Spec.of("CrossEntropyLoss"), (4096, 1000))),
    layer("linear 1024 to 4096", (1024, 1024), "Linear", 1024, 4096),
    layer("conv 7x7/2 224x224", (16, 3, 224, 224), "Conv2d", 3, 64, 7, stride=2, padding=3),
    layer("avg pool 2x2 112x112", (16, 64, 112, 112), "AvgPool2d", 2),
    Row("mse 4096x1000", LossCase(Spec.of("MSELoss"), (4096, 1000), "numbers")),
    Row("tutorial step", Step("lines_cnn", 1)),
    *(Row(row.name, row.problem) for row in ON_CPU if isinstance(row.problem, Filter)),
]
"""The most telling first: where time runs out, it is the last ones that are missing."""
