"""Every mistake that the emulator claims to find is found, in a kernel that has no other, and told where it is."""

import platform

import numpy as np
import pytest

from gpu.emulator import EmulatorError, Module, check
from gpu.emulator.check import ORDER, OUTPUT_UNSET, SHARED_UNSET, UNWRITTEN
from gpu.emulator.module import GUARDED_END
from parity_tests.emulator.kernels import MISTAKES

pytestmark = pytest.mark.gxx

KIND = {
    "different barriers": "barrier divergence",
    "a barrier that some skip": "early return before a barrier",
    "a thread returns before a barrier": "early return before a barrier",
    "a lane returns before a shuffle": "early return before a barrier",
    "lanes at different shuffles": "barrier divergence",
    "a lane not in its own mask": "barrier divergence",
    "int overflow": "overflow",
    "long long overflow": "overflow",
    "shift too far": "overflow",
    "division by zero": "overflow",
    "index in shared memory": "index out of bounds",
    "index in registers": "index out of bounds",
    "misaligned vector": "bad pointer",
    "null pointer": "bad pointer",
    "dynamic shared memory overrun": "shared memory overrun",
    "read past the end": "access outside an array",
    "read before the beginning": "access outside an array",
    "write past the end": "access outside an array",
    "read far behind the end": "access outside an array",
    "write far before the beginning": "access outside an array",
    "write to const": "access outside an array",
    "stack overflow": "access outside an array",
    "copy that nobody waits for": "asynchronous copy",
    "copy that is not in a batch": "asynchronous copy",
    "wait for an earlier batch": "asynchronous copy",
    "copy read too early": SHARED_UNSET,
    "old values lost to a copy": ORDER,
    "copy of 12 bytes": "asynchronous copy",
    "copy to an odd address": "asynchronous copy",
    "copy from an odd address": "asynchronous copy",
    "copy to an array": "asynchronous copy",
    "copy from beyond the end": "access outside an array",
    "two write to one place": ORDER,
    "blocks write to one place": ORDER,
    "no barrier": ORDER,
    "no barrier between two exchanges": ORDER,
    "no warp barrier": ORDER,
    "racy atomics": ORDER,
    "unwritten output": UNWRITTEN,
    "output that is added to": OUTPUT_UNSET,
    "shared memory never written": SHARED_UNSET,
}
INCLUDE = "#include <cuda_pipeline.h>\n"
FIRST_LINE = "__global__ void mistake_{number}(const float* x, float* y, int n) {{ const unsigned t = threadIdx.x;\n"
X = np.linspace(-1, 2, 64, dtype=np.float32)
NAMES = [f"mistake_{number}" for number in range(len(MISTAKES))]


@pytest.fixture(scope="module")
def kernels():
    bodies = enumerate(MISTAKES.values())
    return Module(
        INCLUDE + "".join(FIRST_LINE.format(number=i) + body + "\n}\n" for i, body in bodies), "mistakes.cu", NAMES
    )


def findings(kernels, name):
    y = np.zeros(64, np.float32)
    number = list(MISTAKES).index(name)
    return check(kernels, f"mistake_{number}", (2,), (64,), [X, y, np.int32(65536)], shared_bytes=256)


@pytest.mark.parametrize("name", MISTAKES)
def test_found(kernels, name):
    found = findings(kernels, name)
    assert KIND[name] in [finding.kind for finding in found], [str(finding) for finding in found]
    assert all(finding.kernel in str(finding) for finding in found)


def test_every_kind_has_a_mistake():
    assert KIND.keys() == MISTAKES.keys()


