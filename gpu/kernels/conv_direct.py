"""Convolution by kernels that follow the formula, one thread for each output: conv_direct.cu has the picture.

The loops this replaces: scratch/naive/conv.py. On the GPU by matrix products: gpu/conv.py.
"""

from gpu.declaration import Source
from gpu.kernels.channel_sums import channel_sums
from gpu.kernels.convolution import HALF_TO_DOUBLE, SIZES, STRUCT, prepared
from gpu.runtime import blocks_for, launch, threads_for
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.geometry import Window2d

SOURCE = Source("conv_direct.cu", STRUCT)
FORWARD = SOURCE.kernel(
    "conv_direct",
    "const T* x, const T* weight, const T* bias, T* y, Convolution g",
    SIZES,
    HALF_TO_DOUBLE,
    optional=["bias"],
)
DX = SOURCE.kernel("conv_direct_dx", "const T* dy, const T* weight, T* dx, Convolution g", SIZES, HALF_TO_DOUBLE)
DWEIGHT = SOURCE.kernel(
    "conv_direct_dweight", "const T* x, const T* dy, T* dweight, Convolution g", SIZES, HALF_TO_DOUBLE
)


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over every image.

    Parameters, returns: as `scratch.naive.conv.conv2d`.
    """
    x, weight, bias, y, g = prepared(x, weight, bias, window, groups)
    if y.size:
        launch(FORWARD, blocks_for(y.size), x=x, weight=weight, bias=bias, y=y, g=g)
    return y, (x, weight, bias, g)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Gather every gradient: each of its numbers is one sum, by one thread or one block.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`.
    """
    x, weight, bias, g = saved
    xp = namespace_of(dy)
    dy = xp.ascontiguousarray(dy)
    dx = xp.empty(x.shape, dy.dtype) if needs_dx else None
    if dx is not None and dx.size:
        launch(DX, blocks_for(dx.size), dy=dy, weight=weight, dx=dx, g=g)
    dweight = xp.empty(weight.shape, dy.dtype)
    launch(DWEIGHT, dweight.size, threads_for(dy.size // g["O"]), x=x, dy=dy, dweight=dweight, g=g)
    return dx, dweight, None if bias is None else channel_sums(dy)
