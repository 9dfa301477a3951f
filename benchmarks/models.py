"""The models that are timed: those of scratch/models.py, and LeNet, which everybody knows the size of."""

from typing import Any

from scratch.models import MODELS as DEMONSTRATIONS
from scratch.models import Demonstration


def lenet(nn: Any) -> Any:
    """Sort grey 28x28 images into ten classes: LeNet-5's sizes, with ReLU and maximum (LeCun and others, 1998).

    1x28x28 -> 6x28x28 -> 6x14x14 -> 16x10x10 -> 16x5x5 -> 400 -> 120 -> 84 -> 10
    """
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


MODELS = DEMONSTRATIONS | {"lenet": Demonstration(lenet, (1, 28, 28))}
