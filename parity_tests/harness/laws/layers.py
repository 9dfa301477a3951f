"""The law of every layer, by its name."""

from parity_tests.harness.laws.activation import dropout, selection, softmax
from parity_tests.harness.laws.base import LayerLaw
from parity_tests.harness.laws.norm import batch_norm
from parity_tests.harness.laws.pool import average, maximum
from parity_tests.harness.laws.product import products

LAYER_LAWS: dict[str, LayerLaw] = {
    "Conv2d": products,
    "ConvTranspose2d": products,
    "Linear": products,
    "MaxPool2d": maximum,
    "AvgPool2d": average,
    "ReLU": selection,
    "Flatten": selection,
    "Dropout": dropout,
    "Softmax": softmax,
    "BatchNorm2d": batch_norm,
}
