"""Convolution, every algorithm of it."""

from gpu.kernels import channel_sums, conv_direct
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import ORDER, OUTSIDE, UNSET, Bug

CASES = [
    LayerCase(Spec.of("Conv2d", 4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2), (3, 4, 7, 8)),
    LayerCase(Spec.of("Conv2d", 3, 5, (2, 3), bias=False), (9, 3, 6, 9)),  # more terms than a block has threads
    LayerCase(Spec.of("Conv2d", 5, 5, (1, 2), groups=5, padding="same"), (2, 5, 4, 3)),
    LayerCase(Spec.of("Conv2d", 2, 3, 2, stride=5), (2, 2, 4, 3)),  # cells that no window meets
]

BUGS = [
    Bug("no barrier in the sum of a block", conv_direct, "    __syncthreads();\n", "", UNSET, "block_sum.cuh"),
    Bug("one shuffle too few", conv_direct, "step > 0", "step > 1", file="block_sum.cuh"),
    Bug("one output too many", conv_direct, "(at >= (long long)g.N * g.O", "(at > (long long)g.N * g.O", OUTSIDE),
    Bug("one row of x too many", conv_direct, "h < g.H", "h <= g.H", OUTSIDE, "convolution.cuh"),
    Bug("one column of x too many", conv_direct, "w < g.W", "w <= g.W", OUTSIDE, "convolution.cuh"),
    Bug("padding of ones", conv_direct, ": S(0);", ": S(1);", file="convolution.cuh"),
    Bug("one term too few", conv_direct, "at < g.N * positions; ", "at < g.N * positions - 1; "),
    Bug("rows for columns of y", conv_direct, "i = at / g.outW % g.outH, o", "i = at % g.outH, o"),
    Bug("the other axis of the weight", conv_direct, "S(filter[u * g.kW + v])", "S(filter[v * g.kH + u])"),
    Bug("a plane of another size", conv_direct, "c) * g.H * g.W;", "c) * g.H * g.H;"),
    Bug("the stride of the other axis", conv_direct, "w = j * g.sW", "w = j * g.sH"),
    Bug("no dilation", conv_direct, "w + g.left - v * g.dW", "w + g.left - v"),
    Bug("no groups", conv_direct, "channel = o / g.Og * g.Cg + c", "channel = c"),
    Bug("all threads write the sum", conv_direct, "if (threadIdx.x == 0) dweight", "dweight", ORDER),
    Bug("one number too few", channel_sums, "at < N * plane", "at < N * plane - 1"),
    Bug("channels for images", channel_sums, "at / plane * O + blockIdx.x", "at / plane + blockIdx.x * N"),
]
