"""Softmax, along rows that lie in one piece and along rows that lie beside each other."""

from gpu.kernels import softmax
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import OUTSIDE, UNSET, UNWRITTEN, Bug

S = Spec.of

CASES = [
    LayerCase(S("Softmax", dim=1), (7, 45)),  # a warp goes over a row twice, and a block is not full
    LayerCase(S("Softmax", dim=-1), (2, 1100)),  # a block takes a row
    LayerCase(S("Softmax", dim=1), (2, 5, 3, 30)),  # two blocks of threads, one for each row
    LayerCase(S("Softmax", dim=0), (70, 3, 11)),  # two blocks, eight threads for each row
    LayerCase(S("Softmax", dim=1), (0, 5)),
    LayerCase(S("Softmax", dim=0), (5, 0)),
    LayerCase(S("Softmax", dim=1), (9, 40), "large"),
    LayerCase(S("Softmax", dim=1), (3, 6), "lowest"),
    LayerCase(S("Softmax", dim=1), (9, 40), "nan"),
    LayerCase(S("Softmax", dim=0), (9, 40), "inf"),
]

JOINED = "= mine;\n    __syncthreads();"
WRITE = "j < length; j += blockDim.x) to[j] = exp"
BUGS = [
    Bug("one row too many", softmax, "if (row >= rows)", "if (row > rows)", OUTSIDE),
    Bug("one number too many", softmax, WRITE, WRITE.replace("<", "<="), OUTSIDE),
    Bug("every second number of a thread", softmax, WRITE, WRITE.replace("+= b", "+= 2 * b"), UNWRITTEN),
    Bug("each thread adds up the whole row", softmax, "j += blockDim.x) mine += of_dy", "j++) mine += of_dy"),
    Bug("no maximum", softmax, "exponential(from[j] - maximum)", "exponential(from[j])"),
    Bug("the gradient without its mean", softmax, "(of_dy[j] - sum)", "of_dy[j]"),
    Bug("the maximum of one thread", softmax, "return by_team<Larger>(mine)", "return mine", file="rows.cuh"),
    Bug("one shuffle too few", softmax, "step > 0", "step > 1", file="rows.cuh"),
    Bug("no barrier before warps are joined", softmax, JOINED, "= mine;", UNSET, "rows.cuh"),
    Bug("the first warp is forgotten", softmax, "T all = of_warp[0]", "T all = of_warp[1]", file="rows.cuh"),
    Bug("rows as if in one piece", softmax, "row / inner * length * inner + row % inner", "row * length", OUTSIDE),
    Bug("one row beside too many", softmax, "row < outer * inner ?", "row <= outer * inner ?", OUTSIDE),
    Bug("the next row", softmax, "begin = first + threadIdx.y * inner", "begin = first + threadIdx.y", UNWRITTEN),
    Bug("no barrier before columns are joined", softmax, JOINED, "= mine;", UNSET),
    Bug("columns of one thread", softmax, "if (blockDim.y == 1) return mine;", "return mine;"),
    Bug("the last thread of a column is forgotten", softmax, "y < DEEP", "y < DEEP - 1"),
]
