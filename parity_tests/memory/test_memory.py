"""Temporary memory of forward and backward: small, and the same for a small batch and a large one."""

import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import scratch
from scratch.fast import threads, workspace
from scratch.geometry import pad2d

MIB = 2**20
BUDGET = 64 * MIB


class Case(NamedTuple):
    """A layer, the shape of one image, and two batch sizes, of which the smaller fills a block."""

    build: Callable[[], Any]
    image: tuple[int, int, int]
    batches: tuple[int, int]


class Doubled(scratch.MaxUnpool2d):
    """Puts the numbers of each plane at its first cells; all planes share one array of indices."""

    def forward(self, x: Any) -> Any:
        """Unpool."""
        H, W = x.shape[2:]
        return super().forward(x, np.broadcast_to(np.arange(H * W).reshape(H, W), x.shape))


CASES = {
    "conv 3x3": Case(lambda: scratch.Conv2d(8, 12, 3, padding=1), (8, 48, 64), (32, 96)),
    "conv, stride, groups": Case(lambda: scratch.Conv2d(8, 12, (5, 3), (2, 1), groups=4), (8, 48, 64), (32, 96)),
    "conv, depthwise": Case(lambda: scratch.Conv2d(16, 32, 3, padding=1, groups=16), (16, 48, 64), (32, 96)),
    "conv, depthwise in planes": Case(lambda: scratch.Conv2d(16, 16, 3, 1, 1, groups=16), (16, 48, 64), (32, 96)),
    "conv, depthwise in planes, large": Case(lambda: scratch.Conv2d(4, 4, 7, 1, 3, groups=4), (4, 640, 512), (2, 3)),
    "conv 1x1, many filters": Case(lambda: scratch.Conv2d(2, 192, 1), (2, 48, 32), (16, 64)),
    "conv 1x1, stride": Case(lambda: scratch.Conv2d(24, 16, 1, (1, 2)), (24, 48, 64), (32, 96)),
    "conv, stem": Case(lambda: scratch.Conv2d(3, 16, 7, 2, 3), (3, 128, 192), (16, 48)),
    "conv, many channels, tiny images": Case(lambda: scratch.Conv2d(64, 128, 3, padding=1), (64, 2, 2), (1600, 3200)),
    "conv, large images": Case(lambda: scratch.Conv2d(3, 4, 5, padding=2), (3, 256, 640), (1, 3)),
    "conv, circular": Case(lambda: scratch.Conv2d(8, 12, 3, 1, 1, padding_mode="circular"), (8, 48, 64), (32, 96)),
    "transposed conv, stride": Case(lambda: scratch.ConvTranspose2d(12, 8, 3, 2, 1), (12, 24, 32), (32, 96)),
    "transposed conv 3x3": Case(lambda: scratch.ConvTranspose2d(12, 8, 3, padding=1), (12, 48, 64), (32, 96)),
    "max pool": Case(lambda: scratch.MaxPool2d(2), (16, 48, 64), (64, 192)),
    "max pool, overlapping": Case(lambda: scratch.MaxPool2d(3, 1, 1), (16, 48, 64), (64, 192)),
    "max pool, many taps": Case(lambda: scratch.MaxPool2d(15, 1, 7), (16, 48, 64), (48, 96)),
    "average pool": Case(lambda: scratch.AvgPool2d(2), (16, 48, 64), (64, 192)),
    "average pool, overlapping": Case(lambda: scratch.AvgPool2d((3, 5), 1, (1, 2)), (16, 48, 64), (64, 192)),
    "adaptive average pool": Case(lambda: scratch.AdaptiveAvgPool2d((7, 9)), (16, 48, 64), (64, 192)),
    "adaptive max pool": Case(lambda: scratch.AdaptiveMaxPool2d((7, 9)), (16, 48, 64), (64, 192)),
    "upsample": Case(lambda: scratch.Upsample(scale_factor=(2, 1.5)), (16, 32, 48), (48, 144)),
    "upsample, bilinear": Case(lambda: scratch.Upsample((65, 100), mode="bilinear"), (16, 32, 48), (48, 144)),
    "upsample, large images": Case(lambda: scratch.Upsample(scale_factor=2, mode="bilinear"), (32, 256, 160), (1, 2)),
    "max unpool": Case(lambda: Doubled(2), (16, 32, 48), (48, 144)),
    "ReLU": Case(scratch.ReLU, (16, 48, 64), (64, 192)),
    "ReLU, large images": Case(scratch.ReLU, (32, 512, 320), (1, 2)),
    "leaky ReLU": Case(lambda: scratch.LeakyReLU(0.3), (16, 48, 64), (64, 192)),
    "leaky ReLU, steep": Case(lambda: scratch.LeakyReLU(3), (16, 48, 64), (64, 192)),
    "SiLU": Case(scratch.SiLU, (16, 48, 64), (32, 96)),
    "GELU": Case(scratch.GELU, (16, 48, 64), (32, 96)),
    "ELU": Case(scratch.ELU, (16, 48, 64), (32, 96)),
    "softplus": Case(scratch.Softplus, (16, 48, 64), (32, 96)),
    "GELU by tanh": Case(lambda: scratch.GELU("tanh"), (16, 48, 64), (32, 96)),
    "softmax": Case(lambda: scratch.Softmax(1), (16, 48, 64), (32, 96)),
    "log softmax of rows": Case(lambda: scratch.LogSoftmax(-1), (16, 48, 64), (32, 96)),
    "dropout2d": Case(scratch.Dropout2d, (16, 48, 64), (32, 96)),
    "dropout": Case(scratch.Dropout, (16, 48, 64), (32, 96)),
    "batch norm": Case(lambda: scratch.BatchNorm2d(16), (16, 48, 64), (64, 192)),
    "batch norm, evaluation": Case(lambda: scratch.BatchNorm2d(16).eval(), (16, 48, 64), (64, 192)),
    "batch norm, large images": Case(lambda: scratch.BatchNorm2d(48), (48, 512, 384), (1, 2)),
    "layer norm": Case(lambda: scratch.LayerNorm(64), (16, 48, 64), (64, 192)),
    "group norm": Case(lambda: scratch.GroupNorm(4, 16), (16, 48, 64), (64, 192)),
    "group norm, large images": Case(lambda: scratch.GroupNorm(8, 48), (48, 512, 384), (1, 2)),
}


