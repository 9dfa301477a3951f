"""What all kernels of convolution are told: the geometry, as in convolution.cuh, and how large their arrays are."""

from scratch.array import Array
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


def geometry(x: Array, weight: Array, window: Window2d, groups: int) -> dict[str, int]:
    """The struct Convolution for one x and weight."""
    outH, outW = window.output_size(x.shape[2:])
    (O, Cg, kH, kW), (sH, sW), (dH, dW) = weight.shape, window.stride, window.dilation
    (top, _), (left, _) = window.padding
    g = {**dict(zip("NCHW", x.shape, strict=True)), "O": O, "outH": outH, "outW": outW, "Cg": Cg, "kH": kH, "kW": kW}
    return g | {"Og": O // groups, "sH": sH, "sW": sW, "top": top, "left": left, "dH": dH, "dW": dW}
