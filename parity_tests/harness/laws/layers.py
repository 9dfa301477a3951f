"""The law of every layer, by its name."""

from parity_tests.harness.laws.activation import dropout, leaky_relu, log_softmax, selection, softmax
from parity_tests.harness.laws.base import LayerLaw
from parity_tests.harness.laws.norm import batch_norm, group_norm, layer_norm
from parity_tests.harness.laws.pool import adaptive_average, adaptive_maximum, average, maximum, unpool
from parity_tests.harness.laws.product import products
from parity_tests.harness.laws.smooth import elu, gelu, sigmoid, silu, softplus, tanh
from parity_tests.harness.laws.upsample import upsample

LAYER_LAWS: dict[str, LayerLaw] = {
    "Conv2d": products,
    "ConvTranspose2d": products,
    "Linear": products,
    "MaxPool2d": maximum,
    "AvgPool2d": average,
    "AdaptiveAvgPool2d": adaptive_average,
    "AdaptiveMaxPool2d": adaptive_maximum,
    "MaxUnpool2d": unpool,
    "Upsample": upsample,
    "ReLU": selection,
    "LeakyReLU": leaky_relu,
    "Sigmoid": sigmoid,
    "Tanh": tanh,
    "SiLU": silu,
    "GELU": gelu,
    "ELU": elu,
    "Softplus": softplus,
    "Flatten": selection,
    "Identity": selection,
    "Dropout": dropout,
    "Dropout2d": dropout,
    "Softmax": softmax,
    "LogSoftmax": log_softmax,
    "BatchNorm2d": batch_norm,
    "GroupNorm": group_norm,
    "LayerNorm": layer_norm,
}
