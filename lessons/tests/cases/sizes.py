"""What the lesson "Stride, padding, pooling" is tried with."""

import numpy as np

from lessons.exercises import sizes
from scratch.images import average_pool, max_pool


def from_zero(x, k, s):
    """A maximum that begins at 0."""
    return np.maximum(max_pool(x, k, s), 0)


def raises(*_):
    """A learner's mistake that Python finds."""
    return 1 // 0


ANSWERS = {
    "answer_1": (9, 19),
    "my_output_size": (sizes.my_output_size, lambda n, k, s, p, d: n - k + 1 + p),
    "my_max_pool": (sizes.my_max_pool, lambda x, k, s: x),
    "my_strides": (sizes.MY_STRIDES, [1, 1, 1]),
}

VALUES = [sizes.on_paper, sizes.strides]
FUNCTIONS = [sizes.output_size, sizes.pool]

RIGHT = [
    (sizes.on_paper, 9),
    (sizes.output_size, sizes.my_output_size),
    (sizes.output_size, lambda n, k, s, p, d: float(sizes.my_output_size(n, k, s, p, d))),
    (sizes.pool, sizes.my_max_pool),
    (sizes.pool, max_pool),
    (sizes.strides, sizes.MY_STRIDES),
    (sizes.strides, (2, 2, 2)),
]

WRONG = [
    (sizes.on_paper, 19, "what comes out of the convolution"),
    (sizes.on_paper, 10, "Rounded up"),
    (sizes.on_paper, 8, "it counts twice"),
    (sizes.on_paper, 6, "without the padding"),
    (sizes.on_paper, 9.5, "whole"),
    (sizes.on_paper, 7, "First the convolution: 17 + 2 * 3 - 5 + 1"),
    (sizes.output_size, lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1, "round down, with `//`"),
    (sizes.output_size, lambda n, k, s, p, d: -(-(n + 2 * p - d * (k - 1) - 1) // s) + 1, "a window that does not fit"),
    (sizes.output_size, lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s, "One is missing"),
    (sizes.output_size, lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1, "on both sides"),
    (sizes.output_size, lambda n, k, s, p, d: (n - d * (k - 1) - 1) // s + 1, "not counted"),
    (sizes.output_size, lambda n, k, s, p, d: (n + 2 * p - k) // s + 1, "With a dilation d"),
    (sizes.output_size, lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1, "k - 1 distances"),
    (sizes.output_size, lambda n, k, s, p, d: n + 2 * p - d * (k - 1), "The stride is not counted"),
    (sizes.output_size, lambda n, k, s, p, d: n, "How far does the first window reach"),
    (sizes.output_size, lambda n, k, s, p, d: [n, k], "yours is [8 3]"),
    (sizes.output_size, raises, "With 8, 3, 1, 0, 1, it raises ZeroDivisionError"),
    (sizes.pool, from_zero, "do not begin the maximum at 0"),
    (sizes.pool, average_pool, "the average"),
    (sizes.pool, lambda x, k, s: -max_pool(-x, k, s), "the smallest"),
    (sizes.pool, lambda x, k, s: max_pool(x, k, s, keep_ragged_edge=True), "Yours hang over"),
    (sizes.pool, lambda x, k, s: max_pool(x, k), "The windows are k apart"),
    (sizes.pool, lambda x, k, s: max_pool(x, k, 1), "The windows are one apart"),
    (sizes.strides, [1, 1, 1], "It sees 7"),
    (sizes.strides, [1] * 7, "with 7 layers"),
    (sizes.strides, [1] * 16, "more than enough"),
    (sizes.strides, 2, "A list is asked for"),
    (sizes.strides, [3, 1], "each 1 or 2"),
]

SOLUTIONS = [(sizes.output_size, sizes.my_output_size), (sizes.pool, sizes.my_max_pool)]

# The smallest and the largest window, one that fits once, and one place that its picture no longer has; the layer must
# give an output of the size that the formula says. Every stack: the gradient must come back to as many pixels as that.
LIVE = [
    {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "place": 63, "which": 0, "side": 4, "column": 0},
    {"kernel_size": 4, "stride": 4, "padding": 2, "dilation": 2, "place": 0, "which": 3, "side": 9, "column": 7},
    {"kernel_size": 4, "stride": 2, "padding": 0, "dilation": 2, "place": 63, "stack": "conv 7"},
    {"stack": "conv 3, conv 3, conv 3"},
    {"stack": "conv 3 with stride 2, conv 3, conv 3"},
    {"stack": "conv 3, conv 3, conv 3 with stride 2"},
    {"stack": "conv 3 with dilation 1, 2, 4"},
]
