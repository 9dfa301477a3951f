"""Adaptive pooling: windows of equal and of unequal sizes, fewer and more than cells; ties, NaN and -inf."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of


def max_pool(output_size: object) -> Spec:
    """AdaptiveMaxPool2d with its indices, which are part of what is compared."""
    return S("AdaptiveMaxPool2d", output_size, return_indices=True)


CASES = [
    LayerCase(S("AdaptiveAvgPool2d", 1), (2, 3, 5, 4)),
    LayerCase(S("AdaptiveAvgPool2d", (2, 3)), (2, 3, 6, 9)),
    LayerCase(S("AdaptiveAvgPool2d", (3, 4)), (2, 3, 5, 7)),
    LayerCase(S("AdaptiveAvgPool2d", (5, 2)), (2, 2, 3, 7)),
    LayerCase(S("AdaptiveAvgPool2d", (7, 9)), (1, 2, 3, 4)),
    LayerCase(S("AdaptiveAvgPool2d", (None, 3)), (2, 2, 4, 5)),
    LayerCase(S("AdaptiveAvgPool2d", (2, None)), (3, 5, 4)),
    LayerCase(S("AdaptiveAvgPool2d", (2, 3)), (0, 3, 5, 7)),
    LayerCase(S("AdaptiveAvgPool2d", 1), (1, 1, 1, 1)),
    LayerCase(S("AdaptiveAvgPool2d", (4, 3)), (2, 3, 18, 13), "images"),
    LayerCase(S("AdaptiveAvgPool2d", 1), (2, 1, 18, 16), "images"),  # a long sum of positive numbers
    LayerCase(S("AdaptiveAvgPool2d", (3, 2)), (2, 2, 7, 5), "nan"),
    LayerCase(S("AdaptiveAvgPool2d", (3, 4)), (2, 3, 7, 9), "inf"),
    LayerCase(S("AdaptiveAvgPool2d", (4, 5)), (2, 3, 7, 9), upstream="inf"),
    LayerCase(S("AdaptiveMaxPool2d", 1), (2, 3, 5, 4)),
    LayerCase(max_pool((2, 3)), (2, 3, 6, 9)),
    LayerCase(max_pool((3, 4)), (2, 3, 5, 7)),
    LayerCase(max_pool((5, 2)), (2, 2, 3, 7)),
    LayerCase(max_pool((7, 9)), (1, 2, 3, 4)),
    LayerCase(max_pool((None, 3)), (2, 2, 4, 5)),
    LayerCase(max_pool((2, None)), (3, 5, 4)),
    LayerCase(max_pool((2, 3)), (0, 3, 5, 7)),
    LayerCase(max_pool(1), (1, 1, 1, 1)),
    LayerCase(max_pool((1, 2)), (1, 2, 23, 19)),  # a plane with more cells than a byte can count
    LayerCase(max_pool((4, 3)), (2, 3, 18, 13), "images"),
    LayerCase(max_pool((3, 2)), (2, 3, 7, 8), "ties"),
    LayerCase(max_pool((4, 5)), (2, 2, 5, 7), "equal"),
    LayerCase(max_pool((3, 2)), (2, 2, 7, 8), "nan"),
    LayerCase(max_pool((3, 2)), (2, 2, 5, 9), "lowest"),
    LayerCase(max_pool((3, 4)), (2, 3, 7, 9), "inf"),
    LayerCase(max_pool((4, 5)), (2, 3, 7, 9), upstream="inf"),
]
