"""Filters of images."""

from gpu.kernels import stencil
from parity_tests.harness.case import Spec
from parity_tests.harness.filter_case import FilterCase
from parity_tests.kernels.bug import EARLY_RETURN, ORDER, OUTSIDE, UNSET, Bug

CASES = [
    FilterCase(Spec.of("correlate2d"), "scipy.ndimage", (2, 11, 35, 1), (3, 2)),  # blocks that are not full
    FilterCase(Spec.of("convolve2d", stride=(2, 3), padding="valid"), "torch", (25, 111, 3), (4, 5)),
    FilterCase(Spec.of("correlate2d", padding="same"), "scipy.ndimage", (9, 12), (3, 3), data="nan"),
    FilterCase(Spec.of("correlate2d", padding="valid"), "torch", (75, 84), (72, 80)),  # too tall for one go
    FilterCase(Spec.of("correlate2d", stride=(60, 60), padding="valid"), "torch", (64, 130), (3, 4)),  # low blocks
]

BUGS = [
    Bug("no barrier before the tile is read", stencil, "        __syncthreads();\n        if", "        if", UNSET),
    Bug("no barrier before it is written again", stencil, "        __syncthreads();  // nobody", "        //", ORDER),
    Bug(
        "a barrier in a branch",
        stencil,
        "        __syncthreads();  // nobody",
        "if (i < g.outH) __syncthreads();  //",
        EARLY_RETURN,
    ),
    Bug("one column too many", stencil, "w < g.W) tile", "w <= g.W + 64) tile", OUTSIDE),
    Bug("the tile too narrow", stencil, "* g.sW + g.kW, full", "* g.sW + g.kW - 1, full", UNSET),
    Bug("the strides swapped", stencil, "first_i * g.sH", "first_i * g.sW", UNSET),
    Bug("the last rows of the kernel left out", stencil, "first_u < g.kH;", "first_u + g.rows <= g.kH;"),
    Bug("always the first weights", stencil, "kernel[first_u * g.kW + at]", "kernel[at]"),
    Bug("images of another size", stencil, "n * g.H * g.W", "n * g.H * g.H"),
]
