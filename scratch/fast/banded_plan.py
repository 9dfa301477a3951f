"""How many windows a segment of a banded convolution has, and whether it is worth it: see scratch/fast/conv_banded.py.

A product does more operations the longer the segments are, and copies fewer and longer runs. What both cost on one
machine (Xeon 2.3 GHz, two cores; measured and computed within a fifth of each other where C and O are at most 16)
decides between the lengths that divide outW, of which 1 is im2col, and columns of a tap each.
"""

from functools import lru_cache
from math import prod
from typing import NamedTuple

from scratch.geometry import Pair, Window2d

LIMIT_BYTES = 2**20
"""How much the banded matrix, and what the windows of one image see, may take; a core's cache holds both."""

RUN, BYTE, OPERATION = 1e-8, 5e-11, 7e-12
"""Seconds to begin to copy a run, for each of its bytes, and for a floating-point operation in a product."""


class Plan(NamedTuple):
    """What depends on shapes only.

    Attributes
    ----------
    out : the size of y
    s, cells : windows in a segment, and columns of x that they see
    image : the shape of what the windows of one image see, (outH, segments, kH, cells * C)
    matrix : the shape of the banded matrix, (kH * cells * C, s * O)
    """

    out: Pair
    s: int
    cells: int
    image: tuple[int, int, int, int]
    matrix: Pair


@lru_cache(maxsize=256)
def plan_of(channels: int, size: Pair, weight_shape: tuple[int, ...], window: Window2d) -> Plan:
    """The plan with the least time for images of so many channels."""
    (O, _, kH, _), (outH, outW) = weight_shape, window.output_size(size)

    def plan(s: int) -> Plan:
        cells = (s - 1) * window.stride[1] + window.extent[1]
        return Plan((outH, outW), s, cells, (outH, outW // s, kH, cells * channels), (kH * cells * channels, s * O))

    return min((plan(s) for s in range(1, outW + 1) if outW % s == 0), key=seconds)


def seconds(plan: Plan) -> float:
    """About what an image takes."""
    outH, segments, kH, run = plan.image
    rows, columns = plan.matrix
    return outH * segments * (kH * (RUN + 4 * BYTE * run) + 2 * OPERATION * rows * columns)


def worth(x_shape: tuple[int, ...], weight_shape: tuple[int, ...], window: Window2d) -> bool:
    """Whether segments of more than one window cost less than columns, of windows or of taps, and are small enough.

    >>> [worth((64, C, 14, 14), (2 * C, C, 5, 5), Window2d.of(5)) for C in (6, 64)]
    [True, False]
    """
    plan = plan_of(x_shape[1], x_shape[2:], weight_shape, window)
    (outH, outW), (O, *taps) = plan.out, weight_shape
    by_taps = outH * prod(taps) * (RUN + 4 * BYTE * outW + 2 * OPERATION * O * outW)
    return plan.s > 1 and seconds(plan) < by_taps and small(plan)


def small(plan: Plan) -> bool:
    """Whether the matrices keep to LIMIT_BYTES, in float32."""
    return 4 * max(prod(plan.image), prod(plan.matrix)) <= LIMIT_BYTES
