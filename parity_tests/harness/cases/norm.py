"""Batch normalisation, in training and in evaluation."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of

CASES = [
    LayerCase(S("BatchNorm2d", 3), (4, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3), (4, 3, 5, 6), training=False),
    LayerCase(S("BatchNorm2d", 3), (0, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3), (0, 3, 5, 6), training=False),
    LayerCase(S("BatchNorm2d", 1), (2, 1, 1, 1)),
    LayerCase(S("BatchNorm2d", 2), (1, 2, 3, 4)),
    LayerCase(S("BatchNorm2d", 3, affine=False), (4, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3, affine=False), (4, 3, 5, 6), training=False),
    LayerCase(S("BatchNorm2d", 3, momentum=None), (4, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3, momentum=None), (4, 3, 5, 6), first_batch=True),
    LayerCase(S("BatchNorm2d", 3, momentum=0.0), (4, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3, momentum=1.0), (4, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3, momentum=0.3, eps=0.1), (4, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3, track_running_stats=False), (4, 3, 5, 6)),
    LayerCase(S("BatchNorm2d", 3, track_running_stats=False), (4, 3, 5, 6), training=False),
    LayerCase(S("BatchNorm2d", 3), (4, 3, 5, 6), "images"),
    LayerCase(S("BatchNorm2d", 3), (4, 3, 5, 6), "equal"),
    LayerCase(S("BatchNorm2d", 3), (4, 3, 5, 6), "large mean"),
    LayerCase(S("BatchNorm2d", 3), (4, 3, 5, 6), "large", training=False),
    LayerCase(S("BatchNorm2d", 7), (2, 7, 3, 1), "nan"),  # some channels have one, some have none
    LayerCase(S("BatchNorm2d", 7), (2, 7, 3, 2), "inf"),
    LayerCase(S("BatchNorm2d", 7), (2, 7, 3, 2), upstream="inf"),
    LayerCase(S("BatchNorm2d", 7), (2, 7, 3, 2), training=False, upstream="inf"),
]
