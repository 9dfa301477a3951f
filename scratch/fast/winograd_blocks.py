"""How Winograd's convolution is cut, and the first half of its work on a block: tiles to V.

There are two ways to cut the work:

    by tiles      small U      each thread:  some tiles     V -> M -> y      all filters
    by filters    large U      first together V of many tiles, then each thread:  some filters    U -> M -> y

With 512 channels and filters U is 51 MB, five times the weights: made at once it would not fit the budget, and read
again for each small block of tiles it would cost more than it saves. By filters, each part of U is made once, used
while it is in the cache, and forgotten.

A block is large, and yet V and M of it are not: a few rows of frequencies at a time are made, multiplied and
transformed back. Large, since threads take turns at Python's lock between any two operations: of 16 images of 64
channels, 56x56, two threads took 13.5 ms in blocks of one image, a row of frequencies at a time, and 9.5 in blocks of
three or four and three rows (Xeon 2.3 GHz, two cores, F(4x4, 3x3)).
"""

import math
from collections.abc import Callable, Iterator

from scratch.array import Array, HostArray
from scratch.fast import threads, workspace
from scratch.fast.winograd_tiles import Block, Plan, cut, norm, part, runs
from scratch.fast.winograd_transforms import along, down
from scratch.geometry import Pair

BLOCK_BYTES = 16 * 2**20
"""What is transformed in a block in one thread."""

MOST_BYTES = 50 * 2**20
"""What is transformed and U, or the sums dU, take at most as much, in all threads together; or one tile in each."""

KERNEL_BYTES = 25 * 2**19
"""Where U takes more, the work is cut by filters; where those of two threads do, or of more, the sums are."""

CELLS_BYTES = 4 * 2**20
"""So much of x is copied, if need be, and transformed at a time."""

ROWS_TOGETHER = 3
"""So many rows of frequencies are made and multiplied at a time."""

UNPACKED = 10**6
"""Products of at most so many multiplications are done by BLAS without packing, if with so many rows as LONG: at 158
GFLOP/s for (196, 64) @ (64, 64), and 124 for (392, 64) @ (64, 64)."""

LONG = 128


def block_bytes(parts: int, beside: int) -> int:
    """How large a block by tiles is in each of so many threads, beside U, or dU of all of them."""
    return min(BLOCK_BYTES, (MOST_BYTES - beside) // parts)


def rows_of_frequencies(plan: Plan) -> Iterator[slice]:
    """Some at a time."""
    return runs(slice(0, plan.frequencies[0]), ROWS_TOGETHER)


def tiles_together(block: Block, C: int, F: int) -> int:
    """How many tiles make one product: those of all images, or of one where that is fast."""
    n, high, wide = block.shape
    return high * wide if high * wide >= LONG and high * wide * C * F <= UNPACKED else n * high * wide


def strips_of(x: Array, plan: Plan, block: Block) -> tuple[HostArray, float]:
    """The tiles of a block of x (N, H, W, C), their columns transformed by B; and the 2-norm of what is transformed."""
    axes = (plan.vertical, block.rows), (plan.horizontal, block.columns)
    rows, columns = ((axis.start(tiles.start), axis.cells(tiles)) for axis, tiles in axes)
    return strips(x, block, rows, columns, plan.matrices("B", x.dtype)[0], plan.steps[0], "winograd strips")


def strips_of_outputs(dy: Array, plan: Plan, block: Block) -> tuple[HostArray, float]:
    """The same for the outputs of the tiles, dy (N, outH, outW, O), and A; 0 where a tile hangs over."""
    (_, high, wide), (down, right) = block.shape, plan.steps
    rows, columns = (block.rows.start * down, high * down), (block.columns.start * right, wide * right)
    return strips(dy, block, rows, columns, plan.matrices("A", dy.dtype)[0], down, "winograd upstream")


def strips(
    x: Array, block: Block, rows: Pair, columns: Pair, matrix: HostArray, step: int, name: str
) -> tuple[HostArray, float]:
    """Transform columns, of some images at a time. Rows and columns: the first, and how many."""
    (n, high, _), C = block.shape, x.shape[3]
    found = workspace.empty(name, (len(matrix), n, high, columns[1] * C), x.dtype)
    sizes = []
    for few in runs(block.images, CELLS_BYTES // (rows[1] * columns[1] * C * x.itemsize)):
        cells, (above, before) = part(x, few, rows, columns)
        sizes.append(norm(cells))
        left, right = before * C, (before + cells.shape[2]) * C
        own = found[:, few.start - block.images.start : few.stop - block.images.start]
        own[..., :left] = own[..., right:] = 0
        down(cells, matrix, step, above, own[..., left:right])
    return found.reshape(len(matrix), n, high, columns[1], C), math.hypot(*sizes)


def tiles_of(strips: HostArray, plan: Plan, block: Block) -> Callable[[slice], HostArray]:
    """A function that makes V of some rows of frequencies, always in the same memory."""

    def some(rows: slice) -> HostArray:
        shape = rows.stop - rows.start, plan.frequencies[1], *block.shape, strips.shape[-1]
        V = workspace.empty("winograd tiles", shape, strips.dtype)
        along(strips[rows], plan.matrices("B", V.dtype)[1], plan.steps[1], V)
        return V

    return some


def transform_together(x: Array, plan: Plan, block: Block) -> tuple[HostArray, float]:
    """All V of a block, each thread some images; and the 2-norm of what is transformed."""
    V = workspace.empty("winograd tiles of all", (*plan.frequencies, *block.shape, x.shape[3]), x.dtype)
    start = block.images.start

    def some_images(part: slice) -> float:
        images = slice(start + part.start, start + part.stop)
        found, size = strips_of(x, plan, Block(images, block.rows, block.columns))
        along(found, plan.matrices("B", x.dtype)[1], plan.steps[1], V[:, :, part])
        return size

    sizes = threads.run(some_images, threads.parts(block.shape[0], 2.0 * V.size * max(plan.frequencies)))
    return V, math.hypot(*sizes)


def blocks_for_filters(x: Array, plan: Plan) -> Iterator[Block]:
    """As many tiles at a time as memory allows."""
    whole = Block(slice(0, len(x)), slice(0, plan.vertical.tiles), slice(0, plan.horizontal.tiles))
    return cut(whole, math.prod(plan.frequencies) * x.shape[3] * x.itemsize, MOST_BYTES // 3)


def filters_at_once(V: HostArray, plan: Plan, F: int, parts: int) -> int:
    """So many that U and M of them, in all threads together, take half of MOST_BYTES; about the same in each run."""
    tiles, C = math.prod(V.shape[2:5]), V.shape[5]
    each = math.prod(plan.frequencies) * C * V.itemsize + tiles * plan.tile_bytes(1, V.itemsize)
    most, own = max(1, MOST_BYTES // 2 // parts // each), -(-F // parts)
    at_once: int = -(-own // -(-own // most))
    return at_once
