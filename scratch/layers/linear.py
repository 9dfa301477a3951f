"""The dense layer, and the step from images to rows."""

from functools import lru_cache
from math import prod
from operator import index
from typing import Any

from scratch.array import Array
from scratch.contracts import Saved
from scratch.layers.base import Layer, check_same_dtype, positive
from scratch.module import floating


class Linear(Layer):
    """A dense layer: torch.nn.Linear.

        y[..., o] = bias[o] + sum over i of  x[..., i] * weight[o, i]

    Parameters
    ----------
    in_features, out_features : at least 1
    bias : whether to add one number per output
    dtype : float16, float32 (the default) or float64

    Attributes
    ----------
    weight : Parameter (out, in), from U(-b, b) with b = 1 / sqrt(in)
    bias : Parameter (out,) from the same distribution, or None

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.Linear(36, 2)(np.zeros((5, 36), np.float32)).shape
    (5, 2)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, dtype: Any = None) -> None:
        super().__init__()
        self.in_features = positive("in_features", in_features)
        self.out_features = positive("out_features", out_features)
        self.weight = self._parameter((out_features, in_features), in_features, floating(dtype))
        self.bias = self._parameter((out_features,), in_features, floating(dtype)) if bias else None

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        shape = x.shape
        if not shape or shape[-1] != self.in_features:
            sizes = "x".join(map(str, shape))
            raise ValueError(
                f"x of shape {shape}: mat1 and mat2 shapes cannot be multiplied ({sizes} and "
                f"{self.in_features}x{self.out_features}); the last dimension must be in_features={self.in_features}"
            )
        check_same_dtype("x", x, self.weight)
        algorithm = self._choose(self.backend.linear)
        bias = None if self.bias is None else self.bias.data
        rows = x if len(shape) == 2 else x.reshape(-1, self.in_features)
        y, saved = algorithm.linear(rows, self.weight.data, bias)
        return y if len(shape) == 2 else y.reshape(*shape[:-1], self.out_features), (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        rows = dy if dy.ndim == 2 else dy.reshape(-1, self.out_features)
        dx: Array | None
        dx, dweight, dbias = algorithm.linear_backward(rows, inner, needs_dx)
        self.weight.accumulate(dweight)
        if self.bias is not None:
            self.bias.accumulate(dbias)
        return dx if dx is None or dy.ndim == 2 else dx.reshape(*dy.shape[:-1], self.in_features)

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Flatten(Layer):
    """Merge the dimensions from `start_dim` to `end_dim` into one: torch.nn.Flatten. Nothing is computed.

    >>> import numpy as np, scratch
    >>> scratch.Flatten()(np.zeros((5, 4, 3, 3))).shape
    (5, 36)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        return x.reshape(flat_shape(x.shape, self.start_dim, self.end_dim)), x.shape

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        return dy.reshape(saved)

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


@lru_cache(maxsize=256)
def flat_shape(shape: tuple[int, ...], start_dim: int, end_dim: int) -> tuple[int, ...]:
    """A shape with some dimensions merged into one; raises a ValueError if there are none such.

    >>> flat_shape((5, 4, 3, 3), 1, -1)
    (5, 36)
    """
    rank = max(len(shape), 1)  # torch flattens a scalar to one number
    start, end = dimension("start_dim", start_dim, rank), dimension("end_dim", end_dim, rank)
    if start > end:
        raise ValueError(f"start_dim={start_dim} comes after end_dim={end_dim} for x of shape {shape}")
    return *shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]


def dimension(name: str, dim: int, rank: int) -> int:
    """A dimension counted from the front; a ValueError if there is none such, a TypeError if it is no integer."""
    try:
        dim = index(dim)
    except TypeError:
        raise TypeError(f"{name}={dim!r} must be an integer") from None
    if not -rank <= dim < rank:
        raise ValueError(f"{name}={dim}: Dimension out of range (expected to be in range of [{-rank}, {rank - 1}])")
    return dim % rank
