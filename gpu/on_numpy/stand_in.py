"""A strict stand-in for the module cupy: what gpu/ needs of it, on NumPy arrays, and nothing that CuPy lacks.

`namespace_of` finds this module by the class of an array, as it finds cupy, and the array code cannot tell the
difference. What would fail on a GPU fails here, too:

- an array is not converted to NumPy, nor mixed with NumPy's arrays, unless `asarray` or `get` says so;
- there are the functions and the keywords written down here, no others (tests compare each with CuPy's signature);
- what NumPy would return as a scalar is an array without dimensions;
- there are CuPy's dtypes, and `empty` is not zero.

Some of what CuPy would take is refused, for gpu/ does not want it: see OWN_RULES in parity_tests/gpu/test_stand_in.py.
Nothing warns of NaN and infinities, as nothing does on a GPU.

The array itself is in stand_in_array.py, the Fourier transforms in stand_in_fft.py.

Source: CuPy 14.2, the functions' modules.
"""

from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from gpu.on_numpy import stand_in_fft as fft
from gpu.on_numpy.stand_in_array import compute, ndarray, unwrap

__all__ = [  # what there is of CuPy
    "arange",
    "asarray",
    "ascontiguousarray",
    "broadcast_to",
    "clip",
    "concatenate",
    "conj",
    "copysign",
    "copyto",
    "divide",
    "empty",
    "empty_like",
    "exp",
    "expm1",
    "fft",
    "full",
    "isfinite",
    "lib",
    "linalg",
    "log",
    "log1p",
    "logaddexp",
    "maximum",
    "minimum",
    "moveaxis",
    "multiply",
    "nan",
    "ndarray",
    "negative",
    "ones",
    "rint",
    "roll",
    "sqrt",
    "stack",
    "subtract",
    "take",
    "tanh",
    "where",
    "zeros",
    "zeros_like",
]

nan = np.nan

# Functions of the module cupy. Each takes some of the arguments of CuPy's, by their names and in their order.


class Maximum(partial[Any]):
    """The larger of two numbers; and, of the numbers that name a place, the largest."""

    def at(self, a: ndarray, indices: ndarray, b: ndarray) -> None:
        """Keep at each of some places the largest of what is there and all numbers that name it.

        CuPy takes these dtypes only. Its order is any, which a maximum does not depend on; `add.at` is not here.
        """
        if a.dtype.char not in "iILQfd" or b.dtype != a.dtype:
            raise TypeError("cupy.maximum.at only supports int32, float32, float64, uint32, uint64 as data type")
        np.maximum.at(unwrap(a), unwrap(indices), unwrap(b))


conj = partial(compute, np.conj)
copysign = partial(compute, np.copysign)
divide = partial(compute, np.divide)
exp = partial(compute, np.exp)
expm1 = partial(compute, np.expm1)
isfinite = partial(compute, np.isfinite)
log = partial(compute, np.log)
log1p = partial(compute, np.log1p)
logaddexp = partial(compute, np.logaddexp)
maximum = Maximum(compute, np.maximum)
minimum = partial(compute, np.minimum)
multiply = partial(compute, np.multiply)
negative = partial(compute, np.negative)
rint = partial(compute, np.rint)
sqrt = partial(compute, np.sqrt)
subtract = partial(compute, np.subtract)
tanh = partial(compute, np.tanh)


def asarray(a: Any, dtype: Any = None) -> Any:
    """Move an array, a number or a list to the GPU; leave there what is there."""
    if isinstance(a, ndarray):
        return a.astype(a.dtype if dtype is None else dtype, copy=False)
    return ndarray(np.array(a, dtype))


def arange(start: int, /) -> ndarray:
    """Count from 0 to before a number (which CuPy calls start, if there is no stop)."""
    return ndarray(np.arange(start))


def empty(shape: Any, dtype: Any = float) -> ndarray:
    """Take memory as it is: here each byte is 255, which makes a float NaN and an integer -1 or the largest."""
    wanted = np.dtype(dtype)
    size = int(np.prod(shape)) * wanted.itemsize
    return ndarray(np.full(size, 255, np.uint8).view(wanted).reshape(shape))


