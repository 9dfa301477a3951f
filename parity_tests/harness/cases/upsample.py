"""Upsampling: sizes and factors, whole and not, larger and smaller; NaN and infinities beside weights of 0."""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of


def bilinear(*args: object, **settings: object) -> Spec:
    """Upsample with mode="bilinear"."""
    return S("Upsample", *args, mode="bilinear", **settings)


CASES = [
    LayerCase(S("Upsample", scale_factor=2), (2, 3, 3, 4)),
    LayerCase(S("Upsample", scale_factor=(3, 2)), (2, 2, 2, 5)),
    LayerCase(S("Upsample", (5, 7)), (2, 3, 3, 4)),
    LayerCase(S("Upsample", (2, 3)), (2, 2, 5, 8)),
    LayerCase(S("Upsample", 4), (0, 3, 3, 4)),
    LayerCase(S("Upsample", scale_factor=(1.5, 0.7)), (2, 2, 5, 6)),
    LayerCase(S("Upsample", scale_factor=(2.7, 1.1)), (2, 2, 7, 4)),
    LayerCase(S("Upsample", scale_factor=(2.7, 1.1), recompute_scale_factor=True), (2, 2, 7, 14)),
    LayerCase(S("Upsample", (2, 46)), (1, 1, 3, 14)),  # 14 / 46 * 23 is 7, but in float32 a little less
    LayerCase(S("Upsample", (7, 5)), (2, 3, 4, 3), "images"),
    LayerCase(S("Upsample", (7, 5)), (2, 2, 5, 4), "nan"),
    LayerCase(S("Upsample", scale_factor=2), (2, 3, 5, 4), "inf"),
    LayerCase(S("Upsample", (5, 7)), (2, 3, 3, 4), upstream="inf"),
    LayerCase(S("Upsample", scale_factor=(2, 1.5)), (2, 3, 3, 4), integer="uint8"),
    LayerCase(bilinear(scale_factor=2), (2, 3, 3, 4)),
    LayerCase(bilinear(scale_factor=2, align_corners=True), (2, 3, 3, 4)),
    LayerCase(bilinear((5, 7)), (2, 3, 3, 4)),
    LayerCase(bilinear((5, 7), align_corners=True), (2, 3, 3, 4)),
    LayerCase(bilinear((2, 3)), (2, 2, 5, 8)),
    LayerCase(bilinear((2, 1), align_corners=True), (2, 2, 5, 8)),
    LayerCase(bilinear((3, 7)), (2, 2, 3, 4)),  # rows as they are
    LayerCase(bilinear(4), (0, 3, 3, 4)),
    LayerCase(bilinear(3), (1, 1, 1, 1)),
    LayerCase(bilinear(scale_factor=(1.5, 0.7)), (2, 2, 5, 6)),
    LayerCase(bilinear(scale_factor=(2.7, 1.1)), (2, 2, 7, 14)),
    LayerCase(bilinear(scale_factor=(2.7, 1.1), recompute_scale_factor=True), (2, 2, 7, 14)),
    LayerCase(bilinear((7, 11), align_corners=True), (2, 3, 4, 6), "images"),
    LayerCase(bilinear(scale_factor=2), (2, 2, 5, 4), "nan"),
    LayerCase(bilinear(scale_factor=2), (2, 3, 6, 5), "inf"),
    LayerCase(bilinear((9, 5), align_corners=True), (2, 2, 5, 3), "inf"),  # every other output has weights 1 and 0
    LayerCase(bilinear(scale_factor=3), (2, 2, 5, 4), upstream="inf"),
    LayerCase(bilinear((7, 5), align_corners=True), (2, 2, 4, 9), upstream="inf"),
]
