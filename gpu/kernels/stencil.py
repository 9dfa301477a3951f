"""Cross-correlation of images by a kernel with shared memory: stencil.cu has the picture.

The loops this replaces: scratch/images/loops.py. On the GPU with array functions: gpu/filters/direct.py.
"""

import numpy as np

from gpu.declaration import Source
from gpu.runtime import MOST_SHARED_BYTES, launch
from scratch.array import Array, HostArray, namespace_of
from scratch.geometry import Pair, Window2d

SOURCE = Source("stencil.cu", {"Stencil": "int N, H, W, outH, outW; int kH, kW, sH, sW; int rows"})
STENCIL = SOURCE.kernel(
    "stencil",
    "const T* x, const T* kernel, T* y, Stencil g",
    {"x": "N H W", "kernel": "kH kW", "y": "N outH outW"},
)
ACROSS, DOWN = 32, 8  # outputs of a block; fewer rows where a stride is large


def correlate(padded: Array, kernel: HostArray, stride: Pair) -> Array:
    """Let every block compute a rectangle of y from a rectangle of the image in shared memory.

    Parameters, returns: as `scratch.images.loops.correlate`; the kernel is an array of the host.

    Raises
    ------
    ValueError
        if the stride or the kernel is so wide that not even one row fits into the shared memory of a block
    """
    xp, (N, H, W), (kH, kW), (sH, sW) = namespace_of(padded), padded.shape, kernel.shape, stride
    outH, outW = Window2d.of((kH, kW), stride).output_size((H, W))
    down, rows, shared_bytes = tile_of((kH, kW), stride, padded.itemsize)
    y: Array = xp.empty((N, outH, outW), padded.dtype)
    if y.size:
        g = {"N": N, "H": H, "W": W, "outH": outH, "outW": outW, "kH": kH, "kW": kW, "sH": sH, "sW": sW, "rows": rows}
        launch(
            STENCIL,
            N * -(-outH // down) * -(-outW // ACROSS),
            (ACROSS, down),
            shared_bytes=shared_bytes,
            x=xp.ascontiguousarray(padded),
            kernel=xp.asarray(np.ascontiguousarray(kernel)),
            y=y,
            g=g,
        )
    return y


def tile_of(kernel_size: Pair, stride: Pair, itemsize: int) -> tuple[int, int, int]:
    """How many rows of y a block computes, how many rows of the kernel it takes at a time, and its shared bytes.

    The most that fit: first of y, since each of its rows shares pixels with the next.

    >>> tile_of((3, 5), (1, 1), 4), tile_of((51, 51), (1, 1), 8), tile_of((3, 3), (40, 40), 8)
    ((8, 3, 1500), (8, 41, 48216), (1, 3, 29904))
    """
    (kH, kW), (sH, sW) = kernel_size, stride
    width = (ACROSS - 1) * sW + kW  # of the tile
    for down in (DOWN, DOWN // 2, DOWN // 4, 1):
        shared = (down - 1) * sH * width  # numbers that are needed whatever the rows; each row needs its own, too
        rows = min((MOST_SHARED_BYTES // itemsize - shared) // (width + kW), kH)
        if rows >= 1:
            return down, rows, (shared + rows * (width + kW)) * itemsize
    raise ValueError(
        f"method='stencil' copies what {ACROSS} outputs need of a row to shared memory, and with kernel_size="
        f"{kernel_size} and stride={stride} that does not fit into {MOST_SHARED_BYTES} bytes: use method='direct'"
    )
