"""Softmax and cross entropy, fused."""

from gpu.kernels import cross_entropy
from parity_tests.harness.case import Spec
from parity_tests.harness.loss_case import LossCase
from parity_tests.kernels.bug import ORDER, OUTSIDE, UNWRITTEN, Bug

S = Spec.of
CE = "CrossEntropyLoss"

CASES = [
    LossCase(S(CE), (6, 45)),  # a warp goes over a row twice, and a block is not full
    LossCase(S(CE, label_smoothing=0.1), (3, 1100), "some ignored", weighted=True),  # a block takes a row
    LossCase(S(CE, reduction="none"), (2, 4, 3), "amounts"),
    LossCase(S(CE), (1, 1)),
    LossCase(S(CE), (0, 4)),
    LossCase(S(CE), (5, 4), data="large"),
    LossCase(S(CE), (5, 4), data="large mean"),
    LossCase(S(CE, reduction="none"), (9, 4), data="nan"),
    LossCase(S(CE, reduction="none"), (15, 4), data="inf"),
    LossCase(S(CE, reduction="none"), (9, 4), data="lowest"),
]

BUGS = [
    Bug("one row too many", cross_entropy, "if (row >= M)", "if (row > M)", OUTSIDE),
    Bug(
        "one class too many",
        cross_entropy,
        "c < C; c += blockDim.x)\n        if",
        "c <= C; c += blockDim.x)\n        if",
        OUTSIDE,
    ),
    Bug("what is not wanted counts", cross_entropy, "if (wanted[c] != T(0)) mine", "mine"),
    Bug(
        "all threads write what they have",
        cross_entropy,
        "by_team<Added>(mine);\n    if (threadIdx.x == 0) losses",
        "mine;\n    losses",
    ),
    Bug("the maximum is not kept", cross_entropy, " = loss, maxima[row] = maximum,", " = loss,", UNWRITTEN),
    Bug(
        "m + log s in one number",
        cross_entropy,
        "exponential(x[c] - maximum) / sum",
        "exponential(x[c] - (maximum + logarithm(sum)))",
    ),
    Bug("amounts are taken for probabilities", cross_entropy, " * all_wanted", ""),
    Bug(
        "not all of what is wanted",
        cross_entropy,
        "c < C; c += blockDim.x) mine +=",
        "c < C - 1; c += blockDim.x) mine +=",
    ),
    Bug("the upstream gradient of the first sample", cross_entropy, "dlosses[row]", "dlosses[0]"),
    Bug("no barrier between two sums", cross_entropy, "    __syncthreads();  // nobody", "    //", ORDER, "rows.cuh"),
]
