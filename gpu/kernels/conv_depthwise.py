"""Depthwise convolution by kernels of its own, for layers whose outputs see one channel each: conv_depthwise.cu.

The loops this replaces: scratch/naive/conv.py. On the GPU by matrix products, group by group: gpu/conv.py.
"""

from gpu.declaration import Source
from gpu.kernels.channel_sums import channel_sums
from gpu.kernels.convolution import HALF_TO_DOUBLE, SIZES, STRUCT, prepared
from gpu.runtime import MOST_SHARED_BYTES, blocks_for, launch, threads_for
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.geometry import Window2d

SOURCE = Source("conv_depthwise.cu", STRUCT)
PARTS = SIZES | {"parts": "split O kH kW"}
FORWARD = SOURCE.kernel(
    "depthwise",
    "const T* x, const T* weight, const T* bias, T* y, Convolution g",
    SIZES,
    HALF_TO_DOUBLE,
    optional=["bias"],
)
DX = SOURCE.kernel("depthwise_dx", "const T* dy, const T* weight, T* dx, Convolution g", SIZES, HALF_TO_DOUBLE)
DWEIGHT = SOURCE.kernel(
    "depthwise_dweight", "const T* x, const T* dy, double* parts, Convolution g, int split", PARTS, HALF_TO_DOUBLE
)
ADD_UP = SOURCE.kernel(
    "depthwise_add_up", "const double* parts, T* dweight, Convolution g, int split", PARTS, HALF_TO_DOUBLE
)
TAPS = 9  # as in conv_depthwise.cu
ENOUGH_BLOCKS, ENOUGH_WINDOWS = 2048, 4096
"""dweight is split until there are that many blocks (some for each of the 100 to 200 multiprocessors of a large GPU),
or a block has no more than that many windows to add up."""


def serves(weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool:
    """Depthwise layers, as long as the filters of a channel fit into the shared memory of a block, even as float64."""
    O, Cg, kH, kW = weight_shape
    return Cg == 1 and O // groups * kH * kW * 8 <= MOST_SHARED_BYTES


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over the channel that is its own.

    Parameters, returns: as `scratch.naive.conv.conv2d`.
    """
    x, weight, bias, y, g = prepared(x, weight, bias, window, groups)
    if y.size:
        grid, block = over_planes(y)
        taps = g["kH"] * g["kW"]
        launch(FORWARD, grid, block, shared_bytes=shared(taps, x), x=x, weight=weight, bias=bias, y=y, g=g)
    return y, (x, weight, bias, g)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Gather dx, and add up dweight in parts.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`.
    """
    x, weight, bias, g = saved
    xp, taps = namespace_of(dy), g["kH"] * g["kW"]
    dy = xp.ascontiguousarray(dy)
    dx = xp.empty(x.shape, dy.dtype) if needs_dx else None
    if dx is not None and dx.size:
        grid, block = over_planes(dx)
        launch(DX, grid, block, shared_bytes=shared(g["Og"] * taps, dy), dy=dy, weight=weight, dx=dx, g=g)

    windows, blocks = dy.size // g["O"], g["O"] * blocks_for(taps, TAPS)
    split = max(1, min(blocks_for(ENOUGH_BLOCKS, blocks), blocks_for(windows, ENOUGH_WINDOWS)))
    parts = xp.empty((split, *weight.shape), "float64")
    launch(DWEIGHT, split * blocks, threads_for(windows // split), x=x, dy=dy, parts=parts, g=g, split=split)
    dweight = xp.empty(weight.shape, dy.dtype)
    launch(ADD_UP, blocks_for(dweight.size), parts=parts, dweight=dweight, g=g, split=split)
    return dx, dweight, None if bias is None else channel_sums(dy)


def over_planes(images: Array) -> tuple[int, int]:
    """Blocks and their threads, one thread for each number, such that each block stays in one plane."""
    N, C, H, W = images.shape
    block = threads_for(H * W)
    return N * C * blocks_for(H * W, block), block


def shared(count: int, like: Array) -> int:
    """How many bytes of shared memory that many weights take, in the type that is computed with."""
    return count * max(like.itemsize, 4)  # halves are held as float