@pytest.mark.parametrize(
    ("name", "block", "thread", "detail", "line"),
    [
        (
            "different barriers",
            (0, 0, 0),
            (0, 0, 0),
            "thread (5, 0, 0) waits at mistakes.cu:4",
            "if (t < 5) __syncthreads();",
        ),
        (
            "a thread returns before a barrier",
            (0, 0, 0),
            (5, 0, 0),
            "thread (5, 0, 0) has returned",
            "__syncthreads();",
        ),
        (
            "a lane returns before a shuffle",
            (0, 0, 0),
            (37, 0, 0),
            "thread (37, 0, 0) has returned",
            "__shfl_down_sync",
        ),
        ("int overflow", (0, 0, 0), (0, 0, 0), "65536 * 65536 does not fit into 'int'", "const int i = n * 65536;"),
        ("index in registers", (0, 0, 0), (4, 0, 0), "index 4 of an array 'float [4]'", "y[t] = a[t % 5];"),
        ("index in shared memory", (0, 0, 0), (63, 0, 0), "index 64 of an array 'float [64]'", "s[t + (n >> 16)] = 1;"),
        ("read past the end", (0, 0, 0), (63, 0, 0), "reads x[64]; x has 64 elements", "y[t] = x[t + 1];"),
        ("write past the end", (0, 0, 0), (63, 0, 0), "writes y[64]; y has 64 elements", "y[t + 1] = 1;"),
        ("read before the beginning", (1, 0, 0), (0, 0, 0), "reads x[-1]; x has 64 elements", "y[t]"),
        ("read far behind the end", (0, 0, 0), (0, 0, 0), "reads x[1000000]; x has 64", "y[t]"),
        ("write far before the beginning", (0, 0, 0), (0, 0, 0), "writes y[-1000000]; y has 64", "y[(int)t"),
        ("division by zero", (0, 0, 0), (0, 0, 0), "65536 is divided by 0, in 'int'", "y[t] = n / (n - 65536);"),
        ("write to const", (0, 0, 0), (0, 0, 0), "writes to x, which is const", "const_cast"),
        (
            "copy that nobody waits for",
            (0, 0, 0),
            (0, 0, 0),
            "the thread returns without having waited for 1 of its copies",
            "__pipeline_memcpy_async(s + t, x + t, 4)",
        ),
        ("copy of 12 bytes", (0, 0, 0), (0, 0, 0), "a copy is of 4, 8 or 16 bytes", "__pipeline_memcpy_async"),
        ("copy to an odd address", (0, 0, 0), (1, 0, 0), "goes to an address that is no", "__pipeline_memcpy_async"),
        ("copy from an odd address", (0, 0, 0), (0, 0, 0), "comes from an address that is", "__pipeline_memcpy_async"),
        ("copy to an array", (0, 0, 0), (0, 0, 0), "it does not go to shared memory", "__pipeline_memcpy_async"),
        ("copy from beyond the end", (0, 0, 0), (63, 0, 0), "reads x[64]; x has 64 elements", "x + t + 1, 4)"),
        ("two write to one place", (1, 0, 0), (63, 0, 0), "y at (0,) is 2.0 or -1.0; 1 of 64 differ", ""),
        ("blocks write to one place", (1, 0, 0), (0, 0, 0), "y at (0,) is 1.0 or 0.0; 64 of 64 differ", ""),
        ("unwritten output", None, None, "y: 1 of 64 elements, the first at (7,)", ""),
        ("shared memory never written", (0, 0, 0), (63, 0, 0), "y at (63,) is nan or ", ""),
    ],
)
def test_told_where_it_is(kernels, name, block, thread, detail, line):
    found = findings(kernels, name)[0]
    assert (found.block, found.thread) == (block, thread)
    if platform.machine() == "aarch64":  # which does not tell a read from a write
        detail = detail.replace("reads ", "reads or writes ")
    assert detail in found.detail
    assert line in found.source_line
    assert found.file == ("mistakes.cu" if line else "")


def test_a_kernel_that_does_not_end(monkeypatch):
    monkeypatch.setattr("gpu.emulator.module.SECONDS", 1)
    endless = Module("__global__ void endless(volatile int* y) { while (y[0] == 0) { } }", "endless.cu", ["endless"])
    with pytest.raises(EmulatorError, match="it has not ended after 1 s"):
        endless.launch("endless", (1,), (1,), [np.zeros(1, np.int32)], guarded=GUARDED_END)


