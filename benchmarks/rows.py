"""The rows of the benchmark, in suites."""

from dataclasses import dataclass

from benchmarks.filter import Filter
from benchmarks.layer import Layer
from benchmarks.problem import Problem
from benchmarks.step import Step
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase


@dataclass(frozen=True)
class Row:
    """One row, which is timed in each of its problem's directions.

    Attributes
    ----------
    suite : which rows it belongs to, for --suite
    name : short, for the table and for --filter
    problem : what is timed
    part : a part of it, for the loops; their time is scaled up to the whole
    """

    suite: str
    name: str
    problem: Problem
    part: Problem | None = None


def layer_row(name: str, spec: Spec, shape: tuple[int, ...], part: tuple[int, ...]) -> Row:
    """A row of one layer, and the smaller input that the loops get."""
    return Row("layers", name, Layer(LayerCase(spec, shape)), Layer(LayerCase(spec, part)))


def filter_row(name: str, k: int, size: int, weights: str = "normal", dtype: str = "float32") -> Row:
    """A row of one k x k kernel on a square image, and the few rows of pixels that the loops get."""
    return Row("images", name, *(Filter.of(shape, k, weights, dtype) for shape in ((size, size), (16, size))))


S = Spec.of

# The loops do all outputs one by one, each at the same cost, so a part of the images and rows is a fair sample.
ROWS = [
    Row("layers", "tutorial step", Step("lines_cnn", 1)),
    Row("layers", "overview batch 64", Step("overview_cnn", 64), Step("overview_cnn", 1)),
    layer_row("conv 3x3 56x56", S("Conv2d", 64, 64, 3, padding=1), (16, 64, 56, 56), (1, 64, 4, 56)),
    layer_row("conv 3x3 14x14", S("Conv2d", 256, 256, 3, padding=1), (16, 256, 14, 14), (1, 256, 2, 14)),
    layer_row("conv 1x1 56x56", S("Conv2d", 64, 256, 1), (8, 64, 56, 56), (1, 64, 1, 56)),
    layer_row("conv 7x7/2 224", S("Conv2d", 3, 64, 7, stride=2, padding=3), (8, 3, 224, 224), (1, 3, 14, 56)),
    filter_row("filter 3x3", 3, 512),
    filter_row("filter 3x3 float64", 3, 512, dtype="float64"),
    filter_row("filter 7x7", 7, 512),
    filter_row("filter 15x15", 15, 512),
    filter_row("separable 15x15", 15, 1024, "product"),
    filter_row("filter 51x51", 51, 1024),  # the tutorial's 255 times
]

SUITES = tuple(dict.fromkeys(row.suite for row in ROWS))
