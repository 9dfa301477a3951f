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


class LayerNormAlgorithm(Protocol):
    """x (..., *shape) of at least `dims` dimensions, the last of which are normalised; weight and bias (*shape)."""

    def layer_norm(
        self, x: Array, dims: int, weight: Array | None, bias: Array | None, eps: float
    ) -> tuple[Array, Saved]: ...

    def layer_norm_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array | None, Array | None]: ...


class GroupNormAlgorithm(Protocol):
    """x (N, C, ...), weight and bias (C,)."""

    def group_norm(
        self, x: Array, num_groups: int, weight: Array | None, bias: Array | None, eps: float
    ) -> tuple[Array, Saved]: ...

    def group_norm_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array | None, Array | None]: ...
