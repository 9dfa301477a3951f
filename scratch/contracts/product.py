"""What computes with products of inputs and weights: convolutions and Linear."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Window2d


class Conv2dAlgorithm(Protocol):
    """x (N, C, H, W), weight (O, C / groups, kH, kW), bias (O,) or None -> y (N, O, outH, outW)."""

    def conv2d(
        self, x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
    ) -> tuple[Array, Saved]: ...

    def conv2d_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]: ...


@dataclass(frozen=True)
class LeftTo:
    """What a forward keeps that left its numbers to another algorithm: whose name, and what that one keeps."""

    name: str
    saved: Saved


@runtime_checkable
class Conv2dForSome(Conv2dAlgorithm, Protocol):
    """One that does not serve every geometry, of depthwise layers only, say, or of one size of kernel.

    What it serves may depend on the precision that is asked for (scratch/precision.py), but not on the numbers in x:
    one that would change which outputs are finite computes such x directly.
    """

    def serves(self, weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool: ...


class Conv2dCall(NamedTuple):
    """What the choice of an algorithm may depend on."""

    x_shape: tuple[int, ...]
    weight_shape: tuple[int, ...]
    window: Window2d
    groups: int


def first_that_serves(call: Conv2dCall, serving: Sequence[str]) -> str:
    """Choose by the order of the backend's table alone."""
    return serving[0]


class ConvTranspose2dAlgorithm(Protocol):
    """x (N, C, H, W), weight (C, O / groups, kH, kW), bias (O,) or None -> y (N, O, outH, outW).

    The window is that of the convolution whose dx is computed here: it slides over y, `window.input_size((H, W))`.
    """

    def conv_transpose2d(
        self, x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
    ) -> tuple[Array, Saved]: ...

    def conv_transpose2d_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]: ...


class LinearAlgorithm(Protocol):
    """x (N, in), weight (out, in), bias (out,) or None -> y (N, out)."""

    def linear(self, x: Array, weight: Array, bias: Array | None) -> tuple[Array, Saved]: ...

    def linear_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]: ...
