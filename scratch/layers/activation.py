"""What changes each number by itself."""

from scratch.array import Array
from scratch.contracts import Saved
from scratch.layers.base import Layer, check_floating


class ReLU(Layer):
    """max(x, 0), NaN kept: torch.nn.ReLU. The gradient is 0 at 0, and passes at NaN.

    >>> import numpy as np, scratch
    >>> scratch.ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        if x.dtype.kind not in "iu":
            check_floating("x", x)
        algorithm = self._choose(self.backend.relu)
        y, saved = algorithm.relu(x)
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.relu_backward(dy, inner)
        return dx
