"""The rows of the benchmark, in suites."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.epoch import Epoch
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


def layer_row(name: str, spec: Spec, shape: tuple[int, ...], part: tuple[int, ...], suite: str = "layers") -> Row:
    """A row of one layer, and the smaller input that the loops get."""
    return Row(suite, name, Layer(LayerCase(spec, shape)), Layer(LayerCase(spec, part)))


def conv3x3(C: int, size: int, rows: int) -> Row:
    """A 3x3 convolution of as many channels as it gets, on 16 images; the loops do some rows of one."""
    spec = Spec.of("Conv2d", C, C, 3, padding=1)
    return layer_row(f"conv 3x3 {C}", spec, (16, C, size, size), (1, C, rows, size))


def filter_row(name: str, k: int, size: int, weights: str = "normal", dtype: str = "float32") -> Row:
    """A row of one k x k kernel on a square image, and the few rows of pixels that the loops get."""
    return Row("images", name, *(Filter.of(shape, k, weights, dtype) for shape in ((size, size), (16, size))))


S = Spec.of
LARGE, LARGE_PART = (16, 64, 112, 112), (1, 64, 8, 28)
MIDDLE, MIDDLE_PART = (16, 64, 56, 56), (2, 64, 8, 28)
SMALLER, SMALLER_PART = (16, 64, 28, 28), (1, 64, 8, 28)
MORE = "more layers"  # a suite of their own: the geometric mean of "layers" stays one of the same rows

# The loops do all outputs one by one, each at the same cost, so a part of the images and rows is a fair sample.
ROWS = [
    conv3x3(64, 56, 4),
    conv3x3(128, 28, 2),
    conv3x3(256, 14, 2),
    conv3x3(512, 7, 1),
    layer_row("conv 5x5 96-256", S("Conv2d", 96, 256, 5, padding=2), (8, 96, 27, 27), (1, 96, 1, 27)),
    layer_row("conv 1x1 64-256", S("Conv2d", 64, 256, 1), (8, 64, 56, 56), (1, 64, 1, 56)),
    layer_row("stem 7x7/2", S("Conv2d", 3, 64, 7, stride=2, padding=3), (8, 3, 224, 224), (1, 3, 14, 56)),
    layer_row("depthwise 3x3", S("Conv2d", 32, 32, 3, padding=1, groups=32), (16, 32, 112, 112), (1, 32, 8, 56)),
    layer_row("max pool 2x2", S("MaxPool2d", 2), LARGE, LARGE_PART),
    layer_row("max pool 3x3/2", S("MaxPool2d", 3, stride=2, padding=1), LARGE, LARGE_PART),
    layer_row("avg pool 2x2", S("AvgPool2d", 2), LARGE, LARGE_PART),
    layer_row("avg pool 3x3/2", S("AvgPool2d", 3, stride=2, padding=1), LARGE, LARGE_PART),
    layer_row("ReLU", S("ReLU"), LARGE, LARGE_PART),
    layer_row("BatchNorm", S("BatchNorm2d", 64), (16, 64, 56, 56), (2, 64, 8, 28)),
    layer_row("LayerNorm", S("LayerNorm", 768), (16, 197, 768), (1, 20, 768), MORE),
    layer_row("GroupNorm", S("GroupNorm", 32, 64), MIDDLE, MIDDLE_PART, MORE),
    layer_row("adaptive avg pool", S("AdaptiveAvgPool2d", 6), MIDDLE, MIDDLE_PART, MORE),
    layer_row("adaptive max pool", S("AdaptiveMaxPool2d", 6), MIDDLE, MIDDLE_PART, MORE),
    layer_row("bilinear x2", S("Upsample", scale_factor=2, mode="bilinear"), SMALLER, SMALLER_PART, MORE),
    layer_row("transposed 2x2/2", S("ConvTranspose2d", 64, 64, 2, stride=2), SMALLER, SMALLER_PART, MORE),
    layer_row("LeakyReLU", S("LeakyReLU", 0.01), LARGE, LARGE_PART, MORE),
    layer_row("GELU", S("GELU"), LARGE, LARGE_PART, MORE),
    layer_row("SiLU", S("SiLU"), LARGE, LARGE_PART, MORE),
    layer_row("Sigmoid", S("Sigmoid"), LARGE, LARGE_PART, MORE),
    layer_row("LogSoftmax", S("LogSoftmax", dim=1), LARGE, LARGE_PART, MORE),
    Row("models", "tutorial step", Step("lines_cnn", 1)),
    Row("models", "tutorial step 32", Step("lines_cnn", 32)),
    Row("models", "overview step 64", Step("overview_cnn", 64), Step("overview_cnn", 1)),
    Row("models", "LeNet step 64", Step("lenet", 64), Step("lenet", 1)),
    filter_row("filter 3x3", 3, 512),
    filter_row("filter 3x3 float64", 3, 512, dtype="float64"),
    filter_row("filter 7x7", 7, 512),
    filter_row("filter 15x15", 15, 512),
    filter_row("separable 15x15", 15, 1024, "product"),
    filter_row("filter 51x51", 51, 1024),  # the tutorial's 255 times
    Row("training", "epoch float64", Epoch(1, "float64"), Epoch(1, "float64", 20)),
    Row("training", "epoch float32", Epoch(1), Epoch(1, images=20)),
    Row("training", "epoch, batch 32", Epoch(32), Epoch(32, images=64)),
]

SUITES = tuple(dict.fromkeys(row.suite for row in ROWS))


def in_dtype(rows: Sequence[Row], dtype: str | None) -> list[Row]:
    """The rows in another dtype, each once; as they are for None."""
    if dtype is None:
        return list(rows)
    found: dict[Problem, Row] = {}
    for row in rows:
        part = None if row.part is None else replace(row.part, dtype=dtype)  # type: ignore[type-var]
        changed = replace(row, problem=replace(row.problem, dtype=dtype), part=part)  # type: ignore[type-var]
        found.setdefault(changed.problem, changed)
    return list(found.values())
