"""Batch normalisation."""

from gpu.kernels import batch_norm
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import ORDER, OUTSIDE, UNSET, UNWRITTEN, Bug

S = Spec.of

CASES = [
    LayerCase(S("BatchNorm2d", 3), (5, 3, 6, 7)),  # a block wider than a plane
    LayerCase(S("BatchNorm2d", 2), (2, 2, 50, 61)),  # two parts for each channel, planes wider than a block
    LayerCase(S("BatchNorm2d", 3, momentum=None), (4, 3, 5, 6), training=False),
    LayerCase(S("BatchNorm2d", 3, affine=False), (4, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3, affine=False), (4, 3, 5, 6), training=False),
    LayerCase(S("BatchNorm2d", 2), (1, 2, 1, 2)),  # fewer numbers than a warp has lanes
    LayerCase(S("BatchNorm2d", 3), (0, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3), (4, 3, 5, 6), "large mean"),
    LayerCase(S("BatchNorm2d", 7), (2, 7, 3, 2), "inf"),
    LayerCase(S("BatchNorm2d", 7), (2, 7, 5, 6), "inf"),  # more numbers than threads, and infinities of one sign
    LayerCase(S("BatchNorm2d", 2), (2, 2, 50, 61), "inf"),
    LayerCase(S("BatchNorm2d", 7), (2, 7, 3, 1), "nan"),
    LayerCase(S("BatchNorm2d", 7), (2, 7, 3, 2), upstream="inf"),
]

BUGS = [
    Bug("one number too many", batch_norm, "return left > 0", "return left >= 0", OUTSIDE),
    Bug("one number too few", batch_norm, "return left > 0", "return left > 1", UNWRITTEN),
    Bug("no step to the next image", batch_norm, ", at += next_plane", "", UNWRITTEN),
    Bug("the first part again", batch_norm, "first = blockIdx.y * g.share +", "first = 0 * g.share +"),
    Bug("images for channels", batch_norm, "+ blockIdx.x * g.plane + inside", "+ inside", UNWRITTEN),
    Bug("infinities are averaged", batch_norm, "is_finite(mine.mean) ? ", "true ? "),
    Bug("infinities are averaged between threads", batch_norm, "const T mean = both ? ", "const T mean = true ? "),
    Bug("means are averaged as if alike long", batch_norm, "part_of_b = T(b.count) / T(count)", "part_of_b = T(0.5)"),
    Bug("distance of the means left out", batch_norm, " + difference * (difference * (T(a.count) * part_of_b))", ""),
    Bug("squares of the old difference", batch_norm, "difference * (number - mine.mean)", "difference * difference"),
    Bug("no barrier before the warps are joined", batch_norm, "    __syncthreads();\n    if", "    if", UNSET),
    Bug("a warp is left out", batch_norm, "other = 1;", "other = 2;"),
    Bug("the last part is taken for a full one", batch_norm, "min(g.share, g.N * g.plane - part * g.share)", "g.share"),
    Bug("unbiased variance", batch_norm, "squares / T(mine.count)", "squares / T(mine.count - 1)"),
    Bug("the other sum", batch_norm, "dbias[c] / M;", "dweight[c] / M;"),
    Bug("the statistics are constants", batch_norm, "if (!dweight)", "if (dweight)"),
    Bug("eps inside", batch_norm, "sqrt(var[c] + T(eps))", "sqrt(var[c]) + T(eps)"),
    Bug("no barrier between two sums", batch_norm, "    __syncthreads();  // the second", "    //", ORDER),
]
