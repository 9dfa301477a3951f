"""The suspects of every operation, one file for each family."""

from parity_tests.diagnosis.suspect import Suspicion
from parity_tests.diagnosis.suspects import (
    activation,
    adam,
    any_op,
    avg_pool,
    conv,
    conv_transpose,
    cross_entropy,
    elementwise_loss,
    layer_norm,
    linear,
    max_pool,
    nll,
    norm,
    observed,
    resample,
    rmsprop,
    sgd,
    smooth,
)

SUSPECTS: dict[str, list[Suspicion]] = {
    "Conv2d": [*conv.SUSPECTS, *observed.OF_PRODUCTS],
    "ConvTranspose2d": [*conv_transpose.SUSPECTS, *observed.OF_PRODUCTS],
    "MaxPool2d": [*max_pool.SUSPECTS],
    "AvgPool2d": [*avg_pool.SUSPECTS],
    "AdaptiveAvgPool2d": [*resample.OF_AVERAGE],
    "AdaptiveMaxPool2d": [*resample.OF_MAXIMUM],
    "Upsample": [*resample.OF_UPSAMPLE],
    "Linear": [*linear.SUSPECTS, *observed.OF_PRODUCTS],
    "ReLU": [*activation.OF_RELU],
    "LeakyReLU": [*smooth.OF_LEAKY_RELU],
    "Sigmoid": [*smooth.OF_SIGMOID],
    "Tanh": [*smooth.OF_TANH],
    "SiLU": [*smooth.OF_SILU],
    "GELU": [*smooth.OF_GELU],
    "ELU": [*smooth.OF_ELU],
    "Softplus": [*smooth.OF_SOFTPLUS],
    "LogSoftmax": [*smooth.OF_LOG_SOFTMAX],
    "Softmax": [*activation.OF_SOFTMAX],
    "BatchNorm2d": [*norm.SUSPECTS],
    "LayerNorm": [*layer_norm.OF_BOTH],
    "GroupNorm": [*layer_norm.OF_GROUPS],
    "CrossEntropyLoss": [*cross_entropy.SUSPECTS],
    "MSELoss": [*elementwise_loss.OF_SQUARES],
    "L1Loss": [*elementwise_loss.OF_SIZES],
    "NLLLoss": [*nll.SUSPECTS],
    "BCEWithLogitsLoss": [*elementwise_loss.OF_YES_OR_NO],
    "SmoothL1Loss": [*elementwise_loss.OF_DISTANCES],
    "SGD": [*sgd.OF_SGD],
    "Adam": [*adam.OF_ADAM],
    "AdamW": [*adam.OF_ADAMW],
    "RMSprop": [*rmsprop.OF_RMSPROP],
}
"""Those that only some operations have."""


def suspects_of(op: str) -> list[Suspicion]:
    """All suspects of an operation, its own first."""
    return [*SUSPECTS.get(op, []), *any_op.SUSPECTS, *observed.SUSPECTS]
