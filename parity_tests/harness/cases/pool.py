"""Pooling: windows that overlap, leave gaps, hang over and start in the padding; ties, NaN and -inf."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of


def max_pool(*args: object, **settings: object) -> Spec:
    """MaxPool2d with its indices, which are part of what is compared."""
    return S("MaxPool2d", *args, return_indices=True, **settings)


CASES = [
    LayerCase(S("MaxPool2d", 2), (2, 3, 6, 8)),
    LayerCase(max_pool(2), (2, 3, 7, 5)),
    LayerCase(max_pool(2), (3, 6, 8)),
    LayerCase(max_pool(2), (0, 3, 6, 8)),
    LayerCase(max_pool(1), (1, 1, 1, 1)),
    LayerCase(max_pool((2, 3)), (2, 2, 6, 7)),
    LayerCase(max_pool((3, 2), stride=(1, 2)), (2, 2, 7, 6)),
    LayerCase(max_pool((2, 3), stride=(3, 4)), (2, 2, 8, 11)),
    LayerCase(max_pool((3, 4), stride=2, padding=(1, 2)), (2, 2, 7, 6)),
    LayerCase(max_pool((2, 3), stride=1, dilation=(2, 3)), (2, 2, 6, 9)),
    LayerCase(max_pool((2, 3), stride=2, padding=1, dilation=(1, 2)), (2, 2, 6, 7)),
    LayerCase(max_pool(2, stride=1, dilation=2), (2, 2, 5, 6)),  # no pairs
    LayerCase(max_pool(2, ceil_mode=True), (2, 2, 5, 7)),
    LayerCase(max_pool((3, 2), stride=(2, 3), padding=1, ceil_mode=True), (2, 2, 6, 7)),
    LayerCase(max_pool(2, stride=3, ceil_mode=True), (1, 2, 6, 7)),
    LayerCase(max_pool((2, 3), stride=2, dilation=2, ceil_mode=True), (1, 2, 6, 8)),
    LayerCase(max_pool((4, 3), stride=(1, 2), padding=(2, 1), dilation=(1, 2), ceil_mode=True), (2, 2, 7, 10)),
    LayerCase(max_pool(2), (2, 3, 6, 8), training=False),  # nothing changes
    LayerCase(max_pool((17, 16), stride=3), (1, 2, 23, 19)),  # more cells than a byte can count
    LayerCase(max_pool((3, 2), stride=2, padding=1), (2, 3, 18, 13), "images"),
    LayerCase(max_pool(2), (2, 3, 6, 8), "ties"),
    LayerCase(max_pool(3, stride=1, padding=1), (2, 2, 5, 6), "ties"),
    LayerCase(max_pool(3, stride=2, padding=1, ceil_mode=True), (2, 2, 5, 6), "equal"),
    LayerCase(max_pool(2), (2, 3, 6, 8), "nan"),
    LayerCase(max_pool((3, 2), stride=1, padding=1), (2, 2, 6, 5), "nan"),
    LayerCase(max_pool((2, 3), stride=2, padding=1, ceil_mode=True), (2, 2, 6, 9), "lowest"),
    LayerCase(max_pool((3, 2), stride=1, padding=1, dilation=2), (2, 2, 7, 8), "lowest"),
    LayerCase(max_pool((4, 3), stride=1, padding=(2, 1), dilation=2), (2, 2, 7, 8), "lowest"),
    LayerCase(max_pool((2, 3)), (2, 3, 6, 9), "inf"),
    LayerCase(max_pool((3, 2), stride=(1, 2)), (2, 2, 7, 6), upstream="inf"),
    LayerCase(max_pool((2, 3)), (2, 3, 6, 9), integer="uint8"),
    LayerCase(max_pool((2, 3), stride=1, padding=1), (2, 3, 6, 9), integer="int8"),
    LayerCase(max_pool(3, stride=2, padding=1), (2, 3, 6, 9), integer="int16"),
    LayerCase(max_pool((2, 3)), (2, 3, 6, 9), integer="int32"),
    LayerCase(max_pool(3, stride=2, padding=1, ceil_mode=True), (2, 3, 6, 8), "equal", integer="int64"),
    LayerCase(S("AvgPool2d", 2), (2, 3, 6, 8)),
    LayerCase(S("AvgPool2d", 2), (2, 3, 7, 5)),
    LayerCase(S("AvgPool2d", 2), (3, 6, 8)),
    LayerCase(S("AvgPool2d", 2), (0, 3, 6, 8)),
    LayerCase(S("AvgPool2d", 1), (1, 1, 1, 1)),
    LayerCase(S("AvgPool2d", (2, 3)), (2, 2, 6, 7)),
    LayerCase(S("AvgPool2d", (3, 2), stride=(1, 2)), (2, 2, 7, 6)),
    LayerCase(S("AvgPool2d", (2, 3), stride=(3, 4)), (2, 2, 8, 11)),
    LayerCase(S("AvgPool2d", (3, 4), stride=2, padding=(1, 2)), (2, 2, 7, 6)),
    LayerCase(S("AvgPool2d", (3, 4), stride=2, padding=(1, 2), count_include_pad=False), (2, 2, 7, 6)),
    LayerCase(S("AvgPool2d", 2, stride=1, padding=1, count_include_pad=False), (2, 2, 3, 4)),  # no pairs
    LayerCase(S("AvgPool2d", 2, ceil_mode=True), (2, 2, 5, 7)),
    LayerCase(S("AvgPool2d", (3, 2), stride=(2, 3), padding=1, ceil_mode=True), (2, 2, 6, 7)),
    LayerCase(S("AvgPool2d", (3, 2), stride=2, padding=1, ceil_mode=True, count_include_pad=False), (2, 2, 6, 7)),
    LayerCase(S("AvgPool2d", 2, stride=3, ceil_mode=True), (1, 2, 6, 7)),
    LayerCase(S("AvgPool2d", (2, 3), divisor_override=4), (2, 2, 6, 7)),
    LayerCase(S("AvgPool2d", 3, stride=2, padding=1, ceil_mode=True, divisor_override=-5), (2, 2, 6, 8)),
    LayerCase(S("AvgPool2d", (4, 3), stride=(1, 2), padding=(2, 1), ceil_mode=True), (2, 2, 7, 10)),
    LayerCase(S("AvgPool2d", (3, 2), stride=2), (2, 3, 18, 13), "images"),
    LayerCase(S("AvgPool2d", (3, 2), stride=1, padding=1), (2, 2, 6, 5), "nan"),
    LayerCase(S("AvgPool2d", (2, 3)), (2, 3, 6, 9), "inf"),
    LayerCase(S("AvgPool2d", (3, 2), stride=(1, 2)), (2, 2, 7, 6), upstream="inf"),
    LayerCase(S("AvgPool2d", (2, 3), padding=1), (2, 3, 5, 7), integer="int64"),
    LayerCase(S("AvgPool2d", 2, divisor_override=-3), (2, 3, 5, 7), integer="int64"),
    LayerCase(S("AvgPool2d", (2, 3)), (2, 3, 5, 7), "huge", integer="int64"),
]
