"""What the layers of this folder are made of. They are plain NumPy, with torch's names, as anybody could write them.

Every layer is cut into small methods, so that a mutant is the right layer with one of them replaced: one bug, a few
lines. The bug stands in the mutant's docstring.
"""

from typing import Any, TypeAlias

import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]


class Parameter:
    """An array that is learned, and the sum of its gradients since it was cleared."""

    def __init__(self, data: Array) -> None:
        self.data = data
        self.grad: Array | None = None

    def accumulate(self, grad: Array) -> None:
        """Add a gradient."""
        self.grad = grad if self.grad is None else self.grad + grad


class Layer:
    """A layer: `forward(x)` gives y, `backward(dy)` gives dx and adds to the gradients of the parameters."""

    training = True

    def forward(self, x: Array) -> Any:
        """Compute y."""
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        """Compute dx."""
        raise NotImplementedError
