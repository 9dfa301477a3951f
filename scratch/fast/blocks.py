"""Work in blocks, so that temporary arrays stay small whatever the batch."""

from collections.abc import Iterator

BLOCK_BYTES = 4 * 2**20
"""How much temporary memory one block may take: it fits a core's caches, and is far below the 64 MiB that
parity_tests/memory allows to temporary arrays."""

CACHE_BYTES = 4 * 2**20
"""How much of the input a block has where each number is touched a few times only.

One core alone is fastest with 512 KiB, which its own cache holds. But several threads take turns at Python's lock
between any two operations, and an operation of less than about 30 microseconds is over before the lock has changed
hands: two threads at blocks of 512 KiB took 16.2 ms for a max pool where one took 12.1, and with 4 MiB 8.3 (2x2 on
16x64x112x112, two cores of a Xeon at 2.3 GHz; average pool 7.0 and 4.0, BatchNorm 28.8 and 22.3)."""


def blocks(count: int, bytes_each: int, block_bytes: int | None = None) -> Iterator[slice]:
    """Cut `count` things of `bytes_each` into runs of at most `block_bytes` (BLOCK_BYTES), at least one thing in each.

    >>> [(run.start, run.stop) for run in blocks(5, bytes_each=BLOCK_BYTES // 2)]
    [(0, 2), (2, 4), (4, 5)]
    """
    step = max(1, (BLOCK_BYTES if block_bytes is None else block_bytes) // max(bytes_each, 1))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def pieces(N: int, H: int, row_bytes: int, block_bytes: int | None = None) -> Iterator[tuple[slice, slice]]:
    """Cut N images of H rows into blocks: of whole images, or, where one is too large, of rows of one image.

    A block is at most `block_bytes` large (BLOCK_BYTES), or one row.

    >>> list(pieces(3, 8, row_bytes=BLOCK_BYTES // 16))
    [(slice(0, 2, None), slice(0, 8, None)), (slice(2, 3, None), slice(0, 8, None))]
    >>> list(pieces(1, 8, row_bytes=BLOCK_BYTES // 4))
    [(slice(0, 1, None), slice(0, 4, None)), (slice(0, 1, None), slice(4, 8, None))]
    """
    block_bytes = BLOCK_BYTES if block_bytes is None else block_bytes
    if row_bytes * H <= block_bytes:
        for images in blocks(N, row_bytes * H, block_bytes):
            yield images, slice(0, H)
    else:
        for n in range(N):
            for rows in blocks(H, row_bytes, block_bytes):
                yield slice(n, n + 1), rows
