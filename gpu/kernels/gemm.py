"""The dense layer by a matrix product of our own: gemm.cu has the picture.

The loops this replaces: scratch/naive/linear.py. On the GPU by cuBLAS: gpu/linear.py.
"""

from gpu.declaration import Source
from gpu.runtime import blocks_for, launch
from scratch.array import Array, namespace_of
from scratch.contracts import Saved

SOURCE = Source("gemm.cu", {"Product": "int M, N, K; long long a_row, a_column, b_row, b_column"})
GEMM = SOURCE.kernel(
    "gemm",
    "const T* a, const T* b, const T* bias, T* c, Product g",
    {"a": "M K", "b": "K N", "bias": "N", "c": "M N"},
    optional=["bias"],
)
SUMS = SOURCE.kernel("column_sums", "const T* a, T* sums, int M, int N", {"a": "M N", "sums": "N"})
TILE, THREADS = 64, 256  # as in gemm.cu


def linear(x: Array, weight: Array, bias: Array | None) -> tuple[Array, Saved]:
    """Multiply every row of x with every row of the weight: y = x @ weight.T + bias.

    Parameters, returns: as `scratch.naive.linear.linear`.
    """
    xp = namespace_of(x)
    x, weight = xp.ascontiguousarray(x), xp.ascontiguousarray(weight)
    bias = None if bias is None else xp.ascontiguousarray(bias)
    return product(x, weight.T, bias), (x, weight, bias)


def linear_backward(dy: Array, saved: Saved, needs_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """Compute dx = dy @ weight and dweight = dy.T @ x, and add up the rows of dy for dbias.

    Parameters, returns: as `scratch.naive.linear.linear_backward`.
    """
    x, weight, bias = saved
    xp = namespace_of(dy)
    dy = xp.ascontiguousarray(dy)
    dx = product(dy, weight) if needs_dx else None
    dweight = product(dy.T, x)
    if bias is None:
        return dx, dweight, None
    dbias = xp.empty(bias.shape, dy.dtype)
    launch(SUMS, blocks_for(dbias.size), a=dy, sums=dbias, M=len(dy), N=dbias.size)
    return dx, dweight, dbias


def product(a: Array, b: Array, bias: Array | None = None) -> Array:
    """Compute a @ b + bias of matrices in C order, or transposed ones."""
    (M, K), N = a.shape, b.shape[1]
    c: Array = namespace_of(a).empty((M, N), a.dtype)
    if c.size == 0:
        return c
    g = {"M": M, "N": N, "K": K}
    for name, matrix in (("a", a), ("b", b)):
        g |= {f"{name}_row": matrix.strides[0] // a.itemsize, f"{name}_column": matrix.strides[1] // a.itemsize}
    # The kernel is told how to walk through the memory, so it gets the matrix as it lies there.
    a, b = (each if each.strides[1] == each.itemsize else each.T for each in (a, b))
    launch(GEMM, -(-M // TILE) * -(-N // TILE), THREADS, a=a, b=b, bias=bias, c=c, g=g)
    return c
