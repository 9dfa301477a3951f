"""The cases in the smallest blocks: the suite's arrays fit into one block, so what joins blocks would never run."""

from types import ModuleType

import pytest

import gpu
from parity_tests.harness.cases import CASES
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import judge
from scratch.fast import blocks

IN_BLOCKS = ("Conv2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d", "ReLU")
SIZES: dict[str, list[ModuleType]] = {"scratch": [blocks], "gpu.on_numpy": [gpu.conv, gpu.norm, gpu.pool]}
"""Where each implementation reads how large a block may be."""


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("case", [case for case in CASES if case.op in IN_BLOCKS], ids=str)
def test_agrees_with_torch_in_the_smallest_blocks(case: LayerCase, name: str, monkeypatch: pytest.MonkeyPatch):
    for module in SIZES[name]:
        monkeypatch.setattr(module, "BLOCK_BYTES", 1)
    findings = judge(case, IMPLEMENTATIONS[name], "float32")
    assert not [f"{f.tensor}: {f.ours}" for f in findings if not f.ours.verdict.agrees]
