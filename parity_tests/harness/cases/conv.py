"""Convolution: every argument alone, then together; images are never square."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of

CASES = [
    LayerCase(S("Conv2d", 1, 1, 3), (1, 1, 3, 3)),
    LayerCase(S("Conv2d", 1, 1, 1), (1, 1, 1, 1)),
    # Square kernels and no other argument: all that many a layer of one's own offers.
    LayerCase(S("Conv2d", 3, 4, 3), (2, 3, 6, 5)),
    LayerCase(S("Conv2d", 2, 3, 2), (2, 2, 4, 5)),
    LayerCase(S("Conv2d", 1, 4, 5), (1, 1, 24, 17), "images"),
    LayerCase(S("Conv2d", 3, 4, 3), (2, 3, 5, 7), "integers"),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 6, 7), "nan"),
    LayerCase(S("Conv2d", 2, 3, 2), (2, 2, 9, 8), "inf"),
    LayerCase(S("Conv2d", 2, 3, 3), (2, 2, 5, 6), "large mean"),
    LayerCase(S("Conv2d", 3, 4, (2, 3)), (2, 3, 5, 7)),
    LayerCase(S("Conv2d", 3, 4, (2, 3)), (3, 5, 7)),
    LayerCase(S("Conv2d", 3, 4, (2, 3)), (0, 3, 5, 7)),
    LayerCase(S("Conv2d", 5, 3, 1), (2, 5, 4, 3)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), bias=False), (2, 2, 6, 5)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), stride=(2, 3)), (2, 2, 9, 10)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), stride=(2, 3)), (2, 2, 8, 9)),
    LayerCase(S("Conv2d", 2, 3, (1, 2), stride=(3, 4)), (2, 2, 8, 11)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), padding=(1, 2)), (2, 2, 5, 4)),
    LayerCase(S("Conv2d", 2, 3, (2, 3), padding=3), (1, 2, 2, 1)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), dilation=(2, 3)), (2, 2, 7, 8)),
    LayerCase(S("Conv2d", 2, 3, 5, padding=2), (1, 2, 3, 4)),
    # Each option as a whole number, beside a square window: many a layer knows no pairs.
    LayerCase(S("Conv2d", 2, 3, 2, stride=2), (2, 2, 5, 8)),
    LayerCase(S("Conv2d", 2, 3, 3, dilation=2), (2, 2, 6, 7)),
    LayerCase(S("Conv2d", 4, 6, 2, groups=2), (2, 4, 3, 5)),
    LayerCase(S("Conv2d", 2, 3, 2, bias=False), (2, 2, 4, 3)),
    LayerCase(S("Conv2d", 2, 3, 2, padding=1, padding_mode="reflect"), (2, 2, 3, 4)),
    LayerCase(S("Conv2d", 2, 3, (3, 5), padding="same"), (2, 2, 4, 6)),
    LayerCase(S("Conv2d", 2, 3, (2, 4), padding="same"), (2, 2, 5, 6)),
    LayerCase(S("Conv2d", 2, 3, (4, 2), padding="same", dilation=(1, 3)), (1, 2, 5, 7)),
    LayerCase(S("Conv2d", 2, 3, (2, 3), padding="valid"), (2, 2, 4, 5)),
    LayerCase(S("Conv2d", 4, 6, (2, 3), groups=2), (2, 4, 5, 6)),
    LayerCase(S("Conv2d", 6, 9, (3, 2), groups=3, stride=(1, 2), padding=(2, 1)), (2, 6, 4, 5)),
    LayerCase(S("Conv2d", 4, 4, (3, 2), groups=4, padding=1), (2, 4, 5, 6)),
    LayerCase(S("Conv2d", 3, 6, (2, 3), groups=3, bias=False), (2, 3, 5, 6)),
    LayerCase(S("Conv2d", 4, 6, (2, 3), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2), (2, 4, 7, 9)),
    LayerCase(S("Conv2d", 2, 3, 3, padding=(1, 2), padding_mode="reflect"), (2, 2, 4, 5)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), padding=(3, 2), padding_mode="reflect"), (2, 2, 4, 3)),  # as wide as can be
    LayerCase(S("Conv2d", 2, 3, (2, 3), (2, 1), (2, 3), padding_mode="replicate"), (2, 2, 3, 1)),  # wider than x is
    LayerCase(S("Conv2d", 2, 3, (3, 2), padding=(2, 3), padding_mode="circular"), (2, 2, 2, 4)),  # once around
    LayerCase(S("Conv2d", 2, 3, (2, 4), padding="same", padding_mode="reflect"), (2, 2, 5, 6)),
    LayerCase(S("Conv2d", 2, 3, (4, 2), padding="same", dilation=(1, 3), padding_mode="circular"), (2, 5, 7)),
    LayerCase(S("Conv2d", 4, 6, (2, 3), 2, (1, 2), (1, 2), 2, False, "replicate"), (2, 4, 5, 6)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), padding=(1, 0), padding_mode="circular"), (0, 2, 4, 5)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), padding=1, padding_mode="replicate"), (2, 2, 5, 6), "integers"),
    LayerCase(S("Conv2d", 1, 4, (5, 3), padding=(2, 1), padding_mode="reflect"), (1, 1, 24, 17), "images"),
    LayerCase(S("Conv2d", 2, 3, (2, 3), padding=1, padding_mode="circular"), (2, 2, 6, 7), "nan"),
    LayerCase(S("Conv2d", 16, 8, (3, 2), padding=1), (2, 16, 7, 6)),
    LayerCase(S("Conv2d", 2, 3, (13, 11), padding=(4, 6)), (1, 2, 14, 17)),  # large enough for Fourier transforms
    LayerCase(S("Conv2d", 4, 2, (11, 12), groups=2, padding=3), (2, 4, 9, 16)),
    LayerCase(S("Conv2d", 60, 3, (4, 3)), (2, 60, 6, 5)),  # sums so long that only the index tells TF32 from float32
    LayerCase(S("Conv2d", 60, 3, (4, 3)), (2, 60, 6, 5), "images"),
    LayerCase(S("Conv2d", 3, 4, 3, stride=2), (2, 3, 20, 31), "images"),
    LayerCase(S("Conv2d", 1, 4, (5, 3), padding=(2, 1)), (1, 1, 24, 17), "images"),
    LayerCase(S("Conv2d", 3, 4, (2, 3), padding=1), (2, 3, 5, 6), "integers"),
    LayerCase(S("Conv2d", 4, 6, 2, stride=(1, 2), groups=2), (2, 4, 5, 6), "integers"),
    LayerCase(S("Conv2d", 2, 3, (2, 3), padding=1), (2, 2, 6, 7), "nan"),
    LayerCase(S("Conv2d", 2, 3, (2, 3), padding=1), (2, 2, 9, 8), "inf"),
    LayerCase(S("Conv2d", 2, 3, (2, 3)), (2, 2, 5, 6), "large mean"),
    # Without padding: torch multiplies an infinity with the zeros there, or does not, depending on the dtype.
    LayerCase(S("Conv2d", 2, 3, (2, 3)), (2, 2, 6, 7), upstream="inf"),
]
