"""Convolution as a matrix product whose columns are never stored: conv_implicit_gemm.cu has the picture.

The loops this replaces: scratch/naive/conv.py. On the GPU with stored columns: gpu/conv.py.
"""

from math import prod

from gpu.blocks import BLOCK_BYTES
from gpu.declaration import Source
from gpu.kernels.channel_sums import channel_sums
from gpu.kernels.convolution import HALF_TO_DOUBLE, SIZES, STRUCT, prepared
from gpu.runtime import blocks_for, launch
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.geometry import Window2d

SOURCE = Source("conv_implicit_gemm.cu", STRUCT | {"Split": "int slices, parts; long long positions"})
FORWARD = SOURCE.kernel(
    "conv_implicit_gemm",
    "const T* x, const T* weight, const T* bias, T* y, Convolution g",
    SIZES,
    HALF_TO_DOUBLE,
    optional=["bias"],
)
DX = SOURCE.kernel("conv_implicit_gemm_dx", "const T* dy, const T* weight, T* dx, Convolution g", SIZES, HALF_TO_DOUBLE)
WITH_SUMS = SIZES | {"sums": "slices parts O Cg kH kW"}
DWEIGHT = SOURCE.kernel(
    "conv_implicit_gemm_dweight",
    "const T* x, const T* dy, T* dweight, T* sums, Convolution g, Split split",
    WITH_SUMS,
    HALF_TO_DOUBLE,
    optional=["dweight", "sums"],
)
ADD = SOURCE.kernel(
    "conv_implicit_gemm_add", "const T* sums, T* dweight, Convolution g, Split split", WITH_SUMS, HALF_TO_DOUBLE
)
COLUMNS, STRIP, THREADS = 128, 16, 128  # as in conv_implicit_gemm.cu

BLOCKS = 512
"""So many blocks dweight is cut into, if it is worth it: about four for each multiprocessor of a large GPU."""

SHORTEST = 256
"""So many positions a slice has at least: its sums, 64 x 128 of each block, are then small against what it reads."""


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over every image.

    Parameters, returns: as `scratch.naive.conv.conv2d`.
    """
    x, weight, bias, y, g = prepared(x, weight, bias, window, groups)
    if y.size:
        grid = groups * tiles(g["Og"], g["N"] * g["outH"] * g["outW"], x.itemsize)
        launch(FORWARD, grid, THREADS, x=x, weight=weight, bias=bias, y=y, g=g)
    return y, (x, weight, bias, g)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Compute dx and dweight by two more matrix products, gathered from dy and from x.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`.
    """
    x, weight, bias, g = saved
    xp, groups = namespace_of(dy), g["O"] // g["Og"]
    dy = xp.ascontiguousarray(dy)
    dx = xp.empty(x.shape, dy.dtype) if needs_dx else None
    if dx is not None and dx.size:
        kinds = min(g["sH"], g["H"]) * min(g["sW"], g["W"])
        most = g["N"] * -(-g["H"] // g["sH"]) * -(-g["W"] // g["sW"])
        grid = groups * kinds * tiles(g["Cg"], most, x.itemsize)
        launch(DX, grid, THREADS, dy=dy, weight=weight, dx=dx, g=g)

    dweight = xp.empty(weight.shape, dy.dtype)
    blocks = groups * tiles(g["Og"], prod(weight.shape[1:]), x.itemsize)
    split = split_for(blocks, dy.size // g["O"], weight.size, dy.itemsize)
    slices = split["slices"]
    sums = xp.empty((slices, split["parts"], *weight.shape), dy.dtype) if slices > 1 else None
    result = dweight if sums is None else None
    launch(DWEIGHT, blocks * slices, THREADS, x=x, dy=dy, dweight=result, sums=sums, g=g, split=split)
    if sums is not None:
        launch(ADD, blocks_for(dweight.size), sums=sums, dweight=dweight, g=g, split=split)
    return dx, dweight, None if bias is None else channel_sums(dy)


def tiles(rows: int, columns: int, itemsize: int) -> int:
    """How many tiles cover a matrix: they have 64 rows, of float64 32.

    >>> tiles(64, 129, itemsize=4), tiles(64, 129, itemsize=8)
    (2, 4)
    """
    return -(-rows // (32 if itemsize == 8 else 64)) * -(-columns // COLUMNS)


def split_for(blocks: int, positions: int, weights: int, itemsize: int) -> dict[str, int]:
    """Cut the sums over all positions into slices: enough to fill a GPU, few enough for BLOCK_BYTES of partial sums.

    Parameters
    ----------
    blocks : of one slice
    positions : the length of the sums
    weights, itemsize : how many sums there are, and bytes of a number; sums of halves are in float

    Returns
    -------
    the struct Split

    >>> split_for(blocks=4, positions=100_000, weights=30_000, itemsize=4)
    {'slices': 128, 'parts': 1, 'positions': 784}
    """
    parts = 2 if itemsize == 2 else 1
    affordable = BLOCK_BYTES // (weights * parts * itemsize)
    slices = max(1, min(-(-BLOCKS // blocks), positions // SHORTEST, affordable))
    length = max(1, -(-positions // (slices * STRIP))) * STRIP
    return {"slices": max(1, -(-positions // length)), "parts": parts, "positions": length}
