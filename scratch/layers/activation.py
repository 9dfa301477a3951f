"""ReLU, Softmax and Dropout."""

import warnings

from scratch.array import Array
from scratch.contracts import Key, Saved
from scratch.layers.base import Layer, check_floating
from scratch.layers.linear import dimension
from scratch.random import philox_key


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


class Softmax(Layer):
    """Positive numbers that sum to 1 along `dim`: torch.nn.Softmax.

        y_i = exp(x_i) / sum over j of exp(x_j)

    Parameters
    ----------
    dim : the dimension that sums to 1; None is 0 for x of 0, 1 or 3 dimensions and else 1, with a warning, as in torch

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.Softmax(dim=1)(np.zeros((1, 4)))
    array([[0.25, 0.25, 0.25, 0.25]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        dim = self.dim
        if dim is None:
            dim = 0 if x.ndim in (0, 1, 3) else 1
            warnings.warn(f"Softmax(dim=None) chose dim={dim} for x of shape {x.shape}: name it", stacklevel=5)
        algorithm = self._choose(self.backend.softmax)
        vector = x if x.ndim else x[None]
        y, saved = algorithm.softmax(vector, dimension("dim", dim, vector.ndim))
        return y.reshape(x.shape), (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.softmax_backward(dy if dy.ndim else dy[None], inner)
        return dx.reshape(dy.shape)

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"dim={self.dim}"


class Dropout(Layer):
    """In training, zero each number with probability p and scale the others by 1 / (1 - p): torch.nn.Dropout.

    Each forward draws a key from the generator that `manual_seed` starts; which numbers are dropped is counted from it
    (scratch/philox.py), so every namespace drops the same ones after the same seed; it is not torch's mask. In
    evaluation, x passes unchanged.

    Parameters
    ----------
    p : probability of being zeroed, 0 ... 1
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p={p!r}: dropout probability has to be between 0 and 1")
        self.p = p

    def draw_key(self) -> Key:
        """Draw what decides which numbers are dropped. Tests and lessons put their own in its place."""
        return philox_key()

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.dropout)
        if not self.training or self.p == 0:
            return x, None
        y, saved = algorithm.dropout(x, self.p, self.draw_key())
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        if saved is None:
            return dy
        algorithm, inner = saved
        dx: Array = algorithm.dropout_backward(dy, inner)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments."""
        return f"p={self.p}"
