"""CUDA's own compiler takes every kernel, in every dtype, for every architecture, and nothing spills to memory."""

import re

import pytest

from gpu.kernels import modules
from parity_tests.kernels.nvrtc import compile_for, installed

if not installed():
    pytest.skip("NVRTC is not installed: the extra kernels brings it", allow_module_level=True)

ARCHITECTURES = ["sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"]
RESOURCES = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("module", modules(), ids=lambda module: module.SOURCE.file)
def test_compiles_without_spills(module, architecture):
    source = module.SOURCE
    ok, log = compile_for(architecture, source.text, source.file, source.expressions, source.folders)
    assert ok, log
    resources = RESOURCES.findall(log)
    assert len(resources) == len(source.expressions)
    assert {*resources} == {("0", "0", "0")}


def test_what_does_not_compile_says_the_line():
    ok, log = compile_for("sm_75", "\n__global__ void bad(float* y) { y = nonsense; }", "bad.cu", ["bad"])
    assert not ok
    assert 'bad.cu(2): error: identifier "nonsense" is undefined' in log
