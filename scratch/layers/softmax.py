"""Softmax and its logarithm."""

import warnings

from scratch.array import Array
from scratch.contracts import Saved
from scratch.layers.base import Layer, check_floating
from scratch.layers.linear import dimension


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
        algorithm = self._choose(self.backend.softmax)
        vector = x if x.ndim else x[None]
        y, saved = algorithm.softmax(vector, chosen(self.dim, x, "Softmax"))
        return y.reshape(x.shape), (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.softmax_backward(dy if dy.ndim else dy[None], inner)
        return dx.reshape(dy.shape)

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"dim={self.dim}"


class LogSoftmax(Layer):
    """The logarithm of softmax along `dim`: torch.nn.LogSoftmax.

        y_i = x_i - log(sum over j of exp(x_j))

    Parameters
    ----------
    dim : as for Softmax

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.LogSoftmax(dim=1)(np.array([[0.0, 1000.0]]))
    array([[-1000.,     0.]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.log_softmax)
        vector = x if x.ndim else x[None]
        y, saved = algorithm.log_softmax(vector, chosen(self.dim, x, "LogSoftmax"))
        return y.reshape(x.shape), (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.log_softmax_backward(dy if dy.ndim else dy[None], inner)
        return dx.reshape(dy.shape)

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"dim={self.dim}"


def chosen(dim: int | None, x: Array, name: str) -> int:
    """The dimension from the front; where none is named, torch's choice, with a warning. A scalar counts as one number.

    Raises
    ------
    ValueError
        if x has no such dimension
    """
    if dim is None:
        dim = 0 if x.ndim in (0, 1, 3) else 1
        warnings.warn(f"{name}(dim=None) chose dim={dim} for x of shape {x.shape}: name it", stacklevel=6)
    return dimension("dim", dim, max(x.ndim, 1))
