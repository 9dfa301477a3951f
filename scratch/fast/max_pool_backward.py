"""Backward of max pooling: each window's gradient goes to the cell that it won, lattice by lattice.

Taps that are a multiple of the stride apart meet the same cells, which are a stride apart: a lattice. For k = 3, s = 2:

    cells       0  1  2  3  4  5         taps 0 and 2 meet the odd ones, tap 1 the even ones (p = 1)

So for each lattice the gradients that its taps won are added up side by side, and written once to where cells lie
apart. A gradient's bits, as an integer, times 1 or 0 are the gradient or +0.0; a product of the numbers would
be NaN for infinity * 0, and -0.0 for -1 * 0.

Time relative to that of adding tap after tap to where its cells lie apart, 16x64x112x112, NHWC memory, 2 cores of a
Xeon 2.3 GHz, float32: 3x3, stride 2  0.75, 2x2  0.94.
"""

import numpy as np

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast import blocks, max_pool_small, threads, workspace
from scratch.fast.columns import by_planes
from scratch.fast.layout import nhwc_view
from scratch.fast.select import bits
from scratch.fast.taps import Lattice, as_it_lies, axes, dense, lattices, with_channels

FLOPS = 40
"""What a matrix product computes in the time that one number takes here: see threads.parts."""

BACKWARD_BLOCKS = 3
"""How much larger the blocks are in backward, which takes so many operations that threads wait for each other: with
blocks of CACHE_BYTES two threads took 15.2 ms, with larger ones 12.9 (3x3, stride 2, 16x64x112x112)."""


def max_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Give each window's gradient to the cell that held its maximum.

    Blocks are rows of dx, so that each is written by one block.
    """
    if isinstance(saved, max_pool_small.Won):
        return max_pool_small.max_pool2d_backward(dy, saved)
    winner, (_, C, H, W), window = saved
    down, across = axes(window, (H, W))
    gradients, winners = nhwc_view(dy), nhwc_view(winner)
    if by_planes(winner, across.windows) and dy.flags.c_contiguous:
        gradients, winners = as_it_lies(dy, across.windows), as_it_lies(winner, across.windows)
    n, _, _, c = winners.shape
    dx = np.empty((n, H, W, c), dy.dtype)
    columns = lattices(across, (0, across.windows), (0, W))
    row_bytes = 3 * across.windows * c * dx.itemsize // down.s  # gradients, a sum of them, and what is added to it

    def work(part: slice) -> None:
        mine, my_winners, my_dx = gradients[part], winners[part], dx[part]
        for some, rows in blocks.pieces(len(mine), H, row_bytes, BACKWARD_BLOCKS * blocks.CACHE_BYTES):
            first, last = down.windows_of(rows.start, rows.stop)
            values = bits(dense(mine[some, first:last], "pool gradients"))
            won_by = dense(my_winners[some, first:last], "pool winners")
            for lattice_i in lattices(down, (first, last), (rows.start, rows.stop)):
                for lattice_j in columns:
                    cells = my_dx[some, rows][:, lattice_i.cells, lattice_j.cells]
                    give(values, won_by, cells, lattice_i, lattice_j, across.k)

    threads.run(work, threads.parts(n, FLOPS * dx.size))
    return with_channels(dx, C)


def give(values: Array, won_by: Array, cells: Array, down: Lattice, across: Lattice, kW: int) -> None:
    """Fill the cells of a lattice with the gradients of the windows that they won; values are `bits`."""
    everywhere = (slice(0, cells.shape[1]), slice(0, cells.shape[2]))
    met = [(u, v) for u in down.taps for v in across.taps]
    met.sort(key=lambda uv: (uv[0].cells, uv[1].cells) != everywhere)  # the first one writes, the others add
    total = cells if len(met) == 1 else workspace.empty("pool total", cells.shape, cells.dtype)
    if not met or (met[0][0].cells, met[0][1].cells) != everywhere:
        total[...] = 0
    for some in blocks.blocks(len(met), won_by.size):
        taps = np.array([u.tap * kW + v.tap for u, v in met[some]], won_by.dtype)
        won = workspace.empty("pool won", (len(taps), *won_by.shape), np.bool_)
        np.equal(won_by, taps[:, None, None, None, None], out=won)
        for (u, v), its_windows in zip(met[some], won, strict=True):
            its_values, its_total = values[:, u.windows, v.windows], total[:, u.cells, v.cells]
            if (u, v) == met[0]:
                np.multiply(its_values, its_windows[:, u.windows, v.windows], out=bits(its_total))
            else:
                more = workspace.empty("pool more", its_values.shape, cells.dtype)
                np.multiply(its_values, its_windows[:, u.windows, v.windows], out=bits(more))
                its_total += more
    if total is not cells:
        np.copyto(cells, total)
