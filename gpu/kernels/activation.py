"""ReLU by a kernel, one thread for each number: activation.cu.

The loops this replaces: scratch/naive/activation.py. On the GPU with array functions: gpu/activation.py.
"""

from gpu.declaration import FLOATS, Source
from gpu.runtime import blocks_for, launch
from scratch.array import Array, namespace_of
from scratch.contracts import Saved

SOURCE = Source("activation.cu")
SIZES = dict.fromkeys(["x", "y", "dx", "dy"], "count")
ANY = (*FLOATS, "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
RELU = SOURCE.kernel("relu", "const T* x, T* y, long long count", SIZES, ANY)
RELU_BACKWARD = SOURCE.kernel("relu_backward", "const T* x, const T* dy, T* dx, long long count", SIZES)


def relu(x: Array) -> tuple[Array, Saved]:
    """Compute max(x, 0), NaN kept.

    Parameters, returns: as `scratch.naive.activation.relu`.
    """
    xp = namespace_of(x)
    y = xp.empty(x.shape, x.dtype)
    if x.size:
        launch(RELU, blocks_for(x.size), x=xp.ascontiguousarray(x), y=y, count=x.size)
    return y, x


def relu_backward(dy: Array, saved: Saved) -> Array:
    """Compute dx = dy where not x <= 0."""
    xp = namespace_of(dy)
    dx: Array = xp.empty(dy.shape, dy.dtype)
    if dy.size:
        x, dy = xp.ascontiguousarray(saved), xp.ascontiguousarray(dy)
        launch(RELU_BACKWARD, blocks_for(dy.size), x=x, dy=dy, dx=dx, count=dy.size)
    return dx
