"""Batch normalisation."""

from typing import Any

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.layers.base import Layer, as_images, check_floating, check_same_dtype, positive
from scratch.module import Buffer, Parameter, floating
from scratch.number import number


class BatchNorm2d(Layer):
    """Shift and scale each channel to mean 0 and variance 1, then by what is learned: torch.nn.BatchNorm2d.

        y = (x - mean[c]) / sqrt(var[c] + eps) * weight[c] + bias[c]

    In training, mean and (biased) variance are those of the batch, and the running ones move towards them, the
    variance unbiased; in evaluation the running ones are used.

        running = (1 - momentum) * running + momentum * batch

    Parameters
    ----------
    num_features : C
    eps : added to the variance
    momentum : the weight of the newest batch; None keeps the plain average over all batches
    affine : whether there are weight and bias
    track_running_stats : False uses the batch's own statistics in evaluation, too
    dtype : float16, float32 (the default) or float64

    Attributes
    ----------
    weight, bias : Parameters (C,), ones and zeros; None without `affine`
    running_mean, running_var : Buffers (C,); None without `track_running_stats`
    num_batches_tracked : Buffer (), int64; likewise

    Source: Ioffe and Szegedy, "Batch Normalization", 2015.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_features, self.eps = positive("num_features", num_features), number("eps", eps)
        self.momentum = None if momentum is None else number("momentum", momentum)
        wanted, asarray = floating(dtype), self.backend.asarray
        self.weight = Parameter(asarray(np.ones(num_features, wanted))) if affine else None
        self.bias = Parameter(asarray(np.zeros(num_features, wanted))) if affine else None
        self.running_mean = Buffer(asarray(np.zeros(num_features, wanted))) if track_running_stats else None
        self.running_var = Buffer(asarray(np.ones(num_features, wanted))) if track_running_stats else None
        self.num_batches_tracked = Buffer(asarray(np.zeros((), np.int64))) if track_running_stats else None

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        if x.ndim != 4:
            raise ValueError(f"x has shape {x.shape}; expected 4D input (N, C, H, W)")
        as_images("x", x)
        if x.shape[1] != self.num_features:
            raise ValueError(f"x has shape {x.shape}; its channels must be num_features={self.num_features}")
        held = self.weight or self.running_mean
        if held is None:
            check_floating("x", x)
        else:
            check_same_dtype("x", x, held)
        from_batch = self.training or self.running_mean is None
        count = x.size // self.num_features
        if from_batch and count == 1:
            raise ValueError(
                f"x has shape {x.shape}: Expected more than 1 value per channel when training, or without running "
                "statistics"
            )
        if from_batch and self.eps <= 0:
            raise ValueError(f"eps={self.eps} must be positive where the variance is the batch's: it may be 0")

        algorithm = self._choose(self.backend.batch_norm2d)
        if from_batch:
            mean, var = algorithm.batch_statistics(x)
            if self.training:
                self._track(mean, var, count)
        else:
            assert self.running_mean is not None
            assert self.running_var is not None
            mean, var = self.running_mean.data, self.running_var.data
        weight = None if self.weight is None else self.weight.data
        bias = None if self.bias is None else self.bias.data
        y, saved = algorithm.batch_norm2d(x, mean, var, weight, bias, self.eps, from_batch)
        return y, (algorithm, saved)

    def _track(self, mean: Array, var: Array, count: int) -> None:
        """Move the running statistics towards those of a batch; `count` values per channel, none in an empty one."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.data = self.num_batches_tracked.data + 1
        if count == 0:
            return
        # The number of batches is read on the host only for the plain average: on a GPU that waits for the device.
        newest = 1 / int(self.num_batches_tracked.data) if self.momentum is None else self.momentum
        unbiased = var * (count / max(count - 1, 1))
        self.running_mean.data = self.running_mean.data * (1 - newest) + mean * newest
        self.running_var.data = self.running_var.data * (1 - newest) + unbiased * newest

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array | None
        dx, dweight, dbias = algorithm.batch_norm2d_backward(dy, inner, needs_dx)
        if self.weight is not None and self.bias is not None:
            self.weight.accumulate(dweight)
            self.bias.accumulate(dbias)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.weight is not None}, "
            f"track_running_stats={self.running_mean is not None}"
        )
