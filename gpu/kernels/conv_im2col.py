"""Convolution by a matrix product, with kernels that make the columns and collect them: conv_im2col.cu has the picture.

The product is the operator `@` of two matrices: cuBLAS on the device. In the emulator, which has no cuBLAS, NumPy
multiplies; what is tried there is what is of our own, the columns and the way back.

The loops this replaces: scratch/naive/conv.py. With columns by array functions: gpu/conv.py.
"""

from gpu.conv import pieces
from gpu.declaration import Source
from gpu.kernels.channel_sums import channel_sums
from gpu.kernels.convolution import HALF_TO_DOUBLE, SIZES, STRUCT, geometry
from gpu.runtime import blocks_for, launch
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.geometry import Window2d

PIECE = {"Piece": "int first_n, images; int first_c; int first_i, rows; int first_h, height"}
SOURCE = Source("conv_im2col.cu", STRUCT | PIECE)
COLUMNS = dict.fromkeys(["columns", "dcolumns"], "Cg kH kW images rows outW")
IM2COL = SOURCE.kernel("im2col", "const T* x, T* columns, Convolution g, Piece p", SIZES | COLUMNS, HALF_TO_DOUBLE)
COL2IM = SOURCE.kernel(
    "col2im",
    "const T* dcolumns, T* dx, Convolution g, Piece p",
    SIZES | COLUMNS,
    HALF_TO_DOUBLE,
    updated=["dx"],
)


def conv2d(x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1) -> tuple[Array, Saved]:
    """Slide every filter over every image.

        y[o, (n, i, j)] = bias[o] + sum over (c, u, v) of  weight[o, (c, u, v)] * columns[(c, u, v), (n, i, j)]

    Parameters, returns: as `scratch.naive.conv.conv2d`.
    """
    xp, g = namespace_of(x), geometry(x, weight, window, groups)
    x = xp.ascontiguousarray(x)
    filters = weight.reshape(g["O"], -1)
    y = xp.empty((g["N"], g["O"], g["outH"], g["outW"]), x.dtype)

    for images, c, o, rows in pieces(x, weight, y.shape[2:], groups):
        piece = filters[o] @ columns_of(x, g, place(g, images, c, rows))  # (O/groups, n * rows * outW)
        if bias is not None:
            piece += bias[o, None]
        y[images, o, rows] = piece.reshape(g["Og"], -1, rows.stop - rows.start, g["outW"]).swapaxes(0, 1)
    return y, (x, weight, bias, g)


def conv2d_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Transpose both products: dweight = dy @ columns.T, dcolumns = weight.T @ dy.

    Parameters, returns: as `scratch.naive.conv.conv2d_backward`.
    """
    x, weight, bias, g = saved
    xp, dtype = namespace_of(dy), dy.dtype
    filters = weight.reshape(g["O"], -1)
    dfilters = xp.zeros(filters.shape, "float32" if dtype == "float16" else dtype)
    dx = xp.zeros(x.shape, dtype) if needs_dx else None

    for images, c, o, rows in pieces(x, weight, dy.shape[2:], g["O"] // g["Og"]):
        p = place(g, images, c, rows)
        piece = dy[images, o, rows].swapaxes(0, 1).reshape(g["Og"], -1)  # (O/groups, n * rows * outW)
        dfilters[o] += piece @ columns_of(x, g, p).T
        cells = p["images"] * g["Cg"] * p["height"] * g["W"]
        if dx is not None and cells:  # there are none if all windows of the piece lie in the padding
            launch(COL2IM, blocks_for(cells), dcolumns=filters[o].T @ piece, dx=dx, g=g, p=p)

    dweight = dfilters.reshape(weight.shape).astype(dtype, copy=False)
    return dx, dweight, None if bias is None else channel_sums(dy)


def place(g: dict[str, int], images: slice, c: slice, rows: slice) -> dict[str, int]:
    """The struct Piece for one of the pieces that `gpu.conv.pieces` cuts."""
    above, below = rows.start * g["sH"] - g["top"], (rows.stop - 1) * g["sH"] - g["top"] + g["dH"] * (g["kH"] - 1)
    first_h, last_h = max(above, 0), min(below, g["H"] - 1)
    p = {"first_n": images.start, "images": images.stop - images.start, "first_c": c.start}
    p |= {"first_i": rows.start, "rows": rows.stop - rows.start}
    return p | {"first_h": first_h, "height": max(last_h - first_h + 1, 0)}


def columns_of(x: Array, g: dict[str, int], p: dict[str, int]) -> Array:
    """The windows of one piece as columns, of shape (C/groups * kH * kW, n * rows * outW)."""
    taps, windows = g["Cg"] * g["kH"] * g["kW"], p["images"] * p["rows"] * g["outW"]
    columns: Array = namespace_of(x).empty((taps, windows), x.dtype)
    launch(IM2COL, taps * blocks_for(windows), x=x, columns=columns, g=g, p=p)
    return columns
