"""Softmax and its logarithm in blocks that stay in the caches, each vector whole in its block, and in two threads.

    x (A, D, B)     D the dimension, A and B what lies before and after it in memory

        B > 1       a block is x[a0:a1], or x[a, :, b0:b1], as long as can be: the largest of each vector is a running
                    maximum of rows, and the sum a running sum
        B = 1       a block is x[a0:a1]; along each vector NumPy begins anew, which takes 90 ns for a maximum. So of
                    short vectors, as of NHWC memory, the maximum is found in a copy that has them as columns

The readable forms: scratch/fast/activation.py and log_softmax.py; the loops: scratch/naive/activation.py.
"""

from collections.abc import Callable

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import activation, blocks, threads, workspace
from scratch.fast import log_softmax as readable
from scratch.fast.relu import pieces_of

FLOPS = 100
"""What a matrix product computes in the time that one number takes here: see threads.parts."""

SMALL = 2**13
"""So few numbers are done at once, by the readable forms."""

SHARE = 8
"""Rows are gone through in blocks of 512 KiB, which a core's own cache holds; of columns a whole image is one run of
memory, which is faster than pieces of its rows."""

GAP = 16
"""Numbers between rows, so that not all of them begin at the same few places of the cache."""

LONG = 256
"""A vector of so many numbers is long enough to look along it for the largest."""


def softmax(x: Array, dim: int) -> tuple[Array, Saved]:
    """Compute y = exp(x - max) / sum.

    Parameters, returns: as `scratch.naive.activation.softmax`.
    """
    if x.size <= SMALL:
        return activation.softmax(x, dim)
    y = np.empty_like(x)

    def work(x: Array, y: Array, axis: int) -> None:
        np.subtract(x, largest(x, axis), out=y)
        np.exp(y, out=y)
        np.divide(y, y.sum(axis, keepdims=True), out=y)

    vectors_in_blocks(work, dim, x, y)
    return y, (y, dim)


def softmax_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = y * (dy - sum of dy * y)."""
    y, dim = saved
    if y.size <= SMALL:
        return activation.softmax_backward(dy, saved)
    dx: Array = np.empty_like(y)

    def work(y: Array, dy: Array, dx: Array, axis: int) -> None:
        np.multiply(dy, y, out=dx)
        np.subtract(dy, dx.sum(axis, keepdims=True), out=dx)
        np.multiply(dx, y, out=dx)

    vectors_in_blocks(work, dim, y, dy, dx)
    return dx


def log_softmax(x: Array, dim: int) -> tuple[Array, Saved]:
    """Compute y = (x - max) - log of the sum of exp(x - max).

    Parameters, returns: as `scratch.naive.activation.log_softmax`.
    """
    if x.size <= SMALL:
        return readable.log_softmax(x, dim)
    y = np.empty_like(x)

    def work(x: Array, y: Array, axis: int) -> None:
        np.subtract(x, largest(x, axis), out=y)
        powers = workspace.empty("powers", y.shape, y.dtype)
        np.exp(y, out=powers)
        np.subtract(y, np.log(powers.sum(axis, keepdims=True)), out=y)

    vectors_in_blocks(work, dim, x, y)
    return y, (y, dim)


def log_softmax_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy - exp(y) * sum of dy."""
    y, dim = saved
    if y.size <= SMALL:
        return readable.log_softmax_backward(dy, saved)
    dx: Array = np.empty_like(y)

    def work(y: Array, dy: Array, dx: Array, axis: int) -> None:
        np.exp(y, out=dx)
        np.multiply(dx, dy.sum(axis, keepdims=True), out=dx)
        np.subtract(dy, dx, out=dx)

    vectors_in_blocks(work, dim, y, dy, dx)
    return dx


def vectors_in_blocks(work: Callable[..., None], dim: int, first: Array, *others: Array) -> None:
    """Call `work(*blocks, axis)` on matching blocks of arrays of one shape, which have whole vectors along `axis`.

    Where all of them lie in the order of the first one's memory without gaps, that is (A, D, B), or (A, D).
    """
    order = sorted(range(first.ndim), key=lambda axis: -abs(first.strides[axis]))
    arrays = [array.transpose(order) for array in (first, *others)]
    axis, D = order.index(dim % first.ndim), first.shape[dim]
    if all(array.flags.c_contiguous for array in arrays):
        last = axis == first.ndim - 1
        A = int(np.prod(arrays[0].shape[:axis]))
        arrays, axis = [array.reshape((A, D) if last else (A, D, -1)) for array in arrays], 1
    shape = arrays[0].shape
    most = blocks.CACHE_BYTES // (SHARE if axis == len(shape) - 1 else 1) // first.itemsize
    indices = [
        (*index[1 : axis + 1], slice(None), *index[axis + 1 :])
        for index in pieces_of((1, *shape[:axis], *shape[axis + 1 :]), most // D)
    ]

    def part(cut: slice) -> None:
        for index in indices[cut]:
            work(*(array[index] for array in arrays), axis)

    threads.run(part, threads.parts(len(indices), FLOPS * first.size))


def largest(x: Array, axis: int) -> Array:
    """The largest number of each vector, as x.max(axis, keepdims=True)."""
    if x.ndim == 1 or x.shape[axis] >= LONG or axis < x.ndim - 1:
        return x.max(axis, keepdims=True)  # type: ignore[no-any-return]
    D, *others, n = x.shape[axis], *x.shape[:axis]
    columns = workspace.empty("columns", (D, *others, n + GAP), x.dtype)[..., :n]
    np.copyto(columns, np.moveaxis(x, axis, 0))
    maxima: Array = columns.max(axis=0)[..., None]
    return maxima
