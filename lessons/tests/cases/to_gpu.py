"""What the lesson "To the GPU" is tried with."""

import numpy as np

from gpu import on_numpy
from lessons.exercises import to_gpu
from scratch.array import namespace_of


def with_numpy(x):
    """A softmax that names NumPy."""
    y = np.exp(x - x.max(axis=1, keepdims=True))
    return y / y.sum(axis=1, keepdims=True)


def on_the_host(x):
    """A softmax that is computed on the host."""
    return with_numpy(on_numpy.asnumpy(x))


def overflows(x):
    """A softmax of the formula as it is written."""
    y = namespace_of(x).exp(x)
    return y / y.sum(axis=1, keepdims=True)


def over_columns(x):
    """A softmax of the wrong axis."""
    y = namespace_of(x).exp(x - x.max(axis=0))
    return y / y.sum(axis=0)


def in_place(x):
    """A softmax that writes on what it was given."""
    x -= x.max(axis=1, keepdims=True)
    return to_gpu.my_softmax(x)


def leaky(was, becomes):
    """The solution with something in place of something else."""
    assert was in to_gpu.MY_KERNEL
    return to_gpu.MY_KERNEL.replace(was, becomes)


IN_THE_IF = to_gpu.RACY_SUM.replace(
    "part[threadIdx.x] += part[threadIdx.x + half];",
    "{ part[threadIdx.x] += part[threadIdx.x + half]; __syncthreads(); }",
)
ONLY_BEFORE = to_gpu.RACY_SUM.replace("    for (", "    __syncthreads();\n    for (")

ANSWERS = {
    "answer_1": (24, 8),
    "my_softmax": (to_gpu.my_softmax, with_numpy),
    "my_kernel": (to_gpu.MY_KERNEL, leaky("if (i < n) ", "")),
    "my_sum": (to_gpu.MY_SUM, ONLY_BEFORE),
}

VALUES = [to_gpu.on_paper, to_gpu.leaky_relu, to_gpu.block_sum]
FUNCTIONS = [to_gpu.softmax]

RIGHT = [
    (to_gpu.on_paper, 24),
    (to_gpu.softmax, to_gpu.my_softmax),
    (to_gpu.leaky_relu, to_gpu.MY_KERNEL),
    (to_gpu.block_sum, to_gpu.MY_SUM),
]

WRONG = [
    (to_gpu.on_paper, 104, "of the last block"),
    (to_gpu.on_paper, 0, "does not divide"),
    (to_gpu.on_paper, 8, "the number of blocks"),
    (to_gpu.on_paper, 1024, "the number of threads"),
    (to_gpu.on_paper, 7, "How many blocks"),
    (to_gpu.softmax, with_numpy, "not of `np`"),
    (to_gpu.softmax, on_the_host, "stays on the GPU"),
    (to_gpu.softmax, overflows, "exp is infinite"),
    (to_gpu.softmax, over_columns, "The columns"),
    (to_gpu.softmax, in_place, "changes the array"),
    (to_gpu.softmax, lambda x: x, "cell (0, 0) must be"),
    (to_gpu.leaky_relu, 5, "in quotes"),
    (to_gpu.leaky_relu, leaky("if (i < n) ", ""), "more threads than numbers"),
    (to_gpu.leaky_relu, leaky("blockIdx.x * blockDim.x + ", ""), "Which i has each thread"),
    (to_gpu.leaky_relu, leaky("y[i] = ", "y[i] += "), "What lay in the output"),
    (to_gpu.leaky_relu, leaky("slope * x[i] : x[i]", "0 : x[i]"), "y is 0"),
    (to_gpu.leaky_relu, leaky("slope * x[i] : x[i]", "x[i] : slope * x[i]"), "for the negative"),
    (to_gpu.leaky_relu, leaky("y[i] =", "y[i]"), "does not compile"),
    (to_gpu.leaky_relu, leaky("float slope, ", "").replace("slope", "2"), "cannot be launched"),
    (to_gpu.block_sum, ONLY_BEFORE, "Between each write"),
    (to_gpu.block_sum, IN_THE_IF, "A barrier inside of `if`"),
    (to_gpu.block_sum, to_gpu.MY_SUM.replace("sum[0] = part[0]", "sum[0] = part[1]"), "must be 2016"),
]

SOLUTIONS = [(to_gpu.softmax, to_gpu.my_softmax)]

LIVE = [
    {"which": 0, "power": 0, "apart": 1},
    {"which": 11, "power": 4, "apart": 33},
]
