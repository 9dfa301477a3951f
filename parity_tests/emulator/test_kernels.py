"""Every kernel of gpu/kernels under the emulator's eyes: whole layers, all launches checked, and numbers against torch.

In `checked_launches` each launch runs with guarded arrays, poisoned outputs and shared memory, and three orders.
The parity suite runs the same kernels unchecked, through `gpu.emulated`.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu import emulated as nn
from gpu.kernels import activation, conv_direct, gemm, pool
from gpu.runtime import checked_launches, launch
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge
from scratch.geometry import Window2d

SOURCES = [conv_direct.SOURCE, pool.SOURCE, activation.SOURCE, gemm.SOURCE]
US = IMPLEMENTATIONS["gpu.emulated"]


CASES = [
    LayerCase(Spec.of("Conv2d", 4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2), (3, 4, 7, 8)),
    LayerCase(Spec.of("Conv2d", 3, 5, (2, 3), bias=False), (9, 3, 6, 9)),  # more terms than a block has threads
    LayerCase(Spec.of("Conv2d", 5, 5, (1, 2), groups=5, padding="same"), (2, 5, 4, 3)),
    LayerCase(Spec.of("Conv2d", 2, 3, 2, stride=5), (2, 2, 4, 3)),  # cells that no window meets
    LayerCase(Spec.of("MaxPool2d", (3, 2), stride=(1, 2), padding=1, dilation=(1, 2), ceil_mode=True), (2, 3, 7, 6)),
    LayerCase(Spec.of("MaxPool2d", 2, return_indices=True), (2, 3, 7, 6), "nan"),
    LayerCase(Spec.of("MaxPool2d", 2, return_indices=True), (2, 3, 7, 6), "ties"),
    LayerCase(Spec.of("MaxPool2d", 2), (2, 3, 7, 6), integer="int16"),
    LayerCase(Spec.of("AvgPool2d", (3, 2), stride=(2, 1), padding=1, ceil_mode=True), (2, 3, 8, 6)),
    LayerCase(Spec.of("AvgPool2d", (2, 3), padding=(1, 0), count_include_pad=False), (2, 3, 7, 6)),
    LayerCase(Spec.of("AvgPool2d", 3, stride=1, divisor_override=-2), (2, 3, 7, 6)),
    LayerCase(Spec.of("AvgPool2d", 2), (2, 3, 7, 6), integer="int64"),
    LayerCase(Spec.of("ReLU"), (3, 50), "nan"),
    LayerCase(Spec.of("ReLU"), (3, 5), "ties"),
    LayerCase(Spec.of("Linear", 37, 70), (65, 37)),  # two tiles and a strip that is not full, in both directions
    LayerCase(Spec.of("Linear", 16, 3, bias=False), (2, 16), "inf"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_layers_with_every_launch_checked(case):
    for dtype in case.dtypes:
        with checked_launches():
            findings = judge(case, US, dtype)
        assert findings
        assert not [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


def test_every_kernel_is_launched_by_these_cases(monkeypatch):
    launched = set()
    for module in (conv_direct, pool, activation, gemm):

        def note(kernel, *rest, **arguments):
            launched.add(kernel.name)
            launch(kernel, *rest, **arguments)

        monkeypatch.setattr(module, "launch", note)
    for case in CASES:
        judge(case, US, case.dtypes[0])
    assert launched == {kernel.name for source in SOURCES for kernel in source.kernels}


@st.composite
def convolutions(draw):
    """A convolution and its input, small, and asymmetric in all that can be."""
    side = st.integers(1, 3)
    kernel, stride, dilation = ((draw(side), draw(side)) for _ in range(3))
    padding = (draw(st.integers(0, 2)), draw(st.integers(0, 2)))
    groups, C, O = draw(side), draw(side), draw(side)
    least = [d * (k - 1) + 1 - 2 * p for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = [max(1, n) + draw(st.integers(0, 4)) for n in least]
    named = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return LayerCase(
        Spec.of("Conv2d", C * groups, O * groups, kernel, **named), (draw(st.integers(0, 3)), C * groups, *size)
    )


@settings(max_examples=25, deadline=None)
@given(convolutions())
def test_convolutions_of_any_geometry(case):
    with checked_launches():
        findings = judge(case, US, "float32")
    assert not [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


def test_half_precision_is_storage_with_sums_in_float():
    """A sum of 4608 halves: in half arithmetic it would be off by whole units; here only the result is rounded."""
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((1, 512, 4, 5)).astype(np.float16), rng.standard_normal((2, 512, 3, 3))
    weight = weight.astype(np.float16)
    y, saved = conv_direct.conv2d(nn.asarray(x), nn.asarray(weight), None, Window2d.of(3))
    right = torch.conv2d(torch.tensor(x.astype(np.float64)), torch.tensor(weight.astype(np.float64))).numpy()
    assert y.dtype == np.float16
    half_an_ulp = np.spacing(np.abs(right).astype(np.float16)).astype(np.float64) / 2
    assert (np.abs(y.get() - right) <= half_an_ulp * 1.01 + 4608 * 2**-24).all()
    dx, dweight, dbias = conv_direct.conv2d_backward(y, saved)
    assert (dx.dtype, dweight.dtype, dbias) == (np.float16, np.float16, None)


def test_another_number_of_threads_gives_the_same():
    """Blocks are as large as it suits: of whole warps where the block adds up, of any size elsewhere."""
    x = nn.asarray(np.linspace(-2, 3, 1000, dtype=np.float32))
    for threads in (1, 33, 1024):
        y = nn.asarray(np.zeros(1000, np.float32))
        launch(activation.RELU, -(-1000 // threads), threads, x=x, y=y, count=1000)
        np.testing.assert_array_equal(y.get(), np.maximum(x.get(), 0))


def test_the_same_bits_in_every_run():
    layer = nn.Conv2d(2, 3, 2)
    x = nn.asarray(np.random.default_rng(0).standard_normal((4, 2, 9, 7)).astype(np.float32))
    runs = []
    for _ in range(2):
        layer.zero_grad()
        y = layer(x)
        runs.append([y.get(), layer.backward(y).get(), layer.weight.grad.get(), layer.bias.grad.get()])
    assert all(np.array_equal(one, other) for one, other in zip(*runs, strict=True))
