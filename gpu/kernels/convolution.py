"""What all kernels of convolution are told: the geometry, as in convolution.cuh, and how large their arrays are."""

from scratch.array import Array, namespace_of
from scratch.geometry import Window2d

STRUCT = {"Convolution": "int N, C, H, W; int O, outH, outW; int Cg, kH, kW; int Og; int sH, sW, top, left; int dH, dW"}
SIZES = {
    "x": "N C H W",
    "dx": "N C H W",
    "weight": "O Cg kH kW",
    "dweight": "O Cg kH kW",
    "bias": "O",
    "y": "N O outH outW",
    "dy": "N O outH outW",
}
HALF_TO_DOUBLE = ("float16", "float32", "float64")


LARGEST_REACH = 2**30


def check_reach(window: Window2d, size: tuple[int, ...]) -> None:
    """Refuse a geometry whose positions along an axis do not fit into the int in which kernels count them.

    Offsets of a whole array are in 64 bits; a row or a column, with all that a window adds to it, is not.

    Raises
    ------
    ValueError
        if one axis, its padding, a stride and the extent of a window are more than 2**30 together
    """
    sides = zip(size, window.padding, window.stride, window.dilation, window.kernel_size, strict=True)
    reach = [n + sum(padding) + stride + dilation * kernel for n, padding, stride, dilation, kernel in sides]
    if max(reach) > LARGEST_REACH:
        raise ValueError(
            f"x of {size[0]} x {size[1]} with kernel_size={window.kernel_size}, stride={window.stride}, padding="
            f"{window.padding} and dilation={window.dilation} reaches over {reach}: kernels count up to {LARGEST_REACH}"
        )


def geometry(x: Array, weight: Array, window: Window2d, groups: int) -> dict[str, int]:
    """The struct Convolution for one x and weight; raises as `check_reach`."""
    check_reach(window, x.shape[2:])
    outH, outW = window.output_size(x.shape[2:])
    (O, Cg, kH, kW), (sH, sW), (dH, dW) = weight.shape, window.stride, window.dilation
    (top, _), (left, _) = window.padding
    g = {**dict(zip("NCHW", x.shape, strict=True)), "O": O, "outH": outH, "outW": outW, "Cg": Cg, "kH": kH, "kW": kW}
    return g | {"Og": O // groups, "sH": sH, "sW": sW, "top": top, "left": left, "dH": dH, "dW": dW}


def prepared(
    x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int
) -> tuple[Array, Array, Array | None, Array, dict[str, int]]:
    """What a forward is launched with: its operands in C order, an empty y, and the struct Convolution."""
    xp, g = namespace_of(x), geometry(x, weight, window, groups)
    y = xp.empty((g["N"], g["O"], g["outH"], g["outW"]), x.dtype)
    bias = None if bias is None else xp.ascontiguousarray(bias)
    return xp.ascontiguousarray(x), xp.ascontiguousarray(weight), bias, y, g
