"""The exercises of the lesson "To the GPU": checks with hints, and solutions."""

from collections.abc import Callable, Sequence
from textwrap import dedent
from typing import Any

import numpy as np

from gpu import on_numpy
from gpu.emulator.check import OUTPUT_UNSET, UNWRITTEN
from gpu.runtime import blocks_for
from lessons.exercises.answers import Hint, compare, number
from lessons.kernels import tried
from lessons.pieces import Verdict, right, still_open, wrong
from scratch.array import Array, HostArray, namespace_of

WITHOUT_A_GUARD = """
__global__ void relu(const float* x, float* y, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    y[i] = x[i] < 0 ? 0 : x[i];
}
"""
REVERSE = """
__global__ void reverse(const float* x, float* y) {
    __shared__ float tile[16];
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = tile[15 - threadIdx.x];
}
"""
RACY_REVERSE = REVERSE.replace("    __syncthreads();\n", "")

NO_KERNEL = """
__global__ void leaky_relu(const float* x, float* y, float slope, int n) {
}
"""
MY_KERNEL = """
__global__ void leaky_relu(const float* x, float* y, float slope, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = x[i] < 0 ? slope * x[i] : x[i];
}
"""
"""The solution of the third exercise."""

MY_SUM = """
__global__ void block_sum(const float* x, float* sum) {
    __shared__ float part[64];
    part[threadIdx.x] = x[threadIdx.x];
    for (int half = 32; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
    }
    if (threadIdx.x == 0) sum[0] = part[0];
}
"""
"""The solution of the fourth exercise."""

RACY_SUM = MY_SUM.replace("        __syncthreads();\n", "")


def on_paper(answer: Any) -> Verdict:
    """How many threads have nothing to do."""
    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    blocks = blocks_for(1000, 128)
    if value == blocks * 128 - 1000:
        return right("The last block is there for the numbers that are left, and it is a whole one.")
    hints = {
        float(1000 % 128): "So many threads of the last block have something to do. The others have not.",
        0.0: "128 does not divide 1000, and every block has 128 threads.",
        float(blocks): "This is the number of blocks.",
        float(blocks * 128): "This is the number of threads. How many of them have a number?",
    }
    return wrong(hints.get(value, "How many blocks are needed for 1000 numbers, and how many threads are that?"))


def softmax(function: Callable[..., Any]) -> Verdict:
    """Check a function (x) that takes the softmax of every row, of arrays of a GPU."""
    draw = np.random.default_rng(0).standard_normal
    try:
        for x in (draw((2, 3)), draw((4, 5)) + 1000):
            expected = np.exp(x - x.max(axis=1, keepdims=True))
            expected /= expected.sum(axis=1, keepdims=True)
            over_columns = np.exp(x - x.max(axis=0))
            mistakes = [(over_columns / over_columns.sum(axis=0), "The columns add up to 1. Every row must: `axis=1`.")]
            got = on_gpu(function, x)
            if got.shape == x.shape and np.isnan(got).any():
                return wrong("Of 1000 exp is infinite. First take the largest number of each row away from all of it.")
            compare(got, expected, (x,), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It computes where the array is, with NumPy or on a GPU.")


def on_gpu(function: Callable[..., Any], x: HostArray) -> HostArray:
    """What the learner's function returns for an array of a GPU, or of its strict stand-in.

    Raises
    ------
    Hint
        if it is no array of a GPU
    """
    given = on_numpy.asarray(x)
    try:
        got = function(given)
    except Exception as error:  # whatever a learner's code raises is for the learner to read
        said = f"With an array of a GPU it raises {type(error).__name__}: {error}"
        raise Hint(wrong(f"{said} Are all functions those of `xp`, and not of `np`?")) from error
    if got is None:
        raise Hint(still_open("The function returns nothing."))
    if not isinstance(got, on_numpy.backend.array_type()):
        raise Hint(wrong(f"It returns {type(got).__name__}. The result stays on the GPU: an array as `x` is one."))
    if not np.array_equal(on_numpy.asnumpy(given), x):
        raise Hint(wrong("It changes the array that it was given. Write into a new one."))
    return on_numpy.asnumpy(got)


def leaky_relu(text: Any) -> Verdict:
    """Check a kernel (x, y, slope, n), launched with 12 threads for 10 numbers."""
    x, y = np.array([3, -1, 4, -1, 5, -9, 2, 6, -5, 3], np.float32), np.zeros(10, np.float32)
    slope = np.float32(0.5)
    try:
        ran(text, NO_KERNEL, "leaky_relu", 3, 4, [x, y, slope, np.int32(x.size)])
        mistakes = [
            (np.maximum(x, 0), "Where x is negative y is 0. It must be the slope times x."),
            (np.where(x < 0, x, slope * x), "The slope is for the negative numbers."),
        ]
        compare(y, np.where(x < 0, slope * x, x), (x,), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("In every order of threads it gives the right numbers, and touches nothing else.")


def block_sum(text: Any) -> Verdict:
    """Check a kernel (x, sum) with 64 threads in one block."""
    x, total = np.arange(64, dtype=np.float32), np.zeros(1, np.float32)
    try:
        ran(text, RACY_SUM, "block_sum", 1, 64, [x, total])
        compare(total, x.sum(keepdims=True), (x,), [])
    except Hint as hint:
        return hint.verdict
    return right("No thread reads what another has not written yet, and every thread reaches the barrier.")


NOT_ALL = "A barrier inside of `if` is not reached by all threads. Put it before or behind the `if`."
MEND = {
    "barrier divergence": NOT_ALL,
    "early return before a barrier": NOT_ALL,
    "access outside an array": "There are more threads than numbers. Compare i with n before it is used.",
    UNWRITTEN: "Some numbers of y are never written. Which i has each thread?",
    OUTPUT_UNSET: "What lay in the output before goes into the result.",
}
RACE = "One thread reads what another may not have written yet. Between each write and such a read stands a barrier."


def ran(text: Any, given: str, kernel: str, blocks: int, threads: int, arguments: Sequence[Any]) -> None:
    """Run the kernel that a learner wrote.

    Raises
    ------
    Hint
        if it is the one that was given, it cannot be run, or the emulator finds a mistake
    """
    if text is None:
        raise Hint(still_open("Put the text of a kernel in place of None."))
    if not isinstance(text, str):
        raise Hint(wrong(f"The text of a kernel is asked for, in quotes; this is {type(text).__name__}."))
    trial = tried(dedent(text), kernel, (blocks,), (threads,), arguments)
    if dedent(text).strip() == given.strip():
        said = f" The emulator says: {trial.findings[0].kind}." if trial.findings else ""
        raise Hint(still_open(f"The kernel is as it was given.{said}"))
    if trial.refused.startswith("Not run"):
        raise Hint(still_open(trial.refused))
    if trial.refused:
        raise Hint(wrong(trial.refused))
    if trial.findings:
        first = trial.findings[0]
        raise Hint(wrong(f"The emulator finds: {first.kind}: {first.detail}. {MEND.get(first.kind, RACE)}"))


def my_softmax(x: Array) -> Any:
    """The solution of the second exercise."""
    xp = namespace_of(x)
    y = xp.exp(x - x.max(axis=1, keepdims=True))
    return y / y.sum(axis=1, keepdims=True)
