"""The dense layer, and Flatten."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of

CASES = [
    LayerCase(S("Linear", 1, 1), (1, 1)),
    LayerCase(S("Linear", 7, 5), (3, 7)),
    LayerCase(S("Linear", 7, 5), (7,)),
    LayerCase(S("Linear", 7, 5), (0, 7)),
    LayerCase(S("Linear", 7, 5), (2, 3, 4, 7)),
    LayerCase(S("Linear", 7, 5, bias=False), (3, 7)),
    LayerCase(S("Linear", 300, 2), (2, 300)),
    LayerCase(S("Linear", 784, 5), (3, 784)),
    LayerCase(S("Linear", 6, 700), (2, 6)),
    LayerCase(S("Linear", 64, 10), (5, 64), "images"),
    LayerCase(S("Linear", 7, 5), (3, 7), "integers"),
    LayerCase(S("Linear", 7, 5), (6, 7), "nan"),
    LayerCase(S("Linear", 7, 5), (6, 7), "inf"),
    LayerCase(S("Linear", 7, 5), (3, 7), "large mean"),
    LayerCase(S("Linear", 7, 5), (6, 7), upstream="inf"),
    LayerCase(S("Flatten"), (2, 3, 4, 5)),
    LayerCase(S("Flatten"), (0, 3, 4, 5)),
    LayerCase(S("Flatten", start_dim=0), (2, 3, 4)),
    LayerCase(S("Flatten", start_dim=0), ()),
    LayerCase(S("Flatten", 1, 2), (2, 3, 4, 5)),
    LayerCase(S("Flatten", -2, -1), (2, 3, 4, 5)),
    LayerCase(S("Flatten"), (2, 3, 4, 5), "nan"),
    LayerCase(S("Flatten"), (2, 3, 4, 5), "inf", upstream="inf"),
    LayerCase(S("Flatten"), (2, 3, 4, 5), "images"),
]
