"""The suspects of every operation, one file for each family."""

from parity_tests.diagnosis.suspect import Suspicion
from parity_tests.diagnosis.suspects import (
    activation,
    any_op,
    avg_pool,
    conv,
    cross_entropy,
    linear,
    loss,
    max_pool,
    norm,
    observed,
    optim,
)

SUSPECTS: dict[str, list[Suspicion]] = {
    "Conv2d": [*conv.SUSPECTS, *observed.OF_PRODUCTS],
    "MaxPool2d": [*max_pool.SUSPECTS],
    "AvgPool2d": [*avg_pool.SUSPECTS],
    "Linear": [*linear.SUSPECTS, *observed.OF_PRODUCTS],
    "ReLU": [*activation.OF_RELU],
    "Softmax": [*activation.OF_SOFTMAX],
    "BatchNorm2d": [*norm.SUSPECTS],
    "CrossEntropyLoss": [*cross_entropy.SUSPECTS],
    "MSELoss": [*loss.OF_SQUARES],
    "SGD": [*optim.OF_SGD],
    "Adam": [*optim.OF_ADAM],
}
"""Those that only some operations have."""


def suspects_of(op: str) -> list[Suspicion]:
    """All suspects of an operation, its own first."""
    return [*SUSPECTS.get(op, []), *any_op.SUSPECTS, *observed.SUSPECTS]
