"""Depthwise convolution."""

from gpu.kernels import conv_depthwise
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import ORDER, OUTSIDE, UNSET, UNWRITTEN, Bug

CASES = [
    LayerCase(  # two filters for each channel, and more taps than a block has sums for
        Spec.of("Conv2d", 3, 6, (3, 4), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=3), (2, 3, 9, 8)
    ),
    LayerCase(  # planes of several blocks, and sums of two parts
        Spec.of("Conv2d", 2, 2, (2, 3), groups=2, bias=False), (3, 2, 38, 41)
    ),
    LayerCase(Spec.of("Conv2d", 1, 2, (3, 2)), (35, 1, 5, 4)),  # a block steps over whole planes
    LayerCase(Spec.of("Conv2d", 1, 2, (3, 2)), (0, 1, 5, 4)),
]

COPIED = "    __syncthreads();\n    return filters"
BUGS = [
    Bug("no barrier after the filter is copied", conv_depthwise, COPIED, "    return filters", UNSET),
    Bug("a filter not copied to its end", conv_depthwise, "tap < count", "tap < count - 1", UNSET),
    Bug("one output too many", conv_depthwise, "if (at >= size) return;", "if (at > size) return;", OUTSIDE),
    Bug("one output too few", conv_depthwise, "if (at >= size) return;", "if (at >= size - 1) return;", UNWRITTEN),
    Bug("one filter for all", conv_depthwise, "weight + (long long)o * g.kH * g.kW", "weight"),
    Bug("channels in turn", conv_depthwise, "g.C + o / g.Og", "g.C + o % g.C"),
    Bug("the stride of the other axis", conv_depthwise, "w = j * g.sW - g.left + v", "w = j * g.sH - g.left + v"),
    Bug("one filter of the channel only", conv_depthwise, "o < g.Og; o++)", "o < 1; o++)"),
    Bug("no dilation", conv_depthwise, "w + g.left - v * g.dW", "w + g.left - v"),
    Bug("a carry that is lost", conv_depthwise, "j -= g.outW, i++;", "j -= g.outW;"),
    Bug("a step that is too long", conv_depthwise, "blockDim.x / g.outW % g.outH", "blockDim.x / g.outW", OUTSIDE),
    Bug("windows past the last", conv_depthwise, "min(first + each, windows)", "first + each", OUTSIDE),
    Bug("all threads write the sum", conv_depthwise, "threadIdx.x == 0 && first_tap", "first_tap", ORDER),
    Bug("no barrier between two sums", conv_depthwise, "        __syncthreads();  // the next", "        //", ORDER),
    Bug("one part is left out", conv_depthwise, "part < split; part++", "part < split - 1; part++"),
]
