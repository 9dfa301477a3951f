"""ReLU, Softmax, Dropout."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of

CASES = [
    LayerCase(S("ReLU"), (2, 3, 5, 4)),
    LayerCase(S("ReLU"), ()),
    LayerCase(S("ReLU"), (0, 3, 5, 4)),
    LayerCase(S("ReLU"), (2, 3, 5, 4), "images"),
    LayerCase(S("ReLU"), (3, 7), "ties"),
    LayerCase(S("ReLU"), (5, 7), "nan"),
    LayerCase(S("ReLU"), (5, 27), "inf"),
    LayerCase(S("ReLU"), (5, 27), upstream="inf"),
    LayerCase(S("ReLU"), (3, 7), "integers"),
    LayerCase(S("ReLU"), (3, 7), integer="int32"),
    LayerCase(S("ReLU"), (3, 7), integer="int64"),
    LayerCase(S("Softmax"), (6,)),  # dim is then 0 for 0, 1 and 3 dimensions
    LayerCase(S("Softmax"), (3, 5)),
    LayerCase(S("Softmax"), (2, 3, 4)),
    LayerCase(S("Softmax"), (2, 3, 4, 5)),
    LayerCase(S("Softmax", dim=1), (3, 5)),
    LayerCase(S("Softmax", dim=0), (3, 5)),
    LayerCase(S("Softmax", dim=-2), (2, 3, 5, 4)),
    LayerCase(S("Softmax", dim=0), (6,)),
    LayerCase(S("Softmax", dim=-1), ()),
    LayerCase(S("Softmax", dim=1), (0, 5)),
    LayerCase(S("Softmax", dim=1), (3, 1)),
    LayerCase(S("Softmax", dim=1), (3, 200)),
    LayerCase(S("Softmax", dim=1), (4, 64), "images"),
    LayerCase(S("Softmax", dim=1), (3, 5), "large"),
    LayerCase(S("Softmax", dim=1), (3, 5), "equal"),
    LayerCase(S("Softmax", dim=1), (3, 6), "lowest"),
    LayerCase(S("Softmax", dim=1), (8, 5), "nan"),
    LayerCase(S("Softmax", dim=1), (9, 5), "inf"),
    LayerCase(S("Softmax", dim=1), (9, 5), upstream="inf"),
    LayerCase(S("Dropout"), (4, 3, 5)),
    LayerCase(S("Dropout", 0.3), (4, 3, 5)),
    LayerCase(S("Dropout", 0.3), (5,)),
    LayerCase(S("Dropout", 0.3), ()),
    LayerCase(S("Dropout", 0.3), (2, 3, 5, 4), "images"),
    LayerCase(S("Dropout", 0.3), (4, 3, 5), training=False),
    LayerCase(S("Dropout", 0.0), (4, 3)),
    LayerCase(S("Dropout", 1.0), (4, 3)),
    LayerCase(S("Dropout", 0.3), (0, 3)),
    LayerCase(S("Dropout", 0.3), (6, 5), "nan"),
    LayerCase(S("Dropout", 0.3), (6, 15), "inf", upstream="inf"),
]
