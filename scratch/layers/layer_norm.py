"""Layer and group normalisation."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.layers.base import Layer, check_floating, check_same_dtype, positive
from scratch.module import Parameter, floating
from scratch.number import number


class RowNorm(Layer):
    """What LayerNorm and GroupNorm share: eps, weight and bias."""

    def __init__(self, eps: float, shape: tuple[int, ...], weight: bool, bias: bool, dtype: Any) -> None:
        super().__init__()
        self.eps = number("eps", eps)
        if not self.eps > 0:
            raise ValueError(f"eps={eps!r} must be positive: a variance may be 0")
        wanted, asarray = floating(dtype), self.backend.asarray
        self.weight = Parameter(asarray(np.ones(shape, wanted))) if weight else None
        self.bias = Parameter(asarray(np.zeros(shape, wanted))) if bias else None

    def _checked(self, x: Array) -> tuple[Array | None, Array | None]:
        """Weight and bias, after a check of x's dtype."""
        if self.weight is None:
            check_floating("x", x)
        else:
            check_same_dtype("x", x, self.weight)
        return None if self.weight is None else self.weight.data, None if self.bias is None else self.bias.data

    def _add_up(self, dweight: Array | None, dbias: Array | None) -> None:
        """Add the gradients of weight and bias to those that came before."""
        for parameter, gradient in ((self.weight, dweight), (self.bias, dbias)):
            if parameter is not None and gradient is not None:
                parameter.accumulate(gradient)


class LayerNorm(RowNorm):
    """Shift and scale each sample to mean 0 and variance 1, then by what is learned: torch.nn.LayerNorm.

        y = (x - mean) / sqrt(var + eps) * weight + bias

    Mean and (biased) variance are those of the last dimensions, `normalized_shape`, for each index of the others; in
    training and in evaluation alike.

    Parameters
    ----------
    normalized_shape : the last dimensions of x; an int is one dimension
    eps : added to the variance, positive
    elementwise_affine : whether there are weight and bias
    bias : False leaves the bias out
    dtype : float16, float32 (the default) or float64

    Attributes
    ----------
    weight, bias : Parameters of shape `normalized_shape`, ones and zeros; or None

    Source: Ba, Kiros and Hinton, "Layer Normalization", 2016.

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.LayerNorm(2, eps=1e-12)(np.array([[1, 3], [30, 10]], np.float32))
    array([[-1.,  1.],
           [ 1., -1.]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        several = isinstance(normalized_shape, Sequence) and not isinstance(normalized_shape, str)
        sizes: Sequence[Any] = normalized_shape if several else (normalized_shape,)  # type: ignore[assignment]
        if not sizes:
            raise ValueError(
                f"normalized_shape={normalized_shape!r}: Expected normalized_shape to be at least 1-dimensional"
            )
        shape = tuple(positive("normalized_shape", n) for n in sizes)
        super().__init__(eps, shape, elementwise_affine, elementwise_affine and bias, dtype)
        self.normalized_shape, self.elementwise_affine = shape, elementwise_affine

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        shape = self.normalized_shape
        if x.shape[-len(shape) :] != shape:
            expected = ", ".join(map(str, ("*", *shape)))
            raise ValueError(
                f"x has shape {x.shape}: Given normalized_shape={list(shape)}, expected input with shape [{expected}]"
            )
        weight, bias = self._checked(x)
        algorithm = self._choose(self.backend.layer_norm)
        y, saved = algorithm.layer_norm(x, len(shape), weight, bias, self.eps)
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array | None
        dx, dweight, dbias = algorithm.layer_norm_backward(dy, inner, needs_dx)
        self._add_up(dweight, dbias)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class GroupNorm(RowNorm):
    """Shift and scale groups of channels to mean 0 and variance 1, then each channel: torch.nn.GroupNorm.

        y = (x - mean) / sqrt(var + eps) * weight[c] + bias[c]

    Mean and (biased) variance are those of C / num_groups neighbouring channels of one sample. One group takes all
    channels together, C groups each by itself (instance normalisation).

    Parameters
    ----------
    num_groups : a divisor of num_channels
    num_channels : C
    eps : added to the variance, positive
    affine : whether there are weight and bias
    dtype : float16, float32 (the default) or float64

    Attributes
    ----------
    weight, bias : Parameters (C,), ones and zeros; None without `affine`

    Source: Wu and He, "Group Normalization", 2018.

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.GroupNorm(2, 4, eps=1e-12)(np.array([[1, 3, 30, 10]], np.float32))
    array([[-1.,  1.,  1., -1.]], dtype=float32)
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, *, dtype: Any = None
    ) -> None:
        groups, channels = positive("num_groups", num_groups), positive("num_channels", num_channels)
        if channels % groups:
            raise ValueError(f"num_channels ({channels}) must be divisible by num_groups ({groups})")
        super().__init__(eps, (channels,), affine, affine, dtype)
        self.num_groups, self.num_channels, self.affine = groups, channels, affine

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        if x.ndim < 2:
            raise ValueError(f"x has shape {x.shape}: Expected at least 2 dimensions for input tensor, (N, C, ...)")
        if x.shape[1] != self.num_channels:
            raise ValueError(f"x has shape {x.shape}; its channels must be num_channels={self.num_channels}")
        if 0 in x.shape[2:]:
            raise ValueError(f"x has shape {x.shape}; only the batch may be empty")
        if x.size == self.num_groups:
            raise ValueError(f"x has shape {x.shape}: Expected more than 1 value per channel when training")
        weight, bias = self._checked(x)
        algorithm = self._choose(self.backend.group_norm)
        y, saved = algorithm.group_norm(x, self.num_groups, weight, bias, self.eps)
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array | None
        dx, dweight, dbias = algorithm.group_norm_backward(dy, inner, needs_dx)
        self._add_up(dweight, dbias)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"
