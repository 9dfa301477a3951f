"""What all losses of the tables share."""

from typing import Any

import numpy as np

from parity_tests.mutants.base import Array


class Loss:
    """A loss: `forward(x, target)` gives the loss, `backward(dloss)` the gradient of x."""

    reduction: str

    def reduced(self, losses: Array, divisor: Any) -> Array:
        """The losses of the samples together."""
        if self.reduction == "none":
            return losses
        total = losses.sum()
        return np.asarray(total / losses.dtype.type(divisor) if self.reduction == "mean" else total)

    def upstream(self, dloss: Any, divisor: Any, dtype: Any) -> Array:
        """The gradient of the loss of each sample."""
        dlosses = np.asarray(dloss, dtype)
        return dlosses / dtype.type(divisor) if self.reduction == "mean" else dlosses
