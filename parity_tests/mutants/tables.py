"""All mutants and controls, and the right layers that they are made from."""

from parity_tests.mutants import (
    activation,
    adam,
    avg_pool,
    controls,
    conv,
    conv_border,
    conv_gradient,
    conv_transpose,
    layer_norm,
    linear,
    log_softmax,
    loss,
    max_pool,
    norm,
    optim,
    rmsprop,
    smooth,
)
from parity_tests.mutants.table import Control, Mutant

MUTANTS: list[Mutant] = [
    *conv.MUTANTS,
    *conv_border.MUTANTS,
    *conv_gradient.MUTANTS,
    *conv_transpose.MUTANTS,
    *max_pool.MUTANTS,
    *avg_pool.MUTANTS,
    *linear.MUTANTS,
    *activation.MUTANTS,
    *smooth.MUTANTS,
    *log_softmax.MUTANTS,
    *norm.MUTANTS,
    *layer_norm.MUTANTS,
    *loss.MUTANTS,
    *optim.MUTANTS,
    *adam.MUTANTS,
    *rmsprop.MUTANTS,
]

CONTROLS: list[Control] = controls.CONTROLS

BASE: dict[str, type] = {
    "Conv2d": conv.Conv2d,
    "ConvTranspose2d": conv_transpose.ConvTranspose2d,
    "MaxPool2d": max_pool.MaxPool2d,
    "AvgPool2d": avg_pool.AvgPool2d,
    "Linear": linear.Linear,
    "ReLU": activation.ReLU,
    "LeakyReLU": smooth.LeakyReLU,
    "Sigmoid": smooth.Sigmoid,
    "Tanh": smooth.Tanh,
    "SiLU": smooth.SiLU,
    "GELU": smooth.GELU,
    "Softmax": activation.Softmax,
    "LogSoftmax": log_softmax.LogSoftmax,
    "BatchNorm2d": norm.BatchNorm2d,
    "LayerNorm": layer_norm.LayerNorm,
    "GroupNorm": layer_norm.GroupNorm,
    "CrossEntropyLoss": loss.CrossEntropyLoss,
    "MSELoss": loss.MSELoss,
    "SGD": optim.SGD,
    "Adam": adam.Adam,
    "AdamW": adam.AdamW,
    "RMSprop": rmsprop.RMSprop,
}
