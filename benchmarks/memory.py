"""How much memory scratch takes at its peak, beside what it may take: measured in a pass of its own, before the clock.

    predicted     what stays: y, and the padded input; with backward the padded dx and the parameters' gradients, too
    beyond        what else there was at the peak: blocks and transforms, and memory kept to be used again

Beyond may be 64 MiB whatever the batch. NumPy tells tracemalloc of every array; what torch takes, nobody does.
"""

import gc
import math
import tracemalloc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.contenders import FAST, LOOPS, Contender, Ours
from benchmarks.layer import Layer, LayerTrial
from benchmarks.problem import DoesNotServeError
from benchmarks.rows import Row
from parity_tests.harness.layer_case import LayerCase
from scratch.geometry import Window2d

PROMISE = 64 * 2**20
"""Bytes that may be taken beyond."""


@dataclass(frozen=True)
class Peak:
    """Of one contender in one direction of one row, in bytes."""

    row: str
    direction: str
    implementation: str
    measured: int
    predicted: int

    @property
    def beyond(self) -> int:
        """What nothing that stays accounts for."""
        return self.measured - self.predicted


def peaks(rows: Sequence[Row], everybody: Iterable[Contender]) -> list[Peak]:
    """Run ours once in each direction of each row, and look at the peak; the loops and torch are left out."""
    found = []
    tracemalloc.start()
    try:
        start = tracemalloc.get_traced_memory()[0]
        for row in rows:
            for each in everybody:
                if isinstance(each, Ours) and each.name != LOOPS and FAST not in each.name:
                    found += of_row(row, each, start)
    finally:
        tracemalloc.stop()
    return found


def of_row(row: Row, contender: Ours, start: int) -> list[Peak]:
    """Measure one contender in one row.

    What it keeps from earlier rows to be used again counts; its inputs do not, and nothing that was there at `start`.
    """
    assert isinstance(row.problem, Layer)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    trial = row.problem.draw()
    assert isinstance(trial, LayerTrial)
    try:
        arm = trial.arm(contender)
    except DoesNotServeError:
        return []
    if arm is None:
        return []
    gc.collect()
    inputs = tracemalloc.get_traced_memory()[0] - before
    found = []
    for direction, call in arm.calls.items():
        tracemalloc.reset_peak()
        with arm.setting():
            call()
        peak = tracemalloc.get_traced_memory()[1] - inputs - start
        bytes_each = trial.inputs["x"].itemsize
        found.append(
            Peak(row.name, direction, contender.name, peak, bytes_each * predicted(row.problem.case)[direction])
        )
    return found


def predicted(case: LayerCase) -> dict[str, int]:
    """The numbers that a convolution gives, and those of the padded input.

    >>> from parity_tests.harness.case import Spec
    >>> predicted(LayerCase(Spec.of("Conv2d", 1, 1, 3, padding=1), (1, 1, 4, 4)))
    {'forward': 52, 'forward+backward': 98}
    """
    arguments = case.arguments
    window = Window2d.of(*(arguments[name] for name in ("kernel_size", "stride", "padding", "dilation")))
    N, C, H, W = case.shape
    kH, kW = window.kernel_size
    outH, outW = window.output_size((H, W))
    (top, bottom), (left, right) = window.padding
    O, padded = arguments["out_channels"], N * C * (H + top + bottom) * (W + left + right)
    y, gradients = N * O * outH * outW, O * (C // arguments["groups"]) * kH * kW + O
    forward = y + padded * (padded > math.prod(case.shape))
    return {"forward": forward, "forward+backward": forward + padded + gradients}
