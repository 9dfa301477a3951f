"""The rows of the benchmark."""

from dataclasses import dataclass

from benchmarks.problems import Layer, Problem, Step
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase


@dataclass(frozen=True)
class Row:
    """One row, which is timed in two directions.

    Attributes
    ----------
    name : short, for the table and for --filter
    problem : what is timed
    part : a part of it, for the loops; their time is scaled up to the whole
    """

    name: str
    problem: Problem
    part: Problem | None = None


def layer_row(name: str, spec: Spec, shape: tuple[int, ...], part: tuple[int, ...]) -> Row:
    """A row of one layer, and the smaller input that the loops get."""
    return Row(name, Layer(LayerCase(spec, shape)), Layer(LayerCase(spec, part)))


S = Spec.of

# The loops do all outputs one by one, each at the same cost, so a part of the images and rows is a fair sample.
ROWS = [
    Row("tutorial step", Step("lines_cnn", 1)),
    Row("overview batch 64", Step("overview_cnn", 64), Step("overview_cnn", 1)),
    layer_row("conv 3x3 56x56", S("Conv2d", 64, 64, 3, padding=1), (16, 64, 56, 56), (1, 64, 4, 56)),
    layer_row("conv 3x3 14x14", S("Conv2d", 256, 256, 3, padding=1), (16, 256, 14, 14), (1, 256, 2, 14)),
    layer_row("conv 1x1 56x56", S("Conv2d", 64, 256, 1), (8, 64, 56, 56), (1, 64, 1, 56)),
    layer_row("conv 7x7/2 224", S("Conv2d", 3, 64, 7, stride=2, padding=3), (8, 3, 224, 224), (1, 3, 14, 56)),
]
