"""Max unpooling: x and its indices are what a max pool makes of an image, of which several sizes are possible."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of

CASES = [
    LayerCase(S("MaxUnpool2d", 2), (2, 3, 3, 4)),
    LayerCase(S("MaxUnpool2d", 2), (3, 3, 4)),
    LayerCase(S("MaxUnpool2d", 2), (0, 3, 3, 4)),
    LayerCase(S("MaxUnpool2d", 1), (1, 1, 1, 1)),
    LayerCase(S("MaxUnpool2d", (3, 2)), (2, 2, 3, 2)),
    LayerCase(S("MaxUnpool2d", 2), (2, 3, 2, 4), output_size=(5, 8)),
    LayerCase(S("MaxUnpool2d", (2, 3), stride=(3, 4)), (2, 2, 3, 2)),
    LayerCase(S("MaxUnpool2d", (2, 3), stride=(3, 4)), (2, 2, 2, 3), output_size=(6, 14)),
    LayerCase(S("MaxUnpool2d", (2, 4), stride=(2, 4), padding=(1, 2)), (2, 2, 4, 3)),
    LayerCase(S("MaxUnpool2d", (3, 2), padding=(1, 0)), (2, 2, 3, 3), output_size=(8, 7)),
    LayerCase(S("MaxUnpool2d", (3, 2), stride=1), (2, 2, 4, 3), "images"),  # windows share their maxima, and agree
    LayerCase(S("MaxUnpool2d", 3, stride=2, padding=1), (2, 2, 3, 4), "ties"),
    LayerCase(S("MaxUnpool2d", (2, 3), stride=(1, 2)), (2, 2, 5, 4), "nan"),
    LayerCase(S("MaxUnpool2d", 2), (2, 3, 4, 5), "inf"),
    LayerCase(S("MaxUnpool2d", (2, 3), stride=(1, 2)), (2, 2, 5, 4), "equal", upstream="inf"),
]
