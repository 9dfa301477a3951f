"""How many threads take a row, and how many rows a block: rows.cuh has the picture."""

from gpu.runtime import blocks_for

LONGEST_OF_A_WARP = 1024  # numbers, 32 for each thread


def teams(rows: int, length: int) -> tuple[int, tuple[int, int]]:
    """Grid and block for rows of one length.

    >>> teams(10, 200), teams(10, 2000)
    ((3, (32, 4)), (10, (256, 1)))
    """
    team = (32, 4) if length <= LONGEST_OF_A_WARP else (256, 1)
    return blocks_for(rows, team[1]), team
