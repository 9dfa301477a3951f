"""Max and average pooling by kernels, which gather in both directions: pool.cu has the picture.

The loops this replaces: scratch/naive/pool.py. On the GPU tap by tap: gpu/pool.py.
"""

from typing import Any

from gpu.declaration import FLOATS, Source
from gpu.kernels.convolution import check_reach
from gpu.runtime import blocks_for, launch
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.geometry import Window2d

SOURCE = Source(
    "pool.cu",
    {
        "Pool": "int planes, H, W, outH, outW; int kH, kW, sH, sW, dH, dW; int top, bottom, left, right",
        "Divisor": "bool count_include_pad; long long fixed",
    },
)
SIZES = dict.fromkeys(["x", "dx"], "planes H W") | dict.fromkeys(["y", "dy", "indices"], "planes outH outW")
ANY = (*FLOATS, "uint8", "int8", "int16", "int32", "int64")
MAX = SOURCE.kernel("max_pool", "const T* x, T* y, long long* indices, Pool g", SIZES, ANY)
MAX_BACKWARD = SOURCE.kernel("max_pool_backward", "const T* dy, const long long* indices, T* dx, Pool g", SIZES)
AVG = SOURCE.kernel("avg_pool", "const T* x, T* y, Pool g, Divisor divisor", SIZES, (*FLOATS, "int64"))
AVG_BACKWARD = SOURCE.kernel("avg_pool_backward", "const T* dy, T* dx, Pool g, Divisor divisor", SIZES)


def max_pool2d(x: Array, window: Window2d) -> tuple[Array, Saved]:
    """Find the largest value under each window, and where it stands.

    Parameters, returns: as `scratch.naive.pool.max_pool2d`.
    """
    xp, g = namespace_of(x), geometry(x, window)
    x = xp.ascontiguousarray(x)
    y = xp.empty((*x.shape[:2], g["outH"], g["outW"]), x.dtype)
    indices = xp.empty(y.shape, "int64")
    if y.size:
        launch(MAX, blocks_for(y.size), x=x, y=y, indices=indices, g=g)
    return y, (indices, x.shape, g)


def max_pool2d_indices(saved: Saved) -> Array:
    """Tell where each maximum stands: int64, flat in one unpadded H*W plane, shaped like y."""
    indices: Array = saved[0]
    return indices.copy()  # backward reads them, whatever becomes of those given away


def max_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Collect for each cell the gradients of the windows whose maximum stands there."""
    indices, x_shape, g = saved
    xp = namespace_of(dy)
    dx: Array = xp.empty(x_shape, dy.dtype)
    if dx.size:
        launch(MAX_BACKWARD, blocks_for(dx.size), dy=xp.ascontiguousarray(dy), indices=indices, dx=dx, g=g)
    return dx


def avg_pool2d(
    x: Array, window: Window2d, count_include_pad: bool = True, divisor_override: int | None = None
) -> tuple[Array, Saved]:
    """Average the values under each window.

    Parameters, returns: as `scratch.naive.pool.avg_pool2d`.
    """
    xp, g = namespace_of(x), geometry(x, window)
    divisor = {"count_include_pad": count_include_pad, "fixed": divisor_override or 0}
    y = xp.empty((*x.shape[:2], g["outH"], g["outW"]), x.dtype)
    if y.size:
        launch(AVG, blocks_for(y.size), x=xp.ascontiguousarray(x), y=y, g=g, divisor=divisor)
    return y, (x.shape, g, divisor)


def avg_pool2d_backward(dy: Array, saved: Saved) -> Array:
    """Collect for each cell its share of the windows that cover it."""
    x_shape, g, divisor = saved
    xp = namespace_of(dy)
    dx: Array = xp.empty(x_shape, dy.dtype)
    if dx.size:
        launch(AVG_BACKWARD, blocks_for(dx.size), dy=xp.ascontiguousarray(dy), dx=dx, g=g, divisor=divisor)
    return dx


def geometry(x: Array, window: Window2d) -> dict[str, Any]:
    """The struct Pool for one x; raises as `convolution.check_reach`."""
    N, C, H, W = x.shape
    check_reach(window, (H, W))
    (outH, outW), (kH, kW), (sH, sW) = window.output_size((H, W)), window.kernel_size, window.stride
    (dH, dW), ((top, bottom), (left, right)) = window.dilation, window.padding
    g = {"planes": N * C, "H": H, "W": W, "outH": outH, "outW": outW, "kH": kH, "kW": kW, "sH": sH, "sW": sW}
    return g | {"dH": dH, "dW": dW, "top": top, "bottom": bottom, "left": left, "right": right}
