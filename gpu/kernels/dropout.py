"""Dropout by a kernel, one thread for four numbers: dropout.cu has the picture.

The loops this replaces: scratch/naive/dropout.py. On the GPU with array functions: gpu/dropout.py.
"""

from gpu.declaration import Source
from gpu.kernels.convolution import HALF_TO_DOUBLE
from gpu.runtime import blocks_for, launch
from scratch.array import Array, namespace_of
from scratch.contracts import Key, Saved
from scratch.philox import scale, threshold

SOURCE = Source("dropout.cu")
DROPOUT = SOURCE.kernel(
    "dropout",
    "const T* x, T* y, long long count, unsigned int key0, unsigned int key1, long long threshold, double scale",
    {"x": "count", "y": "count"},
    HALF_TO_DOUBLE,
)


def dropout(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Zero each number with probability p, and scale the others.

    Parameters, returns: as `scratch.naive.dropout.dropout`.
    """
    return times_mask(x, p, key), (p, key)


def dropout_backward(dy: Array, saved: Saved) -> Array:
    """Multiply dy by the same factors."""
    return times_mask(dy, *saved)


def times_mask(x: Array, p: float, key: Key) -> Array:
    """Launch the kernel, which is the same in both directions."""
    xp = namespace_of(x)
    y: Array = xp.empty(x.shape, x.dtype)
    if x.size:
        rounded = float(x.dtype.type(scale(p)))  # as the array code rounds it, once
        launch(
            DROPOUT,
            blocks_for(-(-x.size // 4)),
            x=xp.ascontiguousarray(x),
            y=y,
            count=x.size,
            key0=key[0],
            key1=key[1],
            threshold=threshold(p),
            scale=rounded,
        )
    return y
