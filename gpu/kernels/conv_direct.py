"""Convolution by kernels that follow the formula, one thread for each output: conv_direct.cu has the picture.

The loops this replaces: scratch/naive/conv.py. On the GPU by matrix products: gpu/conv.py.
"""

from gpu.declaration import Source
from gpu.runtime import blocks_for, launch
from scratch.array import Array, namespace_of
from scratch.backend import Saved
from scratch.geometry import Window2d

SOURCE = Source(
    "conv_direct.cu",
    {"Convolution": "int N, C, H, W; int O, outH, outW; int Cg, kH, kW; int Og; int sH, sW, top, left; int dH, dW"},
)
SIZES = {
    "x": "N C H W",
    "dx": "N C H W",
    "weight": "O Cg kH kW",
    "dweight": "O Cg kH kW",
    "bias": "O",
    "dbias": "O",
    "y": "N O outH outW",
    "dy": "N O outH outW",
}
MOST_WARPS = 8  # of a block that adds up one number of dweight or dbias
HALF_TO_DOUBLE = ("float16", "float32", "float64")
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
DBIAS = SOURCE.kernel("conv_direct_dbias", "const T* dy, T* dbias, Convolution g", SIZES, HALF_TO_DOUBLE)


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over every image.

    Parameters, returns: as `scratch.naive.conv.conv2d`.
    """
    xp = namespace_of(x)
    x, weight = xp.ascontiguousarray(x), xp.ascontiguousarray(weight)
    bias = None if bias is None else xp.ascontiguousarray(bias)
    outH, outW = window.output_size(x.shape[2:])
    (O, Cg, kH, kW), (sH, sW), (dH, dW) = weight.shape, window.stride, window.dilation
    (top, _), (left, _) = window.padding
    sizes = dict(zip("NCHW", x.shape, strict=True))
    g = {**sizes, "O": O, "outH": outH, "outW": outW, "Cg": Cg, "kH": kH, "kW": kW, "Og": O // groups}
    g |= {"sH": sH, "sW": sW, "top": top, "left": left, "dH": dH, "dW": dW}
    y = xp.empty((len(x), O, outH, outW), x.dtype)
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
    warps = min(-(-dy.size // g["O"] // 32) or 1, MOST_WARPS)  # no more threads than terms, in whole warps
    launch(DWEIGHT, dweight.size, 32 * warps, x=x, dy=dy, dweight=dweight, g=g)
    if bias is None:
        return dx, dweight, None
    dbias = xp.empty(bias.shape, dy.dtype)
    launch(DBIAS, dbias.size, 32 * warps, dy=dy, dbias=dbias, g=g)
    return dx, dweight, dbias
