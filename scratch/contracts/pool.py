"""What takes the numbers under a window together."""

from typing import Protocol

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Window2d


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
