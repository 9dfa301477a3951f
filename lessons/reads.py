"""How often a kernel of gpu/kernels reads its arrays: its own text, run on numbers that count.

The kernels are templates over the type of their numbers. Here that is a type which knows whether it lies in an array of
the launch, and counts when it is read there; in registers and in shared memory it does not.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from gpu import emulator
from gpu.declaration import KERNELS
from gpu.kernels import conv_direct, gemm, stencil
from gpu.kernels.convolution import geometry
from gpu.runtime import blocks_for, scalar
from scratch.array import HostArray
from scratch.geometry import Window2d

COUNTED = """
static long long reads;
struct Counted {
    float value;
    int in_array;  // 1 in the arrays of a launch
    Counted() = default;
    Counted(float value) : value(value), in_array(0) {}
    Counted(const Counted& other) : value(other.get()), in_array(0) {}
    Counted& operator=(const Counted& other) {
        value = other.get();
        in_array = 0;
        return *this;
    }
    float get() const {
        reads += in_array == 1;
        return value;
    }
    void operator+=(const Counted& other) { value += other.get(); }
};
inline Counted operator+(const Counted& a, const Counted& b) { return a.get() + b.get(); }
inline Counted operator*(const Counted& a, const Counted& b) { return a.get() * b.get(); }
__global__ void told(long long* count) {
    count[0] = reads;
    reads = 0;
}
"""
DTYPE = np.dtype([("value", np.float32), ("in_array", np.int32)])
KERNELS_USED = ("conv_direct<Counted>", "gemm<Counted>", "stencil<Counted>")
THREADS = 128  # of a block, where nothing else is asked for


@cache
def module() -> emulator.Module:
    """The kernels, compiled."""
    text = COUNTED + "".join(f'#include "{name}.cu"\n' for name in ("conv_direct", "gemm", "stencil"))
    return emulator.Module(text, "reads.cu", ["told", *KERNELS_USED], [KERNELS])


def run(kernel: str, grid: int, block: Sequence[int], arguments: list[Any], shared_bytes: int = 0) -> int:
    """Launch a kernel, and tell how many numbers it has read from its arrays."""
    module().launch(f"{kernel}<Counted>", (grid,), tuple(block), arguments, shared_bytes=shared_bytes)
    count = np.zeros(1, np.int64)
    module().launch("told", (1,), (1,), [count])
    return int(count[0])


def counted(array: HostArray) -> HostArray:
    """The same numbers, which count."""
    out = np.ones(array.shape, DTYPE)
    out["value"] = array
    return out


def by_direct(x: HostArray, weight: HostArray) -> tuple[HostArray, int]:
    """Convolve, one thread for each output, which reads all that it needs.

    Parameters
    ----------
    x : (N, C, H, W) array
    weight : (O, C, kH, kW) array

    Returns
    -------
    y : (N, O, outH, outW) array
    reads : how many numbers of x and of the weight were read
    """
    g = geometry(x, weight, Window2d.of(weight.shape[2:]), 1)
    y = np.zeros((g["N"], g["O"], g["outH"], g["outW"]), DTYPE)
    struct = scalar(conv_direct.SOURCE, "g", "Convolution", g)
    arguments = [counted(x), counted(weight), None, y, struct]
    reads = run("conv_direct", blocks_for(y.size, THREADS), (THREADS,), arguments)
    return y["value"], reads


def by_stencil(picture: HostArray, kernel: HostArray, side: int) -> tuple[HostArray, int]:
    """Cross-correlate a picture, `side` x `side` outputs by each block, which shares their pixels.

    Parameters
    ----------
    picture, kernel : (H, W) and (kH, kW) arrays

    Returns
    -------
    y : (outH, outW) array
    reads : how many pixels and weights were read
    """
    (H, W), (kH, kW) = picture.shape, kernel.shape
    outH, outW = H - kH + 1, W - kW + 1
    y = np.zeros((outH, outW), DTYPE)
    g = {"N": 1, "H": H, "W": W, "outH": outH, "outW": outW, "kH": kH, "kW": kW, "sH": 1, "sW": 1, "rows": kH}
    shared = ((side + kH - 1) * (side + kW - 1) + kH * kW) * DTYPE.itemsize
    struct = scalar(stencil.SOURCE, "g", "Stencil", g)
    arguments = [counted(picture), counted(kernel), y, struct]
    reads = run("stencil", -(-outH // side) * -(-outW // side), (side, side), arguments, shared)
    return y["value"], reads


def by_gemm(a: HostArray, b: HostArray) -> tuple[HostArray, int]:
    """Multiply matrices in tiles.

    Parameters
    ----------
    a, b : (M, K) and (K, N) arrays

    Returns
    -------
    c : (M, N) array
    reads : how many numbers of both were read
    """
    (M, K), N = a.shape, b.shape[1]
    c = np.zeros((M, N), DTYPE)
    g = {"M": M, "N": N, "K": K, "a_row": K, "a_column": 1, "b_row": N, "b_column": 1}
    struct = scalar(gemm.SOURCE, "g", "Product", g)
    arguments = [counted(a), counted(b), None, c, struct]
    blocks = -(-M // gemm.TILE) * -(-N // gemm.TILE)
    return c["value"], run("gemm", blocks, (gemm.THREADS,), arguments)


def of_a_warp(apart: int) -> tuple[int, HostArray]:
    """What 32 threads ask for that stand side by side, when thread t reads float number t * apart.

    Returns
    -------
    pieces : of 32 bytes that the memory of arrays has to move
    banks : (32,) array, how many threads ask each bank of shared memory

    Source: NVIDIA, "CUDA C++ Best Practices Guide", coalesced access and shared memory banks.
    """
    read = np.arange(32) * apart
    return len(np.unique(read * 4 // 32)), np.bincount(read % 32, minlength=32)
