"""Convolution as a matrix product whose columns are never stored."""

from gpu.kernels import conv_implicit_gemm
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import DIVERGENCE, EARLY_RETURN, INDEX, NUMBERS, ORDER, OUTSIDE, UNSET, UNWRITTEN, Bug

CASES = [
    # Two tiles down and two across, of y and of dx, the last of them not full; three strips, the last not full.
    LayerCase(Spec.of("Conv2d", 6, 134, (2, 3), stride=(1, 2), padding=(1, 0), groups=2), (2, 6, 9, 17)),
    # Two tiles of dweight across, two slices; everything that can be in vectors is.
    LayerCase(Spec.of("Conv2d", 24, 8, (2, 3), bias=False), (2, 24, 13, 26)),
    # 1x1: x and dy as they lie, in vectors or, of 21 cells, not.
    LayerCase(Spec.of("Conv2d", 20, 8, 1), (3, 20, 4, 6)),
    LayerCase(Spec.of("Conv2d", 5, 6, 1), (2, 5, 3, 7)),
    # Taps that meet every other kind of cells only, and kinds that no tap meets.
    LayerCase(Spec.of("Conv2d", 2, 3, (3, 2), stride=(4, 3), padding=(1, 2), dilation=(2, 1)), (2, 2, 11, 7)),
]

BARRIER = "__syncthreads();\n            tiles"
PRODUCTS = "        __syncthreads();\n        tiles.template add_products<false>(sum, depth);\n"
TEXTS = [
    ("no barrier before the tiles are read", BARRIER, BARRIER[16:], UNSET),
    (
        "no barrier before they are written again",
        "        __syncthreads();\n    }\n\n    constexpr",
        "    }\n\n    constexpr",
        ORDER,
    ),
    ("no barrier in dweight", PRODUCTS, PRODUCTS[25:], UNSET),
    ("a barrier in a branch", BARRIER, f"if (thread < 99) {BARRIER}", DIVERGENCE),
    ("early return", "constexpr int MANY", "if (threadIdx.x > 99) return; constexpr int MANY", EARLY_RETURN),
    ("no barrier before the taps are read", "decode(0);\n    __syncthreads();", "decode(0);", UNSET),
    ("taps of all strips in one place", "taps[strip % 2][thread]", "taps[0][thread]", OUTSIDE),
    ("no carry from column to row", "v -= g.kW, u++", "v -= g.kW", NUMBERS),
    ("a column too many", "if (column + e < columns)", "if (column + e <= columns)", OUTSIDE),
    (
        "a row too few",
        "rows = min(LENGTH, g.rows - first_row)",
        "rows = min(LENGTH, g.rows - first_row) - 1",
        UNWRITTEN,
    ),
    ("a strip not full", "min((long long)STRIP, K - first)", "STRIP", OUTSIDE),
    ("rows for columns of the kernel", "next_v = STRIP % g.kW", "next_v = STRIP % g.kH", NUMBERS),
    ("the stride of the other axis", "w = at.j * g.sW", "w = at.j * g.sH", NUMBERS),
    ("all groups as the first", "y + group * g.Og * out,", "y,", UNWRITTEN),
    ("the bias of the first group", "bias + group * g.Og", "bias", NUMBERS),
    ("vectors across the end of a row", "K % MANY == 0 && aligned(filters, MANY)", "true", "bad pointer"),
    ("every tap meets every cell", "while (every < kernel && every * dilation % stride != 0) every++;", "", NUMBERS),
    ("cells of the next kind", "tap < kernel && (first + before", "tap < kernel && (first + 1 + before", NUMBERS),
    ("a cell of each kind too few", "(size - first - 1) / stride + 1", "(size - first - 1) / stride", UNWRITTEN),
    ("slices that overlap", "begin + split.positions, g.N * out", "begin + split.positions + 1, g.N * out", NUMBERS),
    ("the last slice left out", "slice < split.slices;", "slice < split.slices - 1;", NUMBERS),
    ("a slice in another's place", "[slice * g.O * J + at]", "[at]", UNWRITTEN),
    ("columns of x beyond the last", "if (column < J) taps", "taps", OUTSIDE),
    ("columns of dweight beyond its row", "first_column + Tiles<S>::column(n) >= J", "false", OUTSIDE),
]
IN_TILES = [
    ("a tile too narrow", "b[STRIP][COLUMNS + IN_16_BYTES<S>]", "b[STRIP][COLUMNS - IN_16_BYTES<S>]", INDEX),
    ("rows beyond the last", "k < depth ? rows : 0", "k < depth ? ROWS<S> : 0", OUTSIDE),
    ("vectors in the order of threads", "step - threadIdx.x % WIDTH", "step", "bad pointer"),
    ("a row of x too many", "< unsigned(H)", "<= unsigned(H)", OUTSIDE),
]
BUGS = [
    Bug(name, conv_implicit_gemm, old, new, caught_by, file)
    for file, texts in (("", TEXTS), ("tiles.cuh", IN_TILES))
    for name, old, new, caught_by in texts
]
