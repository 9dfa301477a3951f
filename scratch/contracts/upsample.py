"""What makes images larger."""

from typing import Protocol, TypeAlias

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Pair

Scale: TypeAlias = tuple[float | None, float | None]
"""The factors that were asked for, down and across; None where the sizes tell them."""


class Upsample2dAlgorithm(Protocol):
    """x (N, C, H, W) -> y (N, C, *out); mode is "nearest" or "bilinear", which alone asks for align_corners."""

    def upsample2d(self, x: Array, out: Pair, scale: Scale, mode: str, align_corners: bool) -> tuple[Array, Saved]: ...

    def upsample2d_backward(self, dy: Array, saved: Saved) -> Array: ...
