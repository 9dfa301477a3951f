"""A strict stand-in for the module cupy: what gpu/ needs of it, on NumPy arrays, and nothing that CuPy lacks.

`namespace_of` finds this module by the class of an array, as it finds cupy, and the array code cannot tell the
difference. What would fail on a GPU fails here, too:

- an array is not converted to NumPy, nor mixed with NumPy's arrays, unless `asarray` or `get` says so;
- there are the functions and the keywords written down here, no others (tests compare each with CuPy's signature);
- what NumPy would return as a scalar is an array without dimensions;
- there are CuPy's dtypes, and `empty` is not zero.

Some of what CuPy would take is refused, for gpu/ does not want it: see OWN_RULES in parity_tests/gpu/test_stand_in.py.
Nothing warns of NaN and infinities, as nothing does on a GPU.

Source: CuPy 14.2, cupy/_core/core.pyx, _kernel.pyx, _routines_indexing.pyx and the functions' modules.
"""

from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.lib.mixins import NDArrayOperatorsMixin

from scratch.array import HostArray

__all__ = [  # what there is of CuPy
    "arange",
    "asarray",
    "broadcast_to",
    "concatenate",
    "copyto",
    "empty",
    "exp",
    "full",
    "lib",
    "log",
    "maximum",
    "moveaxis",
    "nan",
    "ndarray",
    "ones",
    "sqrt",
    "where",
    "zeros",
    "zeros_like",
]

DTYPES = "?bBhHiIlLqQefdFD"  # NumPy's characters for bool, the integers, half to double, complex of float and double
OPERATORS = [np.add, np.subtract, np.multiply, np.matmul, np.true_divide, np.floor_divide, np.remainder, np.power]
OPERATORS += [np.negative, np.absolute, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert]
OPERATORS += [np.less, np.less_equal, np.equal, np.not_equal, np.greater_equal, np.greater]

nan = np.nan


