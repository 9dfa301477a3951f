"""Every kernel of gpu/kernels under the emulator's eyes: whole layers, all launches checked, and numbers against torch.

In `checked_launches` each launch runs with guarded arrays, poisoned outputs and shared memory, and three orders.
The parity suite runs the same kernels unchecked, through `gpu.emulated`.
"""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu import emulated as nn
from gpu.kernels import activation, conv_direct, conv_im2col, conv_implicit_gemm, modules
from gpu.runtime import checked_launches, launch
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge
from parity_tests.kernels.topics import CASES
from scratch.geometry import Window2d

pytestmark = pytest.mark.gxx

US = IMPLEMENTATIONS["gpu.emulated"]


def disagreements(case, dtype, algorithm):
    """What is not as the referee has it, with every launch checked."""
    with checked_launches():
        findings = judge(case, US, dtype, algorithm=algorithm)
    assert findings
    return [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_with_every_launch_checked(case):
    for dtype, algorithm in product(case.dtypes, case.algorithms(US)):
        assert not disagreements(case, dtype, algorithm)


def test_every_kernel_is_launched_by_these_cases(monkeypatch):
    launched = set()
    for module in modules():

        def note(kernel, /, *rest, **arguments):
            launched.add(kernel.name)
            launch(kernel, *rest, **arguments)

        monkeypatch.setattr(module, "launch", note)
    for case in CASES:
        for algorithm in case.algorithms(US):
            judge(case, US, case.dtypes[0], algorithm=algorithm)
    assert launched == {kernel.name for module in modules() for kernel in module.SOURCE.kernels}


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
    for algorithm in case.algorithms(US):
        assert not disagreements(case, "float32", algorithm)


@pytest.mark.parametrize("algorithm", [conv_direct, conv_im2col, conv_implicit_gemm])
def test_half_precision_is_storage_with_sums_in_float(algorithm):
    """A sum of 4608 halves: in half arithmetic it would be off by whole units; here only the result is rounded."""
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((1, 512, 4, 5)).astype(np.float16), rng.standard_normal((2, 512, 3, 3))
    weight = weight.astype(np.float16)
    y, saved = algorithm.conv2d(nn.asarray(x), nn.asarray(weight), None, Window2d.of(3))
    right = torch.conv2d(torch.tensor(x.astype(np.float64)), torch.tensor(weight.astype(np.float64))).numpy()
    assert y.dtype == np.float16
    half_an_ulp = np.spacing(np.abs(right).astype(np.float16)).astype(np.float64) / 2
    assert (np.abs(y.get() - right) <= half_an_ulp * 1.01 + 4608 * 2**-24).all()
    dx, dweight, dbias = algorithm.conv2d_backward(y, saved)
    assert (dx.dtype, dweight.dtype, dbias) == (np.float16, np.float16, None)


def test_another_number_of_threads_gives_the_same():
    """Blocks are as large as it suits: of whole warps where the block adds up, of any size elsewhere."""
    x = nn.asarray(np.linspace(-2, 3, 1000, dtype=np.float32))
    for threads in (1, 33, 1024):
        y = nn.asarray(np.zeros(1000, np.float32))
        launch(activation.RELU, -(-1000 // threads), threads, x=x, y=y, count=1000)
        np.testing.assert_array_equal(y.get(), np.maximum(x.get(), 0))


@pytest.mark.parametrize("algorithm", nn.Conv2d(2, 3, 2).algorithms)
def test_the_same_bits_in_every_run(algorithm):
    layer = nn.Conv2d(2, 3, 2)
    layer.algorithm = algorithm
    x = nn.asarray(np.random.default_rng(0).standard_normal((4, 2, 9, 7)).astype(np.float32))
    runs = []
    for _ in range(2):
        layer.zero_grad()
        y = layer(x)
        runs.append([y.get(), layer.backward(y).get(), layer.weight.grad.get(), layer.bias.grad.get()])
    assert all(np.array_equal(one, other) for one, other in zip(*runs, strict=True))
