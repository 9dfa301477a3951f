"""The transforms of Winograd's convolution, as small matrix products: tiles to products, and back.

The transforms of cook_toom.py act along rows and along columns of a tile, so each is done in two steps, one axis after
the other. Neither tiles nor transposes are ever copied: np.matmul takes any *view* whose rows are runs in memory, and
writes into such a view. In NHWC memory all C channels of a cell are such a run.

    cells (n, rows, columns, C)                 one block of images, with a border of zeros

    . . . . . . . . . .     tile 0 of a row has the columns 0 ... a-1, tile 1 the columns m ... m+a-1, and so on:
    |_________|             a view (tiles, a, C) with strides (m*C, C, 1) of the row
            |_________|

    1. along the rows       strips[n, q, row, tile]  =  B (n_W, a) @ (a, C)          a product for each row and tile
    2. along the columns    V[p, q, n, tile row]     =  B (n_H, a) @ (a, tiles*C)    a product for each row of tiles

    V  (n_H * n_W frequencies, T tiles, C)      each frequency a matrix, ready for  M = V @ U

and the way back the same in reverse, the last step writing the pixels straight into y. These products are so small
that BLAS does not pack its operands: each number costs 0.2 ns a step and core (Xeon 2.3 GHz, one core at 90 GFLOP/s).
One product with the Kronecker product kron(B, B) and copied tiles, (49, 36) @ (36, T*C), costs 1.1 ns for each number
of a tile, after the copy, which is three times as much in all.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from scratch.array import Array, HostArray
from scratch.fast import workspace
from scratch.fast.cook_toom import Transforms, arrays
from scratch.fast.winograd_tiles import Plan
from scratch.geometry import Pair

Matrices: TypeAlias = tuple[HostArray, HostArray]
"""The vertical and the horizontal one."""


def forward(cells: HostArray, matrices: Matrices, steps: Pair, V: HostArray) -> None:
    """Transform tiles: V[p, q, n, i, j] = sum over u, v of  vertical[p, u] horizontal[q, v] tile(n, i, j)[u, v].

    Parameters
    ----------
    cells : (n, rows, columns, C), C-contiguous
    matrices : vertical and horizontal, as many columns as a tile has rows and columns
    steps : from tile to tile
    V : (n_H, n_W, n, rows of tiles, tiles in a row, C), where the last two are C-contiguous; is filled
    """
    vertical, horizontal = matrices
    (p, a), (q, b) = vertical.shape, horizontal.shape
    n, rows, _, C = cells.shape
    high, wide = V.shape[3:5]
    dtype, (along_n, along_row, along_column, along_c) = cells.dtype, cells.strides

    strips = workspace.empty("winograd strips", (n, q, rows, wide, C), dtype)
    tiles = np.ndarray(
        (n, rows, wide, b, C), dtype, cells, 0, (along_n, along_row, steps[1] * along_column, along_column, along_c)
    )
    np.matmul(horizontal, tiles, out=strips.transpose(0, 2, 3, 1, 4))

    along_n, along_q, along_row, _, along_c = strips.strides
    tiles = np.ndarray(
        (n, q, high, a, wide * C), dtype, strips, 0, (along_n, along_q, steps[0] * along_row, along_row, along_c)
    )
    np.matmul(vertical, tiles, out=V.reshape(p, q, n, high, wide * C).transpose(2, 1, 3, 0, 4))


def backward(M: HostArray, matrices: Matrices, y: HostArray) -> None:
    """Transform products to pixels: y[n, i, u, j, v] = sum of  vertical[p, u] horizontal[q, v] M[p, q, n, i, j].

    Parameters
    ----------
    M : (n_H, n_W, n, rows of tiles, tiles in a row, F), C-contiguous
    matrices : A, (n_H, m_H) and (n_W, m_W)
    y : (n, rows of tiles, m_H, tiles in a row, m_W, F), whose rows of F numbers are runs; is filled
    """
    vertical, horizontal = (matrix.T for matrix in matrices)
    p, q, n, high, wide, F = M.shape
    m = len(vertical)
    half = workspace.empty("winograd strips", (n, high, m, q, wide, F), M.dtype)
    np.matmul(
        vertical,
        M.reshape(p, q, n, high, wide * F).transpose(2, 3, 1, 0, 4),
        out=half.reshape(n, high, m, q, wide * F).transpose(0, 1, 3, 2, 4),
    )
    np.matmul(horizontal, half.transpose(0, 1, 2, 4, 3, 5), out=y)


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

    def transformed(self, plan: Plan, some: slice) -> HostArray:
        """U of some of the channels that come out: (frequencies, channels that go in, some)."""
        if self.rotated:  # BLAS reads the transpose as it lies
            taps = np.ascontiguousarray(self.weight[:, some]).reshape(-1, math.prod(self.weight.shape[2:])).T
        else:
            taps = np.ascontiguousarray(self.weight[some].transpose(2, 3, 1, 0))
            taps = taps.reshape(-1, math.prod(taps.shape[2:]))
        G = kernel_matrix(plan.transforms, self.rotated, self.weight.dtype)
        U = workspace.empty("winograd kernels", (len(G), taps.shape[1]), taps.dtype)
        np.matmul(G, taps, out=U)
        return U.reshape(len(G), self.channels[0], -1)


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