def extra_memory(case: Case, batch: int) -> tuple[int, int]:
    """What forward and backward take at their peak beyond what they may keep, in bytes."""
    workspace.clear()  # of whoever was here before
    generator = np.random.default_rng(batch)
    layer = case.build()
    x = generator.random((batch, *case.image), np.float32)
    padded = x.nbytes
    if "window" in vars(layer):
        padded = pad2d(x, layer.window.padding).nbytes

    tracemalloc.start()
    try:
        y = layer(x)
        forward_peak = tracemalloc.get_traced_memory()[1]
        may_keep = y.nbytes
        if isinstance(layer, scratch.Conv2d) and padded > x.nbytes:
            may_keep += padded
        if isinstance(layer, scratch.MaxPool2d):
            may_keep += y.size  # one byte for each index: which cell of the window
        if isinstance(layer, scratch.AdaptiveMaxPool2d):
            may_keep += 2 * y.size  # which cell of the plane
        dy = generator.random(y.shape, np.float32)

        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        layer.backward(dy)
        backward_peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    gradients = sum(parameter.grad.nbytes for parameter in layer.parameters())
    dx = padded if isinstance(layer, scratch.Conv2d) else x.nbytes
    return forward_peak - may_keep, backward_peak - dx - gradients


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_batch_does_not_matter(case, monkeypatch):
    """In one thread: of two it is chance how much of their memory they hold at the same moment."""
    monkeypatch.setattr(threads, "LEAST_FLOPS", np.inf)
    small, large = (extra_memory(case, batch) for batch in case.batches)
    shown = [f"{few / MIB:.1f} and {many / MIB:.1f} MiB" for few, many in zip(small, large, strict=True)]
    assert all(many < few + MIB for few, many in zip(small, large, strict=True)), shown


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_all_threads_together_keep_the_budget(case):
    assert max(extra_memory(case, max(case.batches))) < BUDGET


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_first_weights_are_drawn_in_blocks(dtype):
    weights = 3000 * 4001 * np.dtype(dtype).itemsize
    tracemalloc.start()
    try:
        scratch.Linear(4001, 3000, dtype=dtype)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < weights + BUDGET / 4


@pytest.mark.parametrize("build", [scratch.ReLU, scratch.ELU], ids=["ReLU", "ELU"])
def test_a_shape_that_does_not_come_again_keeps_nothing(build, monkeypatch):
    """As of batches of any length: 50 shapes of 1.2 MB are here, and each may not leave as much behind."""
    monkeypatch.setattr(threads, "LEAST_FLOPS", np.inf)
    x = np.ones(300_050, np.float32)
    build()(x)
    tracemalloc.start()
    try:
        for count in range(300_000, 300_050):
            build()(x[:count])
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept < MIB
