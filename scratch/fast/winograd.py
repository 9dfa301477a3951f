"""Convolution by Winograd's algorithm: fewer products, for kernels of 3 and 5 with stride 1.

    y = A.T ((G weight) * (B x))      in tiles: cook_toom.py has the formula, winograd_transforms.py the memory

Which transforms, for each axis on its own (a 3x5 kernel takes one of each):

    algorithm       r    points                              n products for m outputs     (n/m)**2, direct 9 and 25
    winograd        3    0, 1, -1, infinity                  4 for 2                      4
                         0, 1, -1, infinity, +-i             7 for 4                      3.06
                    5    0, 1, -1, infinity, +-i             7 for 2                      12.25
    winograd_fast   3    0, 1, -1, 1/2, -2, infinity         6 for 4                      2.25
                    5    0, 1, -1, 1/2, -2, infinity, +-i    9 for 4                      5.06

`winograd` has only entries 0, +-1 and powers of 1/2: integers stay exact, and it keeps the law of direct convolution.
`winograd_fast` errs about four times as much and serves under scratch.precision("fast") only; its law is its own.

Backward: dx is the convolution of dy with the rotated weights, dweight the same bilinear map transposed. Where accuracy
and memory allow, dx is that map transposed, too, and both come from the same tiles of dy: winograd_both.py.

What is not finite, or so large that the transforms might overflow, is left to direct convolution, so that the same
outputs are finite as ever; `layer.ran` then says "im2col". Whether it is, is found out while it is in the cache anyway.

Time relative to conv_im2col, forward / forward and backward; one core of a Xeon (2.3 GHz), float32, 3x3 kernels:

    channels, map, batch    64, 56x56, 2    128, 28x28, 4    256, 14x14, 16    512, 7x7, 16    32, 28x28, 4
    winograd                0.63 / 0.65     0.66 / 0.64      0.63 / 0.59       1.01 / 0.88     1.16 / 1.11
    winograd_fast           0.51 / 0.53     0.51 / 0.49      0.53 / 0.52       0.74 / 0.69     0.97 / 0.92

and relative to torch 2.13 in the faster of its layouts, batch 16, the last one 5x5 and batch 8; two cores, x and dy in
NCHW memory, memory kept by malloc:

    channels, map           64, 56x56       128, 28x28      256, 14x14      512, 7x7        96 to 256, 27x27
    winograd                1.17 / 1.24     1.07 / 1.10     1.07 / 0.99     1.55 / 1.30     1.34 / 1.35
    winograd_fast           0.97 / 0.98     0.83 / 0.85     0.95 / 0.98     1.31 / 1.11     0.72 / 0.78

Where channels are few the transforms cost more than they save, and where tiles are few the transformed weights do:
see `worth`.

The loops this replaces: scratch/naive/conv.py. Sources: see cook_toom.py.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.product import Conv2dCall, LeftTo
from scratch.fast import conv_im2col as direct
from scratch.fast.cook_toom import Point, Transforms, cook_toom
from scratch.fast.layout import nchw_view, nhwc_view
from scratch.fast.winograd_gradients import gradients
from scratch.fast.winograd_sums import correlate
from scratch.fast.winograd_tiles import Axis, Plan, UnsafeError
from scratch.fast.winograd_transforms import Kernels
from scratch.geometry import Padding, Pair, Window2d
from scratch.precision import Precision, current

Table: TypeAlias = tuple[tuple[Transforms, ...], ...]
"""What to choose from for kernels of 3, and for kernels of 5."""

LENGTHS = (3, 5)
TWO: tuple[Point, ...] = (0, 1, -1, "infinity")
FOUR: tuple[Point, ...] = (*TWO, "i")
FAST: tuple[Point, ...] = (*TWO, Fraction(1, 2), -2)

STRICT: Table = (cook_toom(4, 3, FOUR), cook_toom(2, 3, TWO)), (cook_toom(2, 5, FOUR),)
LESS_STRICT: Table = (cook_toom(4, 3, FAST), cook_toom(2, 3, TWO)), (cook_toom(4, 5, (*FAST, "i")),)

KERNEL_TILES = 36
"""To transform the weights costs as much as the products of so many tiles: they are written to memory."""


@dataclass(frozen=True)
class Winograd:
    """The algorithm, with one table of transforms.

    Attributes
    ----------
    table : the transforms
    precisions : under which of them it serves
    """

    table: Table
    precisions: tuple[Precision, ...]

    def serves(self, weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool:
        """Kernels of 3 and 5, stride 1, no dilation, one group."""
        return (
            groups == 1
            and window.stride == window.dilation == (1, 1)
            and all(k in LENGTHS for k in window.kernel_size)
            and current() in self.precisions
        )

    def conv2d(
        self, x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
    ) -> tuple[Array, Saved]:
        """Convolve tiles; parameters, returns: as `scratch.naive.conv.conv2d`; y lies in NHWC memory."""
        plan = make_plan(self.table, len(x), window.kernel_size, window.padding, window.output_size(x.shape[2:]))
        try:
            y = nchw_view(correlate(nhwc_view(x), Kernels(weight), plan, bias))
        except UnsafeError:
            y, inner = direct.conv2d(x, weight, bias, window, groups)
            return y, LeftTo("im2col", inner)
        return y, (x, weight, bias, window)

    def conv2d_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]:
        """Correlate x with dy for dweight; dy with the rotated weights for dx, unless that came along with dweight.

        Parameters, returns: as `scratch.naive.conv.conv2d_backward`; dx lies in NHWC memory.
        """
        if isinstance(saved, LeftTo):
            return direct.conv2d_backward(dy, saved.saved, needs_dx)
        x, weight, bias, window = saved
        N, (kH, kW), ((top, bottom), (left, right)) = len(x), window.kernel_size, window.padding
        around = (kH - 1 - top, kH - 1 - bottom), (kW - 1 - left, kW - 1 - right)  # a dx has kH rows of windows
        images, upstream = nhwc_view(x), nhwc_view(dy)
        try:
            plan = make_plan(self.table, N, (kH, kW), window.padding, dy.shape[2:])
            dweight, dbias, dx = gradients(images, upstream, weight, plan, needs_dx)
            if needs_dx and dx is None:
                plan = make_plan(self.table, N, (kH, kW), around, x.shape[2:])
                dx = correlate(upstream, Kernels(weight, rotated=True), plan, None)
        except UnsafeError:
            _, inner = direct.conv2d(x, weight, bias, window)
            return direct.conv2d_backward(dy, inner, needs_dx)
        return None if dx is None else nchw_view(dx), dweight, None if bias is None else dbias


def worth(call: Conv2dCall) -> bool:
    """Whether it is the faster way, as measured on one core; it may lose a tenth at the edge.

    >>> sizes = (16, 64, 56), (16, 8, 56), (1, 64, 8)  # N, C, H
    >>> [worth(Conv2dCall((N, C, H, H), (C, C, 3, 3), Window2d.of(3, padding=1), groups=1)) for N, C, H in sizes]
    [True, False, False]
    """
    F, C, kH, kW = call.weight_shape
    outH, outW = call.window.output_size((call.x_shape[2], call.x_shape[3]))
    pixels = call.x_shape[0] * outH * outW
    return pixels >= 700 and pixels * F * C * kH * kW >= 5e7 and F * C >= 12 * (F + C)


@lru_cache(maxsize=1024)
def make_plan(table: Table, N: int, kernel_size: Pair, padding: Padding, out: Pair) -> Plan:
    """The tiles of N images, by the transforms that take the fewest products, those of the weights counted."""
    vertical, horizontal = (
        [Axis(F, before, length) for F in table[LENGTHS.index(k)]]
        for k, (before, _), length in zip(kernel_size, padding, out, strict=True)
    )
    plans = [Plan(one, other) for one in vertical for other in horizontal]
    return min(plans, key=lambda plan: plan.products * N + plan.frequencies[0] * plan.frequencies[1] * KERNEL_TILES)


strict = Winograd(STRICT, ("strict", "fast"))
fast = Winograd(LESS_STRICT, ("fast",))
