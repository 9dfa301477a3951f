"""Which convolution runs, by shape: one table, its first row that fits and serves.

Each row says for which calls an algorithm is the fastest, in milliseconds or ratios that stand at the head of its file.
An algorithm may serve more than that: `layer.algorithm = "fft"` asks for it wherever it serves.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from scratch.contracts.product import Conv2dCall
from scratch.fast import banded_plan
from scratch.fast.conv_one_product import LIMIT_BYTES, temporary_bytes
from scratch.fast.winograd import worth
from scratch.precision import current


class Row(NamedTuple):
    """An algorithm, and whether it is the one for a call."""

    algorithm: str
    fits: Callable[[Conv2dCall], bool]


def kernel_cells(call: Conv2dCall) -> int:
    """kH * kW."""
    return call.weight_shape[2] * call.weight_shape[3]


def columns(call: Conv2dCall) -> int:
    """How many numbers all columns are."""
    outH, outW = call.window.output_size((call.x_shape[2], call.x_shape[3]))
    return call.x_shape[0] * call.x_shape[1] * kernel_cells(call) * outH * outW


def few_channels_and_long_rows(call: Conv2dCall) -> bool:
    """Whether convolution by rows is the faster way: of 16 channels and rows of 14 windows it is not, of 28 it is."""
    return call.x_shape[1] <= 16 and call.window.output_size((call.x_shape[2], call.x_shape[3]))[1] >= 16


def all_at_once(call: Conv2dCall) -> bool:
    """Whether the columns are few, and a dweight for each image, of float64, is not too large for one_product."""
    out = call.window.output_size((call.x_shape[2], call.x_shape[3]))
    return columns(call) <= 2**14 and temporary_bytes(call.x_shape, call.weight_shape, out, 8) <= LIMIT_BYTES


def few_small_images(call: Conv2dCall) -> bool:
    """Whether calls of NumPy take longer than work: of 16 channels im2col is faster, of 4 by a third slower."""
    return call.x_shape[0] <= 32 and call.x_shape[1] <= 4 and call.groups == 1 and all_at_once(call)


TABLE = (
    Row("one_product", lambda call: call.x_shape[0] * call.groups <= 4 and all_at_once(call)),
    Row("fft", lambda call: kernel_cells(call) >= 400 and current() == "fast"),  # dark corners beside bright ones err
    Row("1x1", lambda call: True),
    Row("depthwise", lambda call: call.groups > 1),  # it serves filters of one channel only
    Row("winograd_fast", worth),  # it serves in the fast precision only
    Row("winograd", worth),
    Row("one_product", few_small_images),
    Row("banded", lambda call: banded_plan.worth(call.x_shape, call.weight_shape, call.window)),
    Row("rows", few_channels_and_long_rows),
    Row("im2col", lambda call: True),
)


def choose_conv2d(call: Conv2dCall, serving: Sequence[str]) -> str:
    """The name of the algorithm to run, of those that serve; the first of them where no row fits.

    >>> from scratch.geometry import Window2d
    >>> call = Conv2dCall((8, 3, 32, 32), (16, 3, 3, 3), Window2d.of(3), groups=1)
    >>> choose_conv2d(call, ["textbook", "im2col"]), choose_conv2d(call, ["one's own"])
    ('im2col', "one's own")
    """
    return next((row.algorithm for row in TABLE if row.algorithm in serving and row.fits(call)), serving[0])
