"""Both gradients of Winograd's convolution from the same transformed tiles of dy.

    dweight  = G.T ((A dy) * (B x))        winograd_gradients.py
    dx       = B.T ((A dy) * (G weight))   here: the bilinear map transposed, in place of a convolution of dy

Convolution with rotated weights would transform dy once more, by B. Here D = A dy serves both, and it is smaller: tiles
of dy do not overlap. What they become does, so dx is a sum over neighbouring tiles. To add them is a part of the
product: the frequencies of neighbours lie one behind the other in memory, and np.matmul takes any view,

    products        tile 0 | tile 1 | tile 2 | tile 3        n frequencies each, and of each frequency C channels
                    |_______________|                        a view (tiles, 2n, C) with strides (n*C, C, 1)
                             |_______________|
                    B.T of the left one's last r - 1 cells, and of the right one's first m:  (m, 2n) @ (2n, C)

    dx cells        0 1 2 3 | 4 5 6 7 | 8 9 ...              m = 4, before the padding is left out

At the ends a neighbour is missing, and the product takes less of the matrix. Along columns it is the same, with rows of
dx in place of channels.

The order of the factors is another one, and so are the errors: of the same size in the mean over dx, but a bound of the
largest one may be above that of convolution, on which the law of dx rests. So it is done with transforms for which it
is not: F(2, 3), and F(4, 3) of the fast precision; but not F(4, 3) with the points i and -i, nor those of
five taps.

Time of backward relative to gradients one after the other, in the fast precision: 0.92 for 64 channels, 56x56, and 0.91
for 128, 28x28 (batch 16, two cores of a Xeon at 2.3 GHz, dy in NCHW memory); 0.89 for the former in one thread.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from scratch.array import Array, HostArray
from scratch.fast import threads, winograd_blocks, workspace
from scratch.fast.cook_toom import Transforms, arrays, largest_sum
from scratch.fast.winograd_blocks import block_bytes, tiles_together
from scratch.fast.winograd_tiles import Block, Plan, norm, safe
from scratch.fast.winograd_transforms import kernel_matrix


class Spread:
    """dx, made while the gradient of the weights is.

    Parameters
    ----------
    weight : (O, C, kH, kW)
    plan : of the forward
    dx : (N, H, W, C), C-contiguous; is filled

    Attributes
    ----------
    growth : how much larger than a 2-norm of dy the numbers in between may get
    """

    def __init__(self, weight: Array, plan: Plan, dx: HostArray) -> None:
        self.plan, self.dx = plan, dx
        self.growth = norm(np.ascontiguousarray(weight)) * math.prod(map(growth, plan.transforms))
        self.U = kernels(weight, plan)

    def block(self, block: Block, size: float) -> Callable[[slice, HostArray], None]:
        """A function that takes D of some rows of frequencies after the other; with the last ones it fills dx.

        Raises
        ------
        UnsafeError
            for dy of a 2-norm that is left to direct convolution
        """
        safe(size, self.growth, self.dx.dtype)
        (n, high, wide), (p, q), (O, C) = block.shape, self.plan.frequencies, self.U.shape[1:]
        (H, W), dtype = self.dx.shape[1:3], self.dx.dtype
        vertical, horizontal = (overlapping(F, dtype) for F in self.plan.transforms)
        half = workspace.empty("winograd half", (n, high, p, W, C), dtype)
        together = tiles_together(block, O, C)

        def some(rows: slice, D: HostArray) -> None:
            products = workspace.empty("winograd spread", (len(D), n, high, wide, q, C), dtype)
            for row, D_row, one in zip(range(rows.start, rows.stop), D, products, strict=True):
                tiles, into = D_row.reshape(q, -1, together, O), one.reshape(-1, together, q, C)
                np.matmul(tiles, self.U[row * q : row * q + q, None], out=into.transpose(2, 0, 1, 3))
            add_up(products, horizontal, self.plan.horizontal.before, half[:, :, rows].transpose(2, 0, 1, 3, 4))
            if rows.stop == p:
                images = self.dx[block.images].reshape(n, H, W * C)
                add_up(half.reshape(n, high, p, W * C), vertical, self.plan.vertical.before, images)

        return some


def spread_serves(weight: Array, plan: Plan, parts: list[Block]) -> bool:
    """Whether errors stay within the law of dx, no image is cut, and U finds room beside the sums of all parts."""
    O, C = weight.shape[:2]
    U_bytes = math.prod((*plan.frequencies, O, C)) * weight.itemsize
    tiles = plan.vertical.tiles, plan.horizontal.tiles
    image = math.prod(tiles) * plan.tile_bytes(O + 2 * C, weight.itemsize)
    return (
        all(errs_no_more(F) for F in plan.transforms)
        and all(part.shape[1:] == tiles for part in parts)
        and (len(parts) + 1) * U_bytes <= 2 * winograd_blocks.KERNEL_BYTES
        and image <= block_bytes(len(parts), (len(parts) + 1) * U_bytes)
    )


def kernels(weight: Array, plan: Plan) -> HostArray:
    """U (frequencies, O, C): weights as they lie."""
    O, C, kH, kW = weight.shape
    G = kernel_matrix(plan.transforms, False, weight.dtype)
    U = workspace.empty("winograd kernels", (len(G), O, C), weight.dtype)
    lying = np.ascontiguousarray(weight).reshape(O, C, kH * kW)

    def some_filters(part: slice) -> None:
        few = lying[part].reshape(-1, kH * kW)
        np.matmul(G, few.T, out=U[:, part].reshape(len(G), len(few)))

    threads.run(some_filters, threads.parts(O, 2.0 * U.size * kH * kW))
    return U


def add_up(products: HostArray, matrix: HostArray, before: int, out: HostArray) -> None:
    """Transform back, and add what overlaps.

        out[i*m + u - before] = sum over s, t of  matrix[u, (s, t)] products[i - over + 1 + s, t],    s < over

    Parameters
    ----------
    products : (..., tiles, n, K), C-contiguous
    matrix : of `overlapping`
    before : cells of zeros before the first one
    out : (..., cells, K), whose last two axes are one run; is filled
    """
    *outer, tiles, n, K = products.shape
    m, cells = len(matrix), out.shape[-2]
    over = matrix.shape[1] // n
    first = max(over - 1, -(-before // m))
    last = max(first, min(tiles, (cells + before) // m))  # from first to last all tiles and cells are there
    if first < last:
        along = products.strides
        shape, strides = (*outer, last - first, over * n, K), (*along[:-2], along[-2], along[-1])
        neighbours = np.ndarray(shape, products.dtype, products, (first - over + 1) * along[-3], strides)
        whole = out[..., first * m - before : last * m - before, :]
        np.matmul(matrix, neighbours, out=whole.reshape(*outer, last - first, m, K))
    for i in (*range(first), *range(last, tiles + over - 1)):
        top = i * m - before
        start, stop = max(0, top), min(cells, top + m)
        left, right = max(0, i - over + 1), min(tiles, i + 1)
        if start < stop and left < right:
            some = matrix[start - top : stop - top, (left - i + over - 1) * n : (right - i + over - 1) * n]
            met = products[..., left:right, :, :].reshape(*outer, (right - left) * n, K)
            np.matmul(some, met, out=out[..., start:stop, :])


@lru_cache
def overlapping(F: Transforms, dtype: Any) -> HostArray:
    """B.T for m cells of neighbouring tiles, the leftmost first: (m, as many tiles as overlap * n).

    >>> from scratch.fast.cook_toom import cook_toom
    >>> overlapping(cook_toom(2, 3, (0, 1, -1, "infinity")), np.int8)
    array([[-1,  1,  1,  0,  1,  0,  0,  0],
           [ 0,  0,  0,  1,  0,  1, -1, -1]], dtype=int8)
    """
    B = arrays(F, dtype)[1]
    starts = range((-(-B.shape[1] // F.m) - 1) * F.m, -1, -F.m)
    found = np.zeros((F.m, len(starts), F.n), dtype)
    for s, start in enumerate(starts):
        cells = B[:, start : start + F.m].T
        found[: len(cells), s] = cells
    return found.reshape(F.m, -1)


@lru_cache
def growth(F: Transforms) -> float:
    """How much larger than |g| * |dy| the numbers in between may get, at most, along one axis: as Transforms.growth."""
    return float(
        largest_sum(F.A)
        * largest_sum(F.G)
        * max(sum(np.abs(row)) for row in overlapping(F, np.dtype(np.float64)).tolist())
    )


@lru_cache
def errs_no_more(F: Transforms) -> bool:
    """Whether the bound of errors along an axis is at most that of convolution: roundings, and sums of absolute values.

    A number is rounded as often as it has terms: F.m in A dy, and here those of B.T that are not 0.
    """
    A, B, G = (np.abs(matrix) for matrix in arrays(F, np.float64))
    of_dx = np.abs(overlapping(F, np.dtype(np.float64)))
    sizes = np.tile(A.sum(axis=1) * G.sum(axis=1), of_dx.shape[1] // F.n)
    terms = F.m + np.count_nonzero(of_dx, axis=1).max()
    return bool(terms <= B.shape[1] + F.n and (of_dx @ sizes).max() <= (A.T @ (B.sum(axis=1) * G.sum(axis=1))).max())
