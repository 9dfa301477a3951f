"""The array of the stand-in for CuPy, and how functions take it apart and put it together again.

Source: CuPy 14.2, cupy/_core/core.pyx, _kernel.pyx, _routines_indexing.pyx.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from scratch.array import HostArray

DTYPES = "?bBhHiIlLqQefdFD"  # NumPy's characters for bool, the integers, half to double, complex of float and double
OPERATORS = [np.add, np.subtract, np.multiply, np.matmul, np.true_divide, np.floor_divide, np.remainder, np.power]
OPERATORS += [np.negative, np.absolute, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.right_shift]
OPERATORS += [np.less, np.less_equal, np.equal, np.not_equal, np.greater_equal, np.greater]


class ndarray(NDArrayOperatorsMixin):  # noqa: N801 (CuPy's name)
    """An array that claims to be in the memory of a GPU."""

    __module__ = "gpu.on_numpy.stand_in"  # where `namespace_of` finds the functions, as it finds CuPy's

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

    def min(self, axis: Any = None, *, keepdims: bool = False) -> "ndarray":
        """Find the smallest."""
        return ndarray(np.asarray(self._host.min(axis, keepdims=keepdims)))

    def argmax(self, axis: Any = None, *, keepdims: bool = False) -> "ndarray":
        """Find where the largest is."""
        return ndarray(np.asarray(self._host.argmax(axis, keepdims=keepdims)))

    def all(self, axis: Any = None, *, keepdims: bool = False) -> "ndarray":
        """Tell whether all are true."""
        return ndarray(np.asarray(self._host.all(axis, keepdims=keepdims)))

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
