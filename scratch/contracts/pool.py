"""What takes the numbers under a window together."""

from typing import Protocol

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Pair, Window2d


class MaxPool2dAlgorithm(Protocol):
    """x (N, C, H, W) -> y (N, C, outH, outW); indices are int64, flat in one unpadded H*W plane."""

    def max_pool2d(self, x: Array, window: Window2d) -> tuple[Array, Saved]: ...

    def max_pool2d_indices(self, saved: Saved) -> Array: ...

    def max_pool2d_backward(self, dy: Array, saved: Saved) -> Array: ...


class AvgPool2dAlgorithm(Protocol):
    """x (N, C, H, W) -> y (N, C, outH, outW)."""

    def avg_pool2d(
        self, x: Array, window: Window2d, count_include_pad: bool = True, divisor_override: int | None = None
    ) -> tuple[Array, Saved]: ...

    def avg_pool2d_backward(self, dy: Array, saved: Saved) -> Array: ...


class AdaptiveAvgPool2dAlgorithm(Protocol):
    """x (N, C, H, W) -> y (N, C, *out)."""

    def adaptive_avg_pool2d(self, x: Array, out: Pair) -> tuple[Array, Saved]: ...

    def adaptive_avg_pool2d_backward(self, dy: Array, saved: Saved) -> Array: ...


class AdaptiveMaxPool2dAlgorithm(Protocol):
    """x (N, C, H, W) -> y (N, C, *out); indices are int64, flat in one H*W plane."""

    def adaptive_max_pool2d(self, x: Array, out: Pair) -> tuple[Array, Saved]: ...

    def adaptive_max_pool2d_indices(self, saved: Saved) -> Array: ...

    def adaptive_max_pool2d_backward(self, dy: Array, saved: Saved) -> Array: ...


class MaxUnpool2dAlgorithm(Protocol):
    """x (N, C, H, W), indices of its shape in 0 ... size[0] * size[1] - 1 -> y (N, C, *size)."""

    def max_unpool2d(self, x: Array, indices: Array, size: Pair) -> tuple[Array, Saved]: ...

    def max_unpool2d_backward(self, dy: Array, saved: Saved) -> Array: ...
