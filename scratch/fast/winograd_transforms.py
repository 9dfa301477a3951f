"""The transforms of Winograd's convolution, as small matrix products: tiles to products, and back.

The transforms of cook_toom.py act along columns and along rows of a tile, so each is done in two steps, one axis after
the other. Neither tiles nor transposes are ever copied: np.matmul takes any *view* whose rows are runs in memory, and
writes into such a view. In NHWC memory a row of an image is a run, and so are all C channels of a cell.

    x (n, rows, columns, C)                     one block of images, where they lie: zeros around them are left out

    1. down      strips[p, n, i]     =  B (n_H, a) @ (a, columns*C)      a product for each row of tiles
    2. along     V_p[q, n, i, tile]  =  B (n_W, a) @ (a, C)              a product for each tile

    . . . . . . . . . .     tile 0 of a strip has the columns 0 ... a-1, tile 1 the columns m ... m+a-1, and so on:
    |_________|             a view (tiles, a, C) with strides (m*C, C, 1) of it
            |_________|

    3.           M_p[q]              =  V_p[q] (T, C) @ U[p, q] (C, F)   T tiles, a product for each frequency
    4. back      half[p, n, i]       =  A.T (m, n_W) @ (n_W, F)          a product for each tile
    5. up        y[n, rows of i]     =  A.T (m, n_H) @ (n_H, columns*F)  straight into y

Steps 2 to 4 are done for one row p of frequencies after the other, so that V_p and M_p stay in a core's cache. The
small products are so small that BLAS does not pack their operands: each number costs 0.13 to 0.2 ns a step and core
(Xeon 2.3 GHz) in the cache.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from scratch.array import Array, HostArray
from scratch.fast import workspace
from scratch.fast.cook_toom import Transforms, arrays
from scratch.fast.winograd_tiles import Plan, runs

TRANSPOSED = 32
"""So many filters at a time: all 512 at once are transposed in 9.5 ms rather than 2.1, for they outgrow the cache."""


def down(x: HostArray, matrix: HostArray, step: int, above: int, strips: HostArray) -> None:
    """Transform columns: strips[p, n, i] = sum over u of  matrix[p, u] x[n, i*step + u - above], 0 outside of x.

    Parameters
    ----------
    x : (n, rows, columns, C), C-contiguous
    matrix : as many columns as a tile has rows
    step : from tile to tile
    above : rows of zeros that the first tile begins with
    strips : (frequencies, n, rows of tiles, columns * C), whose last axis is a run; is filled
    """
    (n, rows), tile, high = x.shape[:2], matrix.shape[1], strips.shape[2]
    lines = x.reshape(n, rows, x.shape[2] * x.shape[3])
    first = min(-(-above // step), high)
    last = min(max(first, (rows - tile + above) // step + 1), high)  # tiles from first to last lie inside of x
    along_n, along_row, along_number = lines.strides
    if first < last:
        shape = n, last - first, tile, lines.shape[2]
        strides = along_n, step * along_row, along_row, along_number
        tiles = np.ndarray(shape, x.dtype, lines, (first * step - above) * along_row, strides)
        np.matmul(matrix, tiles, out=strips[:, :, first:last].transpose(1, 2, 0, 3))
    for i in (*range(first), *range(last, high)):
        top = i * step - above
        start = min(max(0, -top), tile)
        stop = max(start, min(tile, rows - top))
        met = lines[:, top + start : top + stop]
        np.matmul(matrix[:, start:stop], met, out=strips[:, :, i].swapaxes(0, 1))


def along(strips: HostArray, matrix: HostArray, step: int, V: HostArray) -> None:
    """Transform rows: V[p, q, n, i, j] = sum over v of  matrix[q, v] strips[p, n, i, j*step + v].

    Parameters
    ----------
    strips : (rows of frequencies, n, rows of tiles, columns, C), C-contiguous
    V : (rows of frequencies, frequencies in a row, n, rows of tiles, tiles in a row, C), whose last two axes are one
        run; is filled
    """
    *outer, along_column, along_c = strips.strides
    shape = (*strips.shape[:3], V.shape[4], matrix.shape[1], V.shape[5])
    tiles = np.ndarray(shape, strips.dtype, strips, 0, (*outer, step * along_column, along_column, along_c))
    np.matmul(matrix, tiles, out=V.transpose(0, 2, 3, 4, 1, 5))


def back(M: HostArray, matrix: HostArray, half: HostArray) -> None:
    """Transform rows back: half[p, n, i, j, v] = sum over q of  matrix[q, v] M[p, q, n, i, j].

    Parameters
    ----------
    M : (rows of frequencies, frequencies in a row, n, rows of tiles, tiles in a row, F), C-contiguous
    half : (rows of frequencies, n, rows of tiles, tiles in a row, m, F), C-contiguous; is filled
    """
    np.matmul(matrix.T, M.transpose(0, 2, 3, 4, 1, 5), out=half)


def up(half: HostArray, matrix: HostArray, y: HostArray) -> None:
    """Transform columns back: y[n, i*m + u, j] = sum over p of  matrix[p, u] half[p, n, i, j].

    Parameters
    ----------
    half : (frequencies, n, rows of tiles, columns, F), C-contiguous; there may be more columns than in y
    y : (n, rows, columns, F), whose F numbers are runs; is filled. The last tile may hang over
    """
    n, rows, columns, F = y.shape
    if y.strides[2] == F * y.itemsize:  # a row of y is one run
        y, half = y.reshape(n, rows, 1, columns * F), half.reshape(*half.shape[:3], 1, -1)[..., : columns * F]
    tiles = half[:, :, :, : y.shape[2]].transpose(1, 2, 3, 0, 4)
    m = matrix.shape[1]
    whole = rows // m
    pixels = y[:, : whole * m].reshape(n, whole, m, *y.shape[2:])
    np.matmul(matrix.T, tiles[:, :whole], out=pixels.swapaxes(2, 3))
    if rows > whole * m:
        np.matmul(matrix.T[: rows - whole * m], tiles[:, whole], out=y[:, whole * m :].swapaxes(1, 2))


@dataclass(frozen=True)
class Kernels:
    """Weights (O, C, kH, kW), by which C channels become O, or, rotated by half a turn, O channels C: for dx."""

    weight: Array
    rotated: bool = False

    @property
    def channels(self) -> tuple[int, int]:
        """Those that go in and those that come out."""
        O, C = self.weight.shape[:2]
        return (O, C) if self.rotated else (C, O)

    def bytes_transformed(self, plan: Plan) -> int:
        """How large U is."""
        return math.prod((*plan.frequencies, *self.channels)) * int(self.weight.itemsize)

    def transform(self, plan: Plan, into: slice, out: slice, U: HostArray) -> None:
        """Fill U (frequencies, some channels that go in, some that come out), whose last two axes are one run."""
        taps = math.prod(self.weight.shape[2:])
        if self.rotated:  # BLAS reads the transpose as it lies
            turned = np.ascontiguousarray(self.weight[into, out]).reshape(U.shape[1] * U.shape[2], taps).T
        else:
            some = self.weight[out, into]
            kernels = workspace.empty("winograd taps", (taps, *U.shape[1:]), some.dtype)
            for few in runs(slice(0, len(some)), TRANSPOSED):
                kernels[:, :, few] = some[few].reshape(*some[few].shape[:2], taps).transpose(2, 1, 0)
            turned = kernels.reshape(taps, U.shape[1] * U.shape[2])
        G = kernel_matrix(plan.transforms, self.rotated, self.weight.dtype)
        np.matmul(G, turned, out=U.reshape(len(G), -1))


@lru_cache
def kernel_matrix(transforms: tuple[Transforms, Transforms], rotated: bool, dtype: Any) -> HostArray:
    """kron(G, G), (frequencies, kH * kW): what it is multiplied with is so long that a single step is faster."""
    turn = slice(None, None, -1 if rotated else 1)
    vertical, horizontal = (arrays(F, dtype)[2][:, turn] for F in transforms)
    return np.ascontiguousarray(np.kron(vertical, horizontal))


def kernels_back(dU: HostArray, weight: Array, plan: Plan) -> HostArray:
    """dweight, like weight (O, C, kH, kW), from dU (frequencies, O, C)."""
    G = kernel_matrix(plan.transforms, False, dU.dtype)
    dweight: HostArray = dU.reshape(len(G), -1).T @ G
    return dweight.reshape(weight.shape)
