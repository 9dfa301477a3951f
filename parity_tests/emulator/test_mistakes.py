"""Every mistake that the emulator claims to find is found, in a kernel that has no other, and told where it is."""

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
    "write to const": "access outside an array",
    "stack overflow": "access outside an array",
    "two write to one place": ORDER,
    "blocks write to one place": ORDER,
    "no barrier": ORDER,
    "no warp barrier": ORDER,
    "racy atomics": ORDER,
    "unwritten output": UNWRITTEN,
    "output that is added to": OUTPUT_UNSET,
    "shared memory never written": SHARED_UNSET,
}
FIRST_LINE = "__global__ void mistake_{number}(const float* x, float* y, int n) {{ const unsigned t = threadIdx.x;\n"
X = np.linspace(-1, 2, 64, dtype=np.float32)
NAMES = [f"mistake_{number}" for number in range(len(MISTAKES))]


@pytest.fixture(scope="module")
def kernels():
    bodies = enumerate(MISTAKES.values())
    return Module("".join(FIRST_LINE.format(number=i) + body + "\n}\n" for i, body in bodies), "mistakes.cu", NAMES)


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
        ("different barriers", (0, 0, 0), (0, 0, 0), "thread (5, 0, 0) waits at line", "if (t < 5) __syncthreads();"),
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
        ("read past the end", (0, 0, 0), (63, 0, 0), "reads 0 bytes past the end of argument 0", "y[t] = x[t + 1];"),
        ("write past the end", (0, 0, 0), (63, 0, 0), "writes 0 bytes past the end of argument 1", "y[t + 1] = 1;"),
        ("read before the beginning", (1, 0, 0), (0, 0, 0), "reads 4 bytes before the beginning of argument 0", "y[t]"),
        ("write to const", (0, 0, 0), (0, 0, 0), "argument 0, which is const", "const_cast"),
        ("two write to one place", (1, 0, 0), (63, 0, 0), "argument 1 at (0,) is 2.0 or -1.0; 1 of 64 differ", ""),
        ("blocks write to one place", (1, 0, 0), (0, 0, 0), "argument 1 at (0,) is 1.0 or 0.0; 64 of 64 differ", ""),
        ("unwritten output", None, None, "argument 1: 1 of 64 elements, the first at (7,)", ""),
        ("shared memory never written", (0, 0, 0), (63, 0, 0), "argument 1 at (63,) is nan or ", ""),
    ],
)
def test_told_where_it_is(kernels, name, block, thread, detail, line):
    found = findings(kernels, name)[0]
    assert (found.block, found.thread) == (block, thread)
    assert detail in found.detail
    assert line in found.source_line


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
