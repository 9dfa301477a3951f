"""What normalises."""

from typing import Protocol

from scratch.array import Array
from scratch.contracts import Saved


class BatchNorm2dAlgorithm(Protocol):
    """x (N, C, H, W), all else (C,); `training` says that mean and var are x's own, so that dx goes through them."""

    def batch_statistics(self, x: Array) -> tuple[Array, Array]: ...

    def batch_norm2d(
        self,
        x: Array,
        mean: Array,
        var: Array,
        weight: Array | None,
        bias: Array | None,
        eps: float,
        training: bool,
    ) -> tuple[Array, Saved]: ...

    def batch_norm2d_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array | None, Array | None]: ...
