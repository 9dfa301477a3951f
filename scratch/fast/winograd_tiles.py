"""Images cut into tiles: where they lie, in blocks whose memory does not grow with the batch, and which are unsafe.

A tile of F(m, r) makes m outputs of m + r - 1 cells, so tiles overlap; the last one may hang over:

    padding . . 0 1 2 3 4 5 6 .               m = 4, r = 3, 7 cells with padding (2, 1): 8 outputs
    tile 0  [_________]
    tile 1          [_________]               cells  tile*m - before ...
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from scratch.array import Array, HostArray
from scratch.fast import threads, workspace
from scratch.fast.cook_toom import Transforms, arrays
from scratch.geometry import Pair

PAGE_BYTES, PLANES = 4096, 32
"""Of planes larger than a page, so many are turned into NHWC memory at a time, for the processor knows few pages at
once: 64 of 56x56 take 0.42 rather than 0.62 ns a number."""


class UnsafeError(ArithmeticError):
    """Numbers that are not finite, or so large that the transforms might make infinities of them.

    One infinity in a tile would spoil all outputs of the tile: such numbers are left to direct convolution.
    """


@dataclass(frozen=True)
class Axis:
    """One direction of an image, cut into tiles.

    Attributes
    ----------
    transforms : F(m, r)
    before : cells of zeros before the first one; if negative, cells that are left out
    out : outputs in all
    """

    transforms: Transforms
    before: int
    out: int

    @property
    def tiles(self) -> int:
        """How many tiles; the last one may hang over."""
        return -(-self.out // self.transforms.m)

    def start(self, tile: int) -> int:
        """The cell of the image where a tile begins."""
        return tile * self.transforms.m - self.before

    def cells(self, tiles: slice) -> int:
        """How many cells so many neighbouring tiles cover."""
        count: int = tiles.stop - tiles.start
        return count * self.transforms.m + self.transforms.r - 1

    def outputs(self, tiles: slice) -> slice:
        """The outputs of some tiles."""
        m = self.transforms.m
        return slice(tiles.start * m, min(tiles.stop * m, self.out))


@dataclass(frozen=True)
class Block:
    """Some images, and of them some rows and columns of tiles."""

    images: slice
    rows: slice
    columns: slice

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many images, rows and columns."""
        n, high, wide = (each.stop - each.start for each in (self.images, self.rows, self.columns))
        return n, high, wide


@dataclass(frozen=True)
class Plan:
    """How images are cut into tiles: along their vertical axis and their horizontal one."""

    vertical: Axis
    horizontal: Axis

    @property
    def transforms(self) -> tuple[Transforms, Transforms]:
        """Those of both axes."""
        return self.vertical.transforms, self.horizontal.transforms

    @property
    def steps(self) -> Pair:
        """Outputs of a tile."""
        return self.vertical.transforms.m, self.horizontal.transforms.m

    @property
    def frequencies(self) -> Pair:
        """Products of a tile."""
        return self.vertical.transforms.n, self.horizontal.transforms.n

    @property
    def products(self) -> int:
        """Those of all tiles of one image, for one channel and one filter."""
        return math.prod(self.frequencies) * self.vertical.tiles * self.horizontal.tiles

    def matrices(self, name: Literal["A", "B"], dtype: Any) -> tuple[HostArray, HostArray]:
        """Those of both axes."""
        vertical, horizontal = (arrays(F, dtype)["AB".index(name)] for F in self.transforms)
        return vertical, horizontal

    def tile_bytes(self, channels: int, itemsize: int) -> int:
        """What a tile of so many channels takes while it is transformed: strips, and one row of frequencies."""
        (p, q), columns = self.frequencies, self.horizontal.cells(slice(0, 1))
        return (p * columns + q) * channels * itemsize

    def parts(self, N: int, flops: float) -> list[Block]:
        """What each thread gets of N images: whole images, or if there is only one, rows of its tiles."""
        high, wide = slice(0, self.vertical.tiles), slice(0, self.horizontal.tiles)
        if N == 1:
            return [Block(slice(0, N), run, wide) for run in threads.parts(high.stop, flops)]
        return [Block(run, high, wide) for run in threads.parts(N, flops)]


def cut(whole: Block, tile_bytes: int, limit: int) -> Iterator[Block]:
    """Cut tiles into smaller blocks of at most `limit` bytes: whole images, or rows of one, or a part of one row.

    >>> whole = Block(slice(0, 4), slice(0, 2), slice(0, 5))
    >>> [block.shape for block in cut(whole, tile_bytes=1, limit=30)]
    [(3, 2, 5), (1, 2, 5)]
    >>> [block.shape for block in cut(whole, tile_bytes=1, limit=3)][:3]
    [(1, 1, 3), (1, 1, 2), (1, 1, 3)]
    """
    _, high, wide = whole.shape
    for images in runs(whole.images, limit // (high * wide * tile_bytes)):
        for rows in runs(whole.rows, limit // (wide * tile_bytes)):
            for columns in runs(whole.columns, limit // tile_bytes):
                yield Block(images, rows, columns)


def runs(whole: slice, most: int) -> Iterator[slice]:
    """Cut a run into runs of so many, and a last one; at least one in each. So memory is the same for a larger whole.

    >>> [(run.start, run.stop) for run in runs(slice(3, 13), most=4)]
    [(3, 7), (7, 11), (11, 13)]
    """
    step = max(1, most)
    for start in range(whole.start, whole.stop, step):
        yield slice(start, min(start + step, whole.stop))


def part(x: Array, images: slice, rows: Pair, columns: Pair) -> tuple[HostArray, Pair]:
    """A part of some images: x itself where it lies there in one piece, else a copy.

    Parameters
    ----------
    x : (N, H, W, C), a view of any memory
    images : which of them
    rows, columns : the first one and how many; those outside of x count as zeros

    Returns
    -------
    cells (n, rows, columns, C), C-contiguous, of those inside of x; and how many rows and columns are missing before
    """
    missing, inside = [], []
    for (start, length), there in zip((rows, columns), x.shape[1:3], strict=True):
        first = min(max(0, -start), length)
        missing.append(first)
        inside.append(slice(start + first, max(start + first, min(start + length, there))))
    cells = x[images, inside[0], inside[1]]
    if not cells.flags.c_contiguous:
        copy = workspace.empty("winograd cells", cells.shape, x.dtype)
        for some in runs(slice(0, x.shape[3]), PLANES if cells.strides[3] > PAGE_BYTES else x.shape[3]):
            copy[..., some] = cells[..., some]
        cells = copy
    return cells, (missing[0], missing[1])


def norm(values: Array) -> float:
    """The 2-norm of a C-contiguous array, by BLAS, while it is in the cache.

    Raises
    ------
    UnsafeError
        if the sum of squares is not finite: so no number is larger than the square root of the largest one
    """
    flat = values.reshape(-1)
    squares = float(np.dot(flat, flat))
    if not math.isfinite(squares):
        raise UnsafeError
    return math.sqrt(squares)


def safe(size: float, growth: float, dtype: Any) -> None:
    """Make sure that numbers of up to that size may grow by that factor.

    Raises
    ------
    UnsafeError
        if not
    """
    if not size * growth < float(np.finfo(dtype).max):
        raise UnsafeError
