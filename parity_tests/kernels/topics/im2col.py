"""Convolution by columns, in one piece and in several."""

from dataclasses import dataclass
from typing import Any

import pytest

import gpu.conv
from gpu.kernels import conv_im2col
from parity_tests.harness.case import Inputs, Spec, Tensors
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import OUTSIDE, UNWRITTEN, Bug


@dataclass(frozen=True)
class InPieces(LayerCase):
    """A convolution in blocks of another size, so small that a small one is cut into pieces."""

    block_bytes: int = 1

    def __str__(self) -> str:
        return f"{super().__str__()} in blocks of {self.block_bytes}"

    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Run one of our layers with small blocks."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gpu.conv, "BLOCK_BYTES", self.block_bytes)
            return super().run(nn, inputs, algorithm, place)


SPEC = Spec.of("Conv2d", 4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)
CASES = [
    InPieces(SPEC, (3, 4, 7, 8), block_bytes=6000),  # in float32 pieces of two images, then of one, both groups
    InPieces(SPEC, (2, 4, 7, 8), block_bytes=1500),  # of two or three rows of an image
    InPieces(Spec.of("Conv2d", 2, 3, (2, 3), stride=(1, 2), padding=(3, 1)), (2, 2, 3, 5)),  # some see padding only
    LayerCase(Spec.of("Conv2d", 2, 4, (3, 2)), (0, 2, 5, 4)),
]

BUGS = [
    Bug("a row of columns not written to its end", conv_im2col, "if (at >= across)", "if (at > across - 2)", UNWRITTEN),
    Bug("the padding is read", conv_im2col, "inside = h >= 0 && h < g.H", "inside = h < g.H", OUTSIDE),
    Bug("one column of x too many", conv_im2col, "w >= 0 && w < g.W;", "w >= 0 && w <= g.W;", OUTSIDE),
    Bug("taps in another order", conv_im2col, "v = tap % g.kW, u = tap / g.kW", "v = tap / g.kH % g.kW, u = tap"),
    Bug("always the first group", conv_im2col, "c = p.first_c + tap", "c = tap"),
    Bug("always the first rows", conv_im2col, "i = p.first_i + window", "i = window"),
    Bug("always the first images", conv_im2col, "n = p.first_n + window", "n = window"),
    Bug("one cell too many", conv_im2col, "(at >= (long long)p.images", "(at > (long long)p.images", OUTSIDE),
    Bug("a window past the end of a cell", conv_im2col, "column / g.sW, g.outW - 1)", "column / g.sW, g.outW)"),
    Bug("windows before the first that covers", conv_im2col, "(row - reach_h + g.sH - 1)", "(row - reach_h)", OUTSIDE),
    Bug("dilation is skipped", conv_im2col, "if (v * g.dW != column - j * g.sW) continue;", ""),
    Bug("rows of another piece", conv_im2col, "+ i - p.first_i) * g.outW", "+ i) * g.outW", OUTSIDE),
    Bug("what was there before is lost", conv_im2col, "S(*mine) + sum", "sum"),
]
