"""Convolution by rows: geometries, seams of blocks, parts and lines, any memory, and numbers that are not finite."""

from itertools import product

import numpy as np
import pytest

import scratch
from parity_tests.fast.test_any_layout import LAYOUTS
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge, reference
from scratch.fast import conv_rows, threads

S = Spec.of
CASES = [
    LayerCase(S("Conv2d", 3, 5, 7, stride=2, padding=3), (5, 3, 14, 17)),
    LayerCase(S("Conv2d", 3, 4, 3, stride=2, padding=1, bias=False), (3, 3, 9, 8)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), stride=(2, 3), padding=(1, 0)), (4, 2, 9, 14)),  # cells that no window sees
    LayerCase(S("Conv2d", 2, 3, (2, 3), stride=(1, 2), padding=(3, 5), dilation=(1, 3)), (2, 2, 7, 6)),
    LayerCase(S("Conv2d", 3, 2, (2, 1), stride=(3, 4)), (2, 3, 8, 13)),  # windows with gaps
    LayerCase(S("Conv2d", 2, 3, (5, 4), padding=(7, 6)), (2, 2, 2, 1)),  # windows in the border alone
    LayerCase(S("Conv2d", 2, 3, 4, padding="same"), (2, 2, 5, 6)),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 7, 8)),
    LayerCase(S("Conv2d", 2, 3, 3), (0, 2, 7, 8)),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 8, 10), "large mean"),
    LayerCase(S("Conv2d", 2, 3, 3, padding=1), (2, 2, 8, 10), "integers"),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 8, 10), "nan"),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 8, 10), "inf"),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 8, 10), upstream="inf"),
]
FINITE = [case for case in CASES if case.data not in ("nan", "inf") and case.upstream != "inf" and 0 not in case.shape]


def disagreements(case, dtype="float32", layout=None):
    findings = judge(case, IMPLEMENTATIONS["scratch"], dtype, algorithm="rows", layout=layout)
    assert {"y", "dx", "dweight"} <= {f.tensor for f in findings}
    return [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_keeps_its_law(case, dtype):
    assert not disagreements(case, dtype)


@pytest.mark.parametrize("block_bytes", [1, 3000])
@pytest.mark.parametrize("long_line", [1, 13])
@pytest.mark.parametrize("case", FINITE, ids=str)
def test_in_small_blocks_of_a_few_images(case, long_line, block_bytes, monkeypatch):
    monkeypatch.setattr(conv_rows, "LONG_LINE", long_line)
    monkeypatch.setattr(conv_rows, "BLOCK_BYTES", block_bytes)
    assert not disagreements(case)


@pytest.mark.parametrize("case", FINITE, ids=str)
def test_a_part_for_each_image(case, monkeypatch):
    monkeypatch.setattr(threads, "parts", lambda N, flops: [slice(n, n + 1) for n in range(N)])
    assert not disagreements(case)


@pytest.mark.parametrize("block_bytes", [1, conv_rows.BLOCK_BYTES])
@pytest.mark.parametrize("case", FINITE[:4], ids=str)
def test_the_memory_of_x_and_dy_does_not_matter(case, block_bytes, monkeypatch):
    monkeypatch.setattr(conv_rows, "BLOCK_BYTES", block_bytes)
    inputs = reference(case, "float32", 0).inputs
    found = []
    for lies, dy_lies in product(LAYOUTS.values(), LAYOUTS.values()):
        layer = case.build(scratch, inputs)
        layer.algorithm = "rows"
        y = layer(lies(inputs["x"]))
        found.append([y, layer.backward(dy_lies(inputs["dy"])), *(p.grad for p in layer.parameters())])
    for tensors in found[1:]:
        for got, want in zip(tensors, found[0], strict=True):
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("arguments", [(4, 4, 3, 1, 0, (2, 1)), (4, 4, 3, 1, 1, 1, 2)])
def test_what_it_does_not_serve(arguments):
    layer = scratch.Conv2d(*arguments)
    layer.algorithm = "rows"
    with pytest.raises(ValueError, match="algorithm='rows'"):
        layer(np.ones((1, 4, 8, 8), np.float32))