def empty_like(prototype: ndarray, *, shape: tuple[int, ...] | None = None) -> ndarray:
    """Take memory for an array like another, or for one of another shape that lies in memory as that does."""
    like = np.empty_like(unwrap(prototype), shape=shape)
    if like.dtype.kind in "fc":
        like[...] = np.nan
    return ndarray(like)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> ndarray:
    """Make an array of one value."""
    return ndarray(np.full(shape, unwrap(fill_value), dtype))


def ones(shape: Any, dtype: Any = float) -> ndarray:
    """Make an array of ones."""
    return full(shape, 1, dtype)


def zeros(shape: Any, dtype: Any = float) -> ndarray:
    """Make an array of zeros."""
    return full(shape, 0, dtype)


def zeros_like(a: ndarray) -> ndarray:
    """Make an array of zeros of the shape and dtype of another."""
    return zeros(a.shape, a.dtype)


def where(condition: ndarray, x: Any, y: Any) -> ndarray:
    """Take x where the condition is true, and y elsewhere."""
    return compute(np.where, condition.astype(bool, copy=False), x, y)


def copyto(dst: ndarray, src: Any, *, where: ndarray) -> None:
    """Copy src to dst where the mask is true."""
    np.copyto(unwrap(dst), unwrap(src), where=unwrap(where))


def broadcast_to(array: ndarray, shape: tuple[int, ...]) -> ndarray:
    """View an array in a larger shape."""
    return ndarray(np.broadcast_to(unwrap(array), shape))


def concatenate(tup: Sequence[ndarray], axis: int = 0) -> ndarray:
    """Join arrays along an axis."""
    return ndarray(np.concatenate([unwrap(each) for each in tup], axis))


def stack(tup: Sequence[ndarray], axis: int = 0) -> ndarray:
    """Arrays one after another along a new axis."""
    return ndarray(np.stack([unwrap(each) for each in tup], axis))


def moveaxis(a: ndarray, source: int, destination: int) -> ndarray:
    """View an array with an axis at another place."""
    return ndarray(np.moveaxis(unwrap(a), source, destination))


def roll(a: ndarray, shift: int, axis: int) -> ndarray:
    """Move along an axis; what leaves at its end comes in at its beginning."""
    return ndarray(np.roll(unwrap(a), shift, axis))


def take(a: ndarray, indices: ndarray, axis: int) -> ndarray:
    """Copy what stands at some positions along an axis; refuses to leave it, where CuPy would begin again."""
    return ndarray(np.take(unwrap(a), unwrap(indices), axis))


def ascontiguousarray(a: ndarray) -> ndarray:
    """Leave an array whose elements stand row by row in memory, copy another."""
    return ndarray(np.ascontiguousarray(unwrap(a)))


def clip(a: ndarray, a_min: float, a_max: float) -> ndarray:
    """Limit numbers; NaN stays NaN."""
    with np.errstate(all="ignore"):
        return ndarray(np.clip(unwrap(a), unwrap(a_min), unwrap(a_max)))


def norm(x: ndarray) -> ndarray:
    """Compute the root of the sum of squares."""
    with np.errstate(all="ignore"):
        return ndarray(np.asarray(np.linalg.norm(unwrap(x))))


def as_strided(x: ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> ndarray:
    """View an array by other steps in memory; refuses to leave it, where CuPy would read what is beyond."""
    inside, view = byte_bounds(unwrap(x)), np.lib.stride_tricks.as_strided(unwrap(x), shape, strides)
    low, high = byte_bounds(view)
    if low < inside[0] or high > inside[1]:
        raise ValueError(f"as_strided: shape {shape} with strides {strides} leaves x of {inside[1] - inside[0]} bytes")
    return ndarray(view)


lib = SimpleNamespace(stride_tricks=SimpleNamespace(as_strided=as_strided))
linalg = SimpleNamespace(norm=norm)
