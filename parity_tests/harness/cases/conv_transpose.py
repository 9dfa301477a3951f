"""Transposed convolution: every argument alone, then together; images are never square."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of

CASES = [
    LayerCase(S("ConvTranspose2d", 1, 1, 1), (1, 1, 1, 1)),
    LayerCase(S("ConvTranspose2d", 3, 2, 3), (2, 3, 4, 5)),
    LayerCase(S("ConvTranspose2d", 3, 2, 2, stride=2), (2, 3, 3, 4)),  # windows side by side, as U-Nets have them
    LayerCase(S("ConvTranspose2d", 3, 2, 4, stride=2, padding=1), (2, 3, 3, 4)),  # and as GANs have them
    LayerCase(S("ConvTranspose2d", 3, 2, 3, stride=2, output_padding=1), (2, 3, 3, 2)),  # whole numbers, and no pairs
    LayerCase(S("ConvTranspose2d", 2, 3, 2, dilation=2), (2, 2, 4, 3)),
    LayerCase(S("ConvTranspose2d", 4, 6, 2, groups=2), (2, 4, 2, 3)),
    LayerCase(S("ConvTranspose2d", 2, 3, 2, bias=False), (2, 2, 4, 3)),
    LayerCase(S("ConvTranspose2d", 2, 3, (3, 2), stride=(1, 3), bias=False), (2, 2, 3, 4)),
    LayerCase(S("ConvTranspose2d", 3, 4, (2, 3)), (3, 4, 3)),
    LayerCase(S("ConvTranspose2d", 3, 4, (2, 3)), (0, 3, 4, 3)),
    LayerCase(S("ConvTranspose2d", 2, 3, (1, 2), stride=(3, 4)), (2, 2, 3, 2)),  # gaps
    LayerCase(S("ConvTranspose2d", 2, 3, (3, 2), padding=(2, 1)), (2, 2, 4, 5)),
    LayerCase(S("ConvTranspose2d", 2, 3, 1, padding=(1, 2)), (2, 2, 4, 5)),  # more is cut off than a window reaches
    LayerCase(S("ConvTranspose2d", 2, 3, (3, 2), stride=(2, 3), padding=1, output_padding=(1, 2)), (2, 2, 3, 4)),
    LayerCase(S("ConvTranspose2d", 2, 3, (3, 2), dilation=(2, 3)), (2, 2, 4, 3)),
    LayerCase(S("ConvTranspose2d", 2, 3, (2, 3), dilation=(3, 2), output_padding=(2, 1)), (2, 2, 3, 4)),
    LayerCase(S("ConvTranspose2d", 2, 3, (2, 1), stride=3, output_padding=(1, 2)), (2, 2, 3, 2)),  # bias alone
    LayerCase(S("ConvTranspose2d", 4, 6, (2, 3), stride=(2, 1), padding=(0, 1), groups=2), (2, 4, 3, 4)),
    LayerCase(S("ConvTranspose2d", 3, 3, (3, 2), stride=2, padding=1, groups=3), (2, 3, 3, 4)),
    LayerCase(S("ConvTranspose2d", 4, 2, (3, 2), (2, 1), (1, 0), (1, 1), 2, False, (1, 2)), (2, 4, 3, 4)),
    LayerCase(S("ConvTranspose2d", 16, 3, (3, 2), stride=2), (2, 16, 3, 4)),
    LayerCase(S("ConvTranspose2d", 60, 2, (4, 3), padding=1), (2, 60, 4, 3)),  # only the index tells TF32 from float32
    LayerCase(S("ConvTranspose2d", 3, 2, (4, 3), stride=2, padding=1), (1, 3, 13, 18), "images"),
    LayerCase(S("ConvTranspose2d", 4, 6, (2, 3), stride=2, groups=2), (2, 4, 3, 4), "integers"),
    LayerCase(S("ConvTranspose2d", 2, 3, (2, 3), padding=1), (2, 2, 5, 6), "nan"),
    LayerCase(S("ConvTranspose2d", 2, 3, (2, 3), stride=(2, 1)), (2, 2, 6, 7), "inf"),
    LayerCase(S("ConvTranspose2d", 2, 3, (2, 3)), (2, 2, 5, 6), upstream="inf"),
]
