"""The cases in the smallest blocks: the suite's arrays fit into one block, so what joins blocks would never run."""

from types import ModuleType

import pytest

import gpu
from parity_tests.harness.cases import CASES
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge
from scratch.fast import blocks, columns, conv_depthwise, conv_rows, max_pool_small, relu, smooth, softmax, threads

IN_BLOCKS = (
    "Conv2d",
    "ConvTranspose2d",
    "MaxPool2d",
    "AvgPool2d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "MaxUnpool2d",
    "Upsample",
    "BatchNorm2d",
    "LayerNorm",
    "GroupNorm",
    "ReLU",
    "LeakyReLU",
    "Sigmoid",
    "Tanh",
    "SiLU",
    "GELU",
    "ELU",
    "Softplus",
    "Softmax",
    "LogSoftmax",
)
SIZES: dict[str, list[tuple[ModuleType, str]]] = {
    "scratch": [
        (blocks, "BLOCK_BYTES"),
        (blocks, "CACHE_BYTES"),
        (max_pool_small, "SMALL"),
        (relu, "SMALL"),
        (smooth, "SMALL"),
        (softmax, "SMALL"),
        (columns, "LARGEST_BLOCK_BYTES"),
        (conv_depthwise, "BLOCK_BYTES"),
        (conv_rows, "BLOCK_BYTES"),
    ],
    "gpu.on_numpy": [
        (gpu.conv, "BLOCK_BYTES"),
        (gpu.layer_norm, "BLOCK_BYTES"),
        (gpu.norm, "BLOCK_BYTES"),
        (gpu.pool, "BLOCK_BYTES"),
        (gpu.through_blocks, "BLOCK_BYTES"),
        (gpu.adaptive_pool, "BLOCK_BYTES"),
        (gpu.unpool, "BLOCK_BYTES"),
        (gpu.smooth, "BLOCK_BYTES"),
    ],
}
"""Where each implementation reads how large a block may be."""


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("case", [case for case in CASES if case.op in IN_BLOCKS], ids=str)
def test_agrees_with_torch_in_the_smallest_blocks(case: LayerCase, name: str, monkeypatch: pytest.MonkeyPatch):
    for module, constant in SIZES[name]:
        monkeypatch.setattr(module, constant, 1)
    for algorithm in case.algorithms(IMPLEMENTATIONS[name]):
        findings = judge(case, IMPLEMENTATIONS[name], "float32", algorithm=algorithm)
        assert not [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]


@pytest.mark.parametrize("case", [case for case in CASES if case.op in IN_BLOCKS], ids=str)
def test_agrees_with_torch_in_as_many_parts_as_there_are_images(case: LayerCase, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(threads, "parts", lambda N, flops: [slice(n, n + 1) for n in range(N)] or [slice(0, 0)])
    for algorithm in case.algorithms(IMPLEMENTATIONS["scratch"]):
        findings = judge(case, IMPLEMENTATIONS["scratch"], "float32", algorithm=algorithm)
        assert not [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]
