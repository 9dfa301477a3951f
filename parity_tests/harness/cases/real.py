"""Every layer on real images: whole crops of photographs, and handwritten digits. The report begins with them."""

from parity_tests.harness.case import Case, Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase

S = Spec.of

CASES: list[Case] = [
    LayerCase(S("Conv2d", 3, 8, 3, padding=1), (1, 3, 48, 64), "images"),
    LayerCase(S("Conv2d", 3, 6, (5, 3), stride=(2, 3), groups=3), (2, 3, 90, 120), "images"),
    LayerCase(S("Conv2d", 1, 4, 3), (40, 1, 8, 8), "digits"),
    LayerCase(S("MaxPool2d", 2), (2, 3, 46, 60), "images"),
    LayerCase(S("MaxPool2d", 3, stride=2, padding=1, return_indices=True), (1, 3, 61, 80), "images"),
    LayerCase(S("AvgPool2d", 2), (2, 3, 46, 60), "images"),
    LayerCase(S("AvgPool2d", (3, 2), stride=2, padding=1, ceil_mode=True), (1, 3, 62, 80), "images"),
    LayerCase(S("Linear", 64, 10), (100, 64), "digits"),
    LayerCase(S("ReLU"), (1, 3, 46, 60), "images"),
    LayerCase(S("Softmax", dim=1), (40, 64), "digits"),
    LayerCase(S("Flatten"), (1, 3, 46, 60), "images"),
    LayerCase(S("Dropout", 0.3), (1, 3, 46, 60), "images"),
    LayerCase(S("BatchNorm2d", 3), (2, 3, 46, 60), "images"),
    LossCase(S("CrossEntropyLoss"), (40, 64), data="digits"),
    LossCase(S("MSELoss"), (2, 3, 46, 60), "numbers", data="images"),
]
