"""Sigmoid, tanh, SiLU and GELU in blocks: their formulas go up to 23 times through them, so a block stays in the cache.

The formulas are in curves.py, for any namespace. The loops this replaces: scratch/naive/smooth.py. On the GPU, with
blocks of its own: gpu/smooth.py.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import curves
from scratch.fast.relu import in_blocks

SMALL = 2**13
"""So few numbers are one block: to look for the order of their memory would take longer than to compute."""

SHARE = 8
"""Blocks of 512 KiB: three of them, x, y and what is temporary, stay in a core's own cache of 2 MiB."""


class ByBlocks(Protocol):
    """A way to go through arrays of one shape block by block."""

    def __call__(self, formula: Callable[..., None], *arrays: Array) -> Array:
        """Apply a formula of curves.py to arrays, and return what it fills."""


class Smooth:
    """The operations and their backwards, with the contracts of scratch/contracts/activation.py.

    Parameters, returns: as the functions of `scratch.naive.smooth`.
    """

    def __init__(self, by_blocks: ByBlocks) -> None:
        self.by_blocks = by_blocks

    def sigmoid(self, x: Array) -> tuple[Array, Saved]:
        """Compute 1 / (1 + exp(-x))."""
        y = self.by_blocks(curves.sigmoid, x)
        return y, y

    def sigmoid_backward(self, dy: Array, saved: Saved) -> Array:
        """Compute dx = dy * y * (1 - y)."""
        return self.by_blocks(curves.sigmoid_gradient, saved, dy)

    def tanh(self, x: Array) -> tuple[Array, Saved]:
        """Compute tanh(x)."""
        y = self.by_blocks(curves.tanh, x)
        return y, y

    def tanh_backward(self, dy: Array, saved: Saved) -> Array:
        """Compute dx = dy * (1 - y**2)."""
        return self.by_blocks(curves.tanh_gradient, saved, dy)

    def silu(self, x: Array) -> tuple[Array, Saved]:
        """Compute x * sigmoid(x)."""
        return self.by_blocks(curves.silu, x), x

    def silu_backward(self, dy: Array, saved: Saved) -> Array:
        """Compute dx = dy * s * (1 + x * (1 - s)); s is computed again, so that only x is kept."""
        return self.by_blocks(curves.silu_gradient, saved, dy)

    def gelu(self, x: Array, approximate: str) -> tuple[Array, Saved]:
        """Compute x * P, or its approximation by tanh."""
        return self.by_blocks(curves.gelu_tanh if approximate == "tanh" else curves.gelu, x), (x, approximate)

    def gelu_backward(self, dy: Array, saved: Saved) -> Array:
        """Multiply dy by the derivative."""
        x, approximate = saved
        return self.by_blocks(curves.gelu_tanh_gradient if approximate == "tanh" else curves.gelu_gradient, x, dy)


def by_blocks(formula: Callable[..., None], *arrays: Array) -> Array:
    """Go in the order of the first array's memory, whatever that is; the result lies like it: NHWC memory stays so."""
    first = arrays[0]
    result = np.empty_like(first)
    with np.errstate(over="ignore"):  # where exp(-x) is infinite, sigmoid is 0, as it is for any large number
        if first.ndim and first.size <= SMALL:
            formula(*arrays, result)
            return result

        in_blocks(formula, *arrays, result, share=SHARE)
    return result


smooth = Smooth(by_blocks)
