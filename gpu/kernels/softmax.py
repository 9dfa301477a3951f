"""Softmax by kernels, one or more threads for each row: softmax.cu has the picture.

The loops this replaces: scratch/naive/activation.py. On the GPU with array functions: gpu/activation.py.
"""

from math import prod

from gpu.declaration import Source
from gpu.kernels.rows import teams
from gpu.runtime import THREADS, blocks_for, launch
from scratch.array import Array, namespace_of
from scratch.contracts import Saved

SOURCE = Source("softmax.cu")
ROWS = dict.fromkeys(["x", "y", "dx", "dy"], "rows length")
BESIDE = dict.fromkeys(["x", "y", "dx", "dy"], "outer length inner")
FORWARD = SOURCE.kernel("softmax", "const T* x, T* y, long long rows, long long length", ROWS)
BACKWARD = SOURCE.kernel("softmax_backward", "const T* y, const T* dy, T* dx, long long rows, long long length", ROWS)
FORWARD_BESIDE = SOURCE.kernel(
    "softmax_beside", "const T* x, T* y, long long outer, long long length, long long inner", BESIDE
)
BACKWARD_BESIDE = SOURCE.kernel(
    "softmax_beside_backward",
    "const T* y, const T* dy, T* dx, long long outer, long long length, long long inner",
    BESIDE,
)

DEEP, LONGEST_OF_A_THREAD = 8, 64  # as in softmax.cu; numbers of a row


def softmax(x: Array, dim: int) -> tuple[Array, Saved]:
    """Compute y = exp(x - max) / sum.

    Parameters, returns: as `scratch.naive.activation.softmax`.
    """
    xp = namespace_of(x)
    y = xp.empty(x.shape, x.dtype)
    outer, length, inner = prod(x.shape[:dim]), x.shape[dim], prod(x.shape[dim + 1 :])
    if x.size and inner == 1:
        launch(FORWARD, *teams(outer, length), x=xp.ascontiguousarray(x), y=y, rows=outer, length=length)
    elif x.size:
        sizes = {"outer": outer, "length": length, "inner": inner}
        launch(FORWARD_BESIDE, *beside(**sizes), x=xp.ascontiguousarray(x), y=y, **sizes)
    return y, (y, outer, length, inner)


def softmax_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = y * (dy - sum of dy * y)."""
    y, outer, length, inner = saved
    xp = namespace_of(dy)
    dx: Array = xp.empty(dy.shape, dy.dtype)
    dy = xp.ascontiguousarray(dy)
    if dy.size and inner == 1:
        launch(BACKWARD, *teams(outer, length), y=y, dy=dy, dx=dx, rows=outer, length=length)
    elif dy.size:
        sizes = {"outer": outer, "length": length, "inner": inner}
        launch(BACKWARD_BESIDE, *beside(**sizes), y=y, dy=dy, dx=dx, **sizes)
    return dx


def beside(outer: int, length: int, inner: int) -> tuple[int, tuple[int, int]]:
    """Grid and block for rows that lie beside each other.

    >>> beside(2, 3, 100), beside(2, 300, 100)
    ((2, (128, 1)), (7, (32, 8)))
    """
    block = (THREADS, 1) if length <= LONGEST_OF_A_THREAD else (32, DEEP)
    return blocks_for(outer * inner, block[0]), block
