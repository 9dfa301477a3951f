"""Layer and group normalisation on whole arrays, a block at a time.

Both are one thing, on x in another shape: each of A * B rows of numbers gets mean 0 and variance 1.

    LayerNorm((H, W))    x (A, B, H, W)          weight (1, H, W): a number for each place in a row
    GroupNorm(B, B*D)    x (A, B, D, H, W)       weight (B, D, 1, 1): a number for each channel of each group

A block is a dense copy of some rows, so that its sums are pairwise ones whatever memory x lies in; y lies like x.

The loops this replaces: scratch/naive/layer_norm.py. On the GPU: gpu/layer_norm.py, by the same functions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.fast import blocks, threads

FLOPS = 20
"""What a matrix product computes in the time that one number takes here, in each pass: see threads.parts."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Rows:
    """How x is taken apart.

    Attributes
    ----------
    shape : x's as (A, B, ..., *row), with a mean and a variance for each of the leading indices
    weight : the weight's, as it goes with (B, ..., *row)
    axes : those of a row
    row_bytes : how much lies at one of the A * B places
    parts : runs of the A, each for a thread of its own
    block_bytes : how much of x is worked on at a time
    """

    shape: Shape
    weight: Shape
    axes: Shape
    row_bytes: int
    parts: Sequence[slice]
    block_bytes: int

    def blocks(self, part: slice) -> Iterator[tuple[tuple[slice, slice], slice]]:
        """Which rows each block has, and which part of the weight goes with them."""
        B = self.shape[1]
        for some, columns in blocks.pieces(part.stop - part.start, B, self.row_bytes, self.block_bytes):
            at = slice(part.start + some.start, part.start + some.stop)
            yield (at, columns), (columns if self.weight[0] == B else slice(None))

    @property
    def summed(self) -> Shape:
        """The axes of a block that a gradient of the weight is summed over."""
        return (0, *(axis for axis, n in enumerate(self.weight, 1) if n == 1))


def layer_shapes(x: Array, dims: int) -> tuple[Shape, Shape, Shape]:
    """The shapes of x and weight for rows that are the last dimensions, and their axes.

    >>> import numpy as np
    >>> layer_shapes(np.zeros((2, 7, 3, 5)), dims=1)
    ((2, 7, 3, 5), (1, 1, 5), (3,))
    >>> layer_shapes(np.zeros((7, 3, 5)), dims=2)
    ((7, 1, 3, 5), (1, 3, 5), (2, 3))
    """
    row = x.shape[x.ndim - dims :]
    lead = (*x.shape[: x.ndim - dims], 1, 1)[: max(x.ndim - dims, 2)]
    return (*lead, *row), (*(1 for _ in lead[1:]), *row), tuple(range(len(lead), len(lead) + dims))


def group_shapes(x: Array, num_groups: int) -> tuple[Shape, Shape, Shape]:
    """The shapes of x and weight for rows that are groups of channels, and their axes.

    >>> import numpy as np
    >>> group_shapes(np.zeros((2, 6, 3, 5)), num_groups=2)
    ((2, 2, 3, 3, 5), (2, 3, 1, 1), (2, 3, 4))
    """
    N, C, *places = x.shape
    D = C // num_groups
    shape = (N, num_groups, D, *places)
    return shape, (num_groups, D, *(1 for _ in places)), tuple(range(2, len(shape)))


def in_threads(x: Array, shapes: tuple[Shape, Shape, Shape]) -> Rows:
    """In as many parts as there are cores, in blocks that fit a core's cache."""
    parts = threads.parts(shapes[0][0], FLOPS * x.size)
    return Rows(*shapes, prod(shapes[0][2:]) * x.itemsize, parts, blocks.CACHE_BYTES)


def layer_norm(x: Array, dims: int, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Saved]:
    """Normalise the last dimensions.

    Parameters, returns: as `scratch.naive.layer_norm.layer_norm`.
    """
    return standardise(x, in_threads(x, layer_shapes(x, dims)), weight, bias, eps)


def group_norm(x: Array, num_groups: int, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Saved]:
    """Normalise groups of channels.

    Parameters, returns: as `scratch.naive.layer_norm.group_norm`.
    """
    return standardise(x, in_threads(x, group_shapes(x, num_groups)), weight, bias, eps)


def standardise(x: Array, rows: Rows, weight: Array | None, bias: Array | None, eps: float) -> tuple[Array, Saved]:
    """Compute y = (x - mean) / sqrt(var + eps) * weight + bias, the variance from the deviations."""
    xp = namespace_of(x)
    of_x = x.reshape(rows.shape)
    y = xp.empty_like(of_x)
    w, b = (None if values is None else values.reshape(rows.weight) for values in (weight, bias))
    mean = xp.empty((*rows.shape[: rows.axes[0]], *(1 for _ in rows.axes)), x.dtype)
    inverse = xp.empty(mean.shape, x.dtype)

    def work(part: slice) -> None:
        for at, columns in rows.blocks(part):
            z = of_x[at].copy()
            mean[at] = z.mean(axis=rows.axes, keepdims=True)
            z -= mean[at]
            inverse[at] = 1 / xp.sqrt((z * z).mean(axis=rows.axes, keepdims=True) + eps)
            z *= inverse[at]
            if w is not None:
                z *= w[columns]
            if b is not None:
                z += b[columns]
            y[at] = z

    threads.run(work, rows.parts)
    return y.reshape(x.shape), (x, rows, mean, inverse, weight, bias is not None)


def standardise_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array | None, Array | None]:
    """Compute dx = (dz - mean of dz - z * mean of (dz * z)) * inverse with dz = dy * weight, dweight and dbias.

    Parameters, returns: as `scratch.naive.layer_norm.layer_norm_backward` and `group_norm_backward`.
    """
    x, rows, mean, inverse, weight, biased = saved
    xp = namespace_of(x)
    of_x, of_dy = x.reshape(rows.shape), dy.reshape(rows.shape)
    dx = xp.empty_like(of_x) if needs_dx else None
    w = None if weight is None else weight.reshape(rows.weight)

    def work(part: slice) -> tuple[Array, Array]:
        dweight, dbias = xp.zeros(rows.weight, x.dtype), xp.zeros(rows.weight, x.dtype)
        for at, columns in rows.blocks(part):
            z, dz = of_x[at].copy(), of_dy[at].copy()
            z -= mean[at]
            z *= inverse[at]
            if w is not None:
                dweight[columns] += (dz * z).sum(axis=rows.summed, keepdims=True)[0]
                dbias[columns] += dz.sum(axis=rows.summed, keepdims=True)[0]
                dz *= w[columns]
            if dx is not None:
                z *= (dz * z).mean(axis=rows.axes, keepdims=True)
                dz -= dz.mean(axis=rows.axes, keepdims=True)
                dz -= z
                dz *= inverse[at]
                dx[at] = dz
        return dweight, dbias

    each = threads.run(work, rows.parts)
    dx = None if dx is None else dx.reshape(x.shape)
    if weight is None:
        return dx, None, None
    dweight, dbias = each[0]
    for more, and_more in each[1:]:
        dweight += more
        dbias += and_more
    return dx, dweight.reshape(weight.shape), dbias.reshape(weight.shape) if biased else None


layer_norm_backward = group_norm_backward = standardise_backward
