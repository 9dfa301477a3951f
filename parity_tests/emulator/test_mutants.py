"""Bugs planted into the kernels, one at a time: each must be caught, by the emulator's checks or by the numbers.

A test that nothing fails proves nothing; here the kernels fail, and the tests have to say so.
"""

from dataclasses import dataclass
from types import ModuleType

import pytest

from gpu.declaration import Source
from gpu.emulator import EmulatorError
from gpu.kernels import activation, conv_direct, gemm, pool
from gpu.runtime import checked_launches
from parity_tests.emulator.test_kernels import CASES, US
from parity_tests.harness.implementations import BACKEND_TABLE
from parity_tests.harness.referee import judge

NUMBERS = "numbers"
ORDER = "result depends on the order of threads"
OUTSIDE = "access outside an array"
UNSET = "shared memory read before it is written"
BARRIER = "        __syncthreads();\n        // Beyond"


@dataclass(frozen=True)
class Bug:
    """Text of a kernel replaced by another, and what catches it first: a kind of finding, or the numbers."""

    name: str
    module: ModuleType
    old: str
    new: str
    caught_by: str = NUMBERS


BUGS = [
    # dropped barriers, and those that not all threads reach
    Bug("no barrier in the sum of a block", conv_direct, "    __syncthreads();\n", "", UNSET),
    Bug("no barrier before the tiles are read", gemm, BARRIER, "        //", UNSET),
    Bug("no barrier before they are written again", gemm, "        __syncthreads();\n    }\n", "    }\n", ORDER),
    Bug("a barrier in a branch", gemm, BARRIER, f"if (ty < 9) {BARRIER}", "barrier divergence"),
    Bug(
        "early return",
        gemm,
        "sum[EACH][EACH] = {};",
        "sum[EACH][EACH] = {}; if (ty > 8) return;",
        "early return before a barrier",
    ),
    # bounds off by one
    Bug("one output too many", conv_direct, "(at >= (long long)g.N * g.O", "(at > (long long)g.N * g.O", OUTSIDE),
    Bug("one row of x too many", conv_direct, "h >= g.H) continue", "h > g.H) continue", OUTSIDE),
    Bug("one column of x too many", conv_direct, "w < g.W) sum", "w <= g.W) sum", OUTSIDE),
    Bug("one row of windows too many", pool, "row / g.sH >= g.outH", "row / g.sH > g.outH", OUTSIDE),
    Bug("one term too few", conv_direct, "at < g.N * positions; ", "at < g.N * positions - 1; "),
    Bug("one shuffle too few", conv_direct, "step > 0", "step > 1"),
    Bug("one output too few", activation, "at < count) y", "at < count - 1) y", "unwritten output"),
    Bug("no bound at all", activation, "if (at < count) y", "y", OUTSIDE),
    Bug("a tile too narrow", gemm, "b_tile[STRIP][TILE]", "b_tile[STRIP][TILE - 1]", "index out of bounds"),
    Bug("a tile not filled", gemm, "i < TILE * STRIP", "i < TILE * STRIP - 64", UNSET),
    # swapped indices and wrong strides
    Bug("rows for columns of y", conv_direct, "i = at / g.outW % g.outH, o", "i = at % g.outH, o"),
    Bug("the other axis of the weight", conv_direct, "S(filter[u * g.kW + v])", "S(filter[v * g.kH + u])"),
    Bug("a plane of another size", conv_direct, "c) * g.H * g.W;", "c) * g.H * g.H;"),
    Bug("the stride of the other axis", conv_direct, "w = j * g.sW", "w = j * g.sH"),
    Bug("no dilation", conv_direct, "w + g.left - v * g.dW", "w + g.left - v"),
    Bug("no groups", conv_direct, "channel = o / g.Og * g.Cg + c", "channel = c"),
    Bug("the result transposed", gemm, "row * g.N + column", "column * g.M + row"),
    Bug(
        "offsets that overflow",
        activation,
        "(long long)blockIdx.x *",
        "(int)(blockIdx.x + 20000000) * (int)",
        "overflow",
    ),
    # racy order
    Bug("all threads write the sum", conv_direct, "if (threadIdx.x == 0) dweight", "dweight", ORDER),
    # torch's rules
    Bug("ties go to the last", pool, "value > best", "value >= best"),
    Bug("NaN is not the largest", pool, " || value != value", ""),
    Bug("padding is 0", pool, "best_at < 0 || value > best", "value > best"),
    Bug("overhang counts", pool, "min(h + g.kH, g.H + g.bottom) - h", "g.kH"),
    Bug("windows before the first that covers", pool, "g.kH + g.sH, 0)", "g.kH, 0)"),
    Bug("gradient at 0", activation, "x[at] <= T(0)", "x[at] < T(0)"),
]


def complaint(module: ModuleType) -> str:
    """What the cases of a kernel's file bring to light first."""
    backend = US.nn.backend
    for case in CASES:
        if module not in getattr(backend, BACKEND_TABLE[case.op]).values() or case.integer:
            continue
        try:
            with checked_launches():
                findings = judge(case, US, "float32")
        except EmulatorError as error:
            return error.finding.kind
        if any(not finding.ours.verdict.agrees for finding in findings):
            return NUMBERS
    return "nothing"


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_caught(bug, monkeypatch, tmp_path):
    source: Source = bug.module.SOURCE
    text = (source.folder / source.file).read_text(encoding="utf-8")
    assert bug.old in text
    (tmp_path / source.file).write_text(text.replace(bug.old, bug.new, 1), encoding="utf-8")
    monkeypatch.setattr(source, "folder", tmp_path)
    monkeypatch.setattr(source, "_compiled", {})
    # To compile one dtype takes a quarter of the time of all.
    monkeypatch.setattr(Source, "expressions", [kernel.expression("float32") for kernel in source.kernels])
    assert complaint(bug.module) == bug.caught_by
