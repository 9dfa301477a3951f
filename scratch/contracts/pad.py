"""What surrounds images with a border that is made of themselves."""

from typing import Literal, Protocol, TypeAlias

from scratch.array import Array
from scratch.contracts import Saved
from scratch.geometry import Padding

Mode: TypeAlias = Literal["reflect", "replicate", "circular"]
"""What the border is: the image in a mirror, its outermost cells again and again, or its other end."""


class Pad2dAlgorithm(Protocol):
    """x (N, C, H, W) -> y (N, C, top + H + bottom, left + W + right); the layer has seen to it that x is large enough.

    The dy of `pad2d_backward` is what a convolution has just made: it may be changed, and dx may be a view of it.
    A border of zeros is no matter of this: see scratch/geometry.py.
    """

    def pad2d(self, x: Array, padding: Padding, mode: Mode) -> tuple[Array, Saved]: ...

    def pad2d_backward(self, dy: Array, saved: Saved) -> Array: ...
