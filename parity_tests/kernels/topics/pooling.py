"""Max and average pooling."""

from gpu.kernels import pool
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import OUTSIDE, Bug

CASES = [
    LayerCase(Spec.of("MaxPool2d", (3, 2), stride=(1, 2), padding=1, dilation=(1, 2), ceil_mode=True), (2, 3, 7, 6)),
    LayerCase(Spec.of("MaxPool2d", 2, return_indices=True), (2, 3, 7, 6), "nan"),
    LayerCase(Spec.of("MaxPool2d", 2, return_indices=True), (2, 3, 7, 6), "ties"),
    LayerCase(Spec.of("MaxPool2d", 2), (2, 3, 7, 6), integer="int16"),
    LayerCase(Spec.of("AvgPool2d", (3, 2), stride=(2, 1), padding=1, ceil_mode=True), (2, 3, 8, 6)),
    LayerCase(Spec.of("AvgPool2d", (2, 3), padding=(1, 0), count_include_pad=False), (2, 3, 7, 6)),
    LayerCase(Spec.of("AvgPool2d", 3, stride=1, divisor_override=-2), (2, 3, 7, 6)),
    LayerCase(Spec.of("AvgPool2d", 2), (2, 3, 7, 6), integer="int64"),
]

BUGS = [
    Bug("one row of windows too many", pool, "row / g.sH >= g.outH", "row / g.sH > g.outH", OUTSIDE),
    Bug("ties go to the last", pool, "value > best", "value >= best"),
    Bug("NaN is not the largest", pool, " || value != value", ""),
    Bug("padding is 0", pool, "best_at < 0 || value > best", "value > best"),
    Bug("overhang counts", pool, "min(h + g.kH, g.H + g.bottom) - h", "g.kH"),
    Bug("windows before the first that covers", pool, "g.kH + g.sH, 0)", "g.kH, 0)"),
]