class ndarray(NDArrayOperatorsMixin):  # noqa: N801 (CuPy's name)
    """An array that claims to be in the memory of a GPU."""

    def __init__(self, host: HostArray) -> None:
        if host.dtype.char not in DTYPES:
            raise ValueError(f"Unsupported dtype {host.dtype}")
        self._host = host

    shape = property(lambda self: self._host.shape)
    strides = property(lambda self: self._host.strides)
    dtype = property(lambda self: self._host.dtype)
    ndim = property(lambda self: self._host.ndim)
    size = property(lambda self: self._host.size)
    itemsize = property(lambda self: self._host.itemsize)
    nbytes = property(lambda self: self._host.nbytes)
    T = property(lambda self: ndarray(self._host.T))

    # To the host and back. On a GPU, each of these waits until all that was asked for is computed.

    def get(self) -> HostArray:
        """Copy to host memory."""
        return np.array(self._host, order="C")

    def __bool__(self) -> bool:
        return bool(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __float__(self) -> float:
        return float(self.get())

    def __repr__(self) -> str:
        return repr(self.get())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> HostArray:
        """Refuse what NumPy's functions try first."""
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array "
            "explicitly."
        )

    def __array_function__(self, function: Any, *_: Any) -> Any:
        """Refuse NumPy's functions; CuPy would answer with its own of that name."""
        raise TypeError(f"numpy.{function.__name__} of a GPU array; call the function of its namespace instead")

    # Operators (the mixin hands them over as NumPy's ufuncs) and elements.

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (None,), **keywords: Any) -> Any:
        """Compute an operator."""
        if method != "__call__" or keywords or ufunc not in OPERATORS:
            raise TypeError(f"numpy.{ufunc.__name__}, {method}, {keywords}: gpu/ calls only operators this way")
        return compute(ufunc, *inputs, out=out[0])

    def __len__(self) -> int:
        return len(self._host)

    def __getitem__(self, key: Any) -> "ndarray":
        """View a part; or copy what an array of positions names, or of booleans (a GPU is then waited for)."""
        if isinstance(key, ndarray):
            return ndarray(np.asarray(self._host[key.get() if key.dtype == bool else unwrap(key)]))
        return ndarray(self._host[basic(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        """Copy values into a part."""
        with np.errstate(all="ignore"):
            self._host[basic(key)] = unwrap(value)

    # Methods

    def astype(self, dtype: Any, *, copy: bool = True) -> "ndarray":
        """Convert to another dtype."""
        with np.errstate(all="ignore"):
            return ndarray(self._host.astype(dtype, copy=copy))

    def copy(self) -> "ndarray":
        """Copy, within the GPU."""
        return ndarray(self._host.copy())

    def reshape(self, *shape: Any) -> "ndarray":
        """View in another shape, or copy if there is no such view."""
        return ndarray(self._host.reshape(*shape))

    def swapaxes(self, axis1: int, axis2: int) -> "ndarray":
        """View with two axes swapped."""
        return ndarray(self._host.swapaxes(axis1, axis2))

    def sum(self, axis: Any = None, *, keepdims: bool = False) -> "ndarray":
        """Add up."""
        with np.errstate(all="ignore"):
            return ndarray(np.asarray(self._host.sum(axis, keepdims=keepdims)))

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> "ndarray":
        """Average."""
        with np.errstate(all="ignore"):
            return ndarray(np.asarray(self._host.mean(axis, keepdims=keepdims)))

    def max(self, axis: Any = None, *, keepdims: bool = False) -> "ndarray":
        """Find the largest."""
        return ndarray(np.asarray(self._host.max(axis, keepdims=keepdims)))

    def argmax(self, axis: Any = None, *, keepdims: bool = False) -> "ndarray":
        """Find where the largest is."""
        return ndarray(np.asarray(self._host.argmax(axis, keepdims=keepdims)))

    def any(self, axis: Any = None, *, keepdims: bool = False) -> "ndarray":
        """Tell whether one is true."""
        return ndarray(np.asarray(self._host.any(axis, keepdims=keepdims)))


def unwrap(value: Any) -> Any:
    """What NumPy computes with: the inside of an array, or a scalar; refuses all else, NumPy's arrays above all."""
    if isinstance(value, ndarray):
        return value._host  # noqa: SLF001 (its own module)
    if isinstance(value, bool | int | float | complex | np.generic):
        return value
    raise TypeError(f"Unsupported type {type(value)}")


def basic(key: Any) -> tuple[Any, ...]:
    """An index that gives a view, even of a single element; refuses arrays and lists in it.

    CuPy moves lists and NumPy's arrays to the GPU without a word. Where an assignment names a place twice, it is
    undefined which value wins.
    """
    keys = key if isinstance(key, tuple) else (key,)
    for each in keys:
        if isinstance(each, bool) or not (each is None or each is ... or isinstance(each, slice | int | np.integer)):
            raise IndexError(f"index {type(each)}: gpu/ indexes with integers, slices, None and ... only")
    return keys if any(each is ... for each in keys) else (*keys, ...)


def compute(ufunc: Callable[..., Any], /, *inputs: Any, out: Any = None) -> ndarray:
    """Apply a function to each element, or multiply matrices."""
    values = [unwrap(each) for each in inputs]
    if ufunc is np.matmul and any(value.ndim != 2 for value in values):
        raise ValueError("matmul beyond two dimensions: CuPy copies transposed operands; reshape, or loop")
    with np.errstate(all="ignore"):
        if out is None:
            return ndarray(np.asarray(ufunc(*values)))
        if not isinstance(out, ndarray):
            raise TypeError(f"Unsupported type {type(out)}")
        ufunc(*values, out=unwrap(out))
        return out


# Functions of the module cupy. Each takes some of the arguments of CuPy's, by their names and in their order.

exp = partial(compute, np.exp)
log = partial(compute, np.log)
maximum = partial(compute, np.maximum)
sqrt = partial(compute, np.sqrt)


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


def moveaxis(a: ndarray, source: int, destination: int) -> ndarray:
    """View an array with an axis at another place."""
    return ndarray(np.moveaxis(unwrap(a), source, destination))


def as_strided(x: ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> ndarray:
    """View an array by other steps in memory; refuses to leave it, where CuPy would read what is beyond."""
    inside, view = byte_bounds(unwrap(x)), np.lib.stride_tricks.as_strided(unwrap(x), shape, strides)
    low, high = byte_bounds(view)
    if low < inside[0] or high > inside[1]:
        raise ValueError(f"as_strided: shape {shape} with strides {strides} leaves x of {inside[1] - inside[0]} bytes")
    return ndarray(view)


lib = SimpleNamespace(stride_tricks=SimpleNamespace(as_strided=as_strided))