def test_after_an_error_the_next_launch_works(kernels):
    """The threads that were left in the middle of a kernel are forgotten."""
    sources = "__global__ void bad(int* y, int n) { __shared__ int s[64]; s[threadIdx.x] = 1; __syncthreads();\n"
    sources += "if (threadIdx.x == n) return; __syncthreads(); y[threadIdx.x] = s[63 - threadIdx.x]; }"
    module = Module(sources, "bad.cu", ["bad"])
    y = np.zeros(64, np.int32)
    for n in (3, 63, 0):
        with pytest.raises(EmulatorError) as caught:
            module.launch("bad", (2,), (64,), [y, np.int32(n)])
        assert caught.value.finding.thread == (n, 0, 0)
    assert not y.all()
    module.launch("bad", (2,), (64,), [y, np.int32(64)])
    assert y.all()


INCLUDES = """#include "one.cuh"
#include "folder/two.cuh"
__global__ void k(const float* x, float* y, int n) {
    const int t = threadIdx.x;
    BODY
}
"""
ONE = """#pragma once
__device__ void meet() { __syncthreads(); }
__device__ float at(const float* x, int i) { return x[i]; }
"""
TWO = """#include "three.cuh"
__device__ void gather() { __syncthreads(); }
"""
THREE = """extern __shared__ float memory[];
__device__ int times(int a, int b) { return a * b; }
__device__ void put(int i) {
    float row[4] = {};
    memory[0] = row[i];
}
"""


@pytest.mark.parametrize(
    ("body", "kind", "file", "line"),
    [
        ("if (t < 5) meet(); else gather();\n y[t] = 1;", "barrier divergence", "one.cuh", "__syncthreads();"),
        ("if (t < 5) { meet(); y[t] = 1; }", "early return before a barrier", "one.cuh", "__syncthreads();"),
        ("y[t] = times(n, n);", "overflow", "folder/three.cuh", "return a * b;"),
        ("put(n); y[t] = 1;", "index out of bounds", "folder/three.cuh", "memory[0] = row[i];"),
        ("y[t] = at(x, t + 1);", "access outside an array", "one.cuh", "return x[i];"),
        # Where a header of the emulator is at fault, its caller is.
        ("atomicAdd(y + t + 1, 1.0f);", "access outside an array", "k.cu", "atomicAdd(y + t + 1, 1.0f);"),
        ("float* p = nullptr; atomicAdd(p, x[t]); y[t] = 1;", "bad pointer", "k.cu", "float* p = nullptr;"),
    ],
)
def test_a_mistake_in_a_header_is_told_with_its_file(body, kind, file, line, tmp_path):
    (tmp_path / "folder").mkdir()
    for name, text in {"one.cuh": ONE, "folder/two.cuh": TWO, "folder/three.cuh": THREE}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = INCLUDES.replace("BODY", body)
    module = Module(source, "k.cu", ["k"], [tmp_path])
    found = check(module, "k", (1,), (64,), [X, np.zeros(64, np.float32), np.int32(65536)], shared_bytes=4)[0]
    assert (found.kind, found.file) == (kind, file)
    assert line in found.source_line
    assert f"{file}, line {found.line}: {found.source_line}" in str(found)
    if kind == "barrier divergence":  # on the same line of two files
        assert "thread (0, 0, 0) waits at one.cuh:2:" in found.detail
        assert "thread (5, 0, 0) waits at two.cuh:2:" in found.detail


def test_two_barriers_on_one_line_are_two():
    text = "__global__ void k(float* y) { if (threadIdx.x < 5) __syncthreads(); else __syncthreads(); *y = 1; }"
    with pytest.raises(EmulatorError, match=r"barrier divergence.*waits at k.cu:1:\d+, .* waits at k.cu:1:\d+"):
        Module(text, "k.cu", ["k"]).launch("k", (1,), (64,), [np.zeros(1, np.float32)])
