"""Kernels of one cell: either memory, strides, seams of blocks and parts, and numbers that are not finite."""

from itertools import product

import numpy as np
import pytest

import scratch
from parity_tests.fast.test_any_layout import LAYOUTS
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge, reference
from scratch.fast import blocks, conv_1x1, threads

S = Spec.of
CASES = [
    LayerCase(S("Conv2d", 3, 7, 1), (5, 3, 4, 6)),
    LayerCase(S("Conv2d", 7, 3, 1, bias=False), (3, 7, 5, 4)),
    LayerCase(S("Conv2d", 3, 4, 1, stride=(2, 3)), (3, 3, 7, 8)),  # cells that nobody meets
    LayerCase(S("Conv2d", 3, 4, 1, stride=2, bias=False), (3, 3, 8, 6)),
    LayerCase(S("Conv2d", 3, 4, 1, dilation=3), (3, 4, 5)),
    LayerCase(S("Conv2d", 3, 4, 1), (0, 3, 4, 5)),
    LayerCase(S("Conv2d", 1, 1, 1), (1, 1, 1, 1)),
    LayerCase(S("Conv2d", 3, 4, 1), (2, 3, 4, 5), "large mean"),
    LayerCase(S("Conv2d", 3, 4, 1), (2, 3, 4, 5), "integers"),
    LayerCase(S("Conv2d", 3, 4, 1), (2, 3, 4, 5), "nan"),
    LayerCase(S("Conv2d", 3, 4, 1), (2, 3, 4, 5), "inf"),
    LayerCase(S("Conv2d", 3, 4, 1, stride=2), (2, 3, 4, 5), upstream="inf"),
]
FINITE = [case for case in CASES if case.data not in ("nan", "inf") and case.upstream != "inf" and 0 not in case.shape]


def disagreements(case, dtype="float32", layout=None):
    findings = judge(case, IMPLEMENTATIONS["scratch"], dtype, algorithm="1x1", layout=layout)
    assert {"y", "dx", "dweight"} <= {f.tensor for f in findings}
    return [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("least_pixels", [1, 10**9], ids=["planes", "pixels"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_keeps_its_law(case, least_pixels, dtype, monkeypatch):
    monkeypatch.setattr(conv_1x1, "LEAST_PIXELS", least_pixels)
    assert not disagreements(case, dtype)


@pytest.mark.parametrize("block_bytes", [1, 300])
@pytest.mark.parametrize("least_pixels", [1, 10**9], ids=["planes", "pixels"])
@pytest.mark.parametrize("case", FINITE, ids=str)
def test_in_small_blocks_and_a_part_for_each_image(case, least_pixels, block_bytes, monkeypatch):
    monkeypatch.setattr(conv_1x1, "LEAST_PIXELS", least_pixels)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(threads, "parts", lambda N, flops: [slice(n, n + 1) for n in range(N)])
    assert not disagreements(case)


@pytest.mark.parametrize("block_bytes", [1, 300, blocks.BLOCK_BYTES])
@pytest.mark.parametrize("case", FINITE[:4], ids=str)
def test_the_memory_of_x_and_dy_does_not_matter(case, block_bytes, monkeypatch):
    monkeypatch.setattr(conv_1x1, "LEAST_PIXELS", 1)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block_bytes)
    inputs = reference(case, "float32", 0).inputs
    found = []
    for lies, dy_lies in product(LAYOUTS.values(), LAYOUTS.values()):
        layer = case.build(scratch, inputs)
        layer.algorithm = "1x1"
        y = layer(lies(inputs["x"]))
        found.append([y, layer.backward(dy_lies(inputs["dy"])), *(p.grad for p in layer.parameters())])
    for tensors in found[1:]:
        for got, want in zip(tensors, found[0], strict=True):
            np.testing.assert_allclose(got, want, rtol=0, atol=1e-5)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("name", "size", "as_x"), [("NCHW", 40, True), ("NCHW", 7, False), ("NHWC", 40, True)])
def test_y_and_dx_lie_as_x_does_where_it_is_large(name, size, as_x, stride):
    layer = scratch.Conv2d(3, 4, 1, stride)
    x = LAYOUTS[name](np.ones((5, 3, size, size), np.float32))
    y = layer(x)
    assert layer.ran == "1x1"
    planes = (name == "NCHW") == as_x
    for tensor in (y, layer.backward(y)):
        assert (tensor if planes else tensor.transpose(0, 2, 3, 1)).flags.c_contiguous


@pytest.mark.parametrize("arguments", [(4, 4, (1, 2)), (4, 4, 1, 1, 1), (4, 4, 1, 1, 0, 1, 2)])
def test_what_it_does_not_serve(arguments):
    layer = scratch.Conv2d(*arguments)
    layer.algorithm = "1x1"
    with pytest.raises(ValueError, match="algorithm='1x1'"):
        layer(np.ones((1, 4, 8, 8), np.float32))
