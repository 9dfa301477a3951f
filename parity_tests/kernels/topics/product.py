"""The matrix product, which is the dense layer."""

from gpu.kernels import gemm
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import DIVERGENCE, EARLY_RETURN, INDEX, ORDER, UNSET, Bug

CASES = [
    LayerCase(Spec.of("Linear", 37, 70), (65, 37)),  # two tiles and a strip that is not full, in both directions
    LayerCase(Spec.of("Linear", 16, 3, bias=False), (2, 16), "inf"),
]

BARRIER = "        __syncthreads();\n        // Beyond"
BUGS = [
    Bug("no barrier before the tiles are read", gemm, BARRIER, "        //", UNSET),
    Bug("no barrier before they are written again", gemm, "        __syncthreads();\n    }\n", "    }\n", ORDER),
    Bug("a barrier in a branch", gemm, BARRIER, f"if (ty < 9) {BARRIER}", DIVERGENCE),
    Bug("early return", gemm, "sum[EACH][EACH] = {};", "sum[EACH][EACH] = {}; if (ty > 8) return;", EARLY_RETURN),
    Bug("a tile too narrow", gemm, "b_tile[STRIP][TILE]", "b_tile[STRIP][TILE - 1]", INDEX),
    Bug("a tile not filled", gemm, "i < TILE * STRIP", "i < TILE * STRIP - 64", UNSET),
    Bug("the result transposed", gemm, "row * g.N + column", "column * g.M + row"),
]
