"""What an array is here: NumPy's, or one that behaves like it.

The layers, losses and optimisers never name NumPy or CuPy: they ask an array for its functions.
"""

import sys
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""A NumPy array; in `gpu` a CuPy array, which is not typed and has the same interface."""

HostArray: TypeAlias = npt.NDArray[Any]
"""A NumPy array, in host memory, always."""


HOST_TYPES = (np.ndarray, np.generic)


def namespace_of(array: Array) -> Any:
    """The module whose functions work on `array`: numpy for NumPy arrays, cupy for CuPy arrays.

    It is the one that the array's class is from. (CuPy 14 has no `__array_namespace__`, which would be the standard.)

    >>> namespace_of(np.zeros(3)).__name__
    'numpy'
    """
    return np if isinstance(array, HOST_TYPES) else sys.modules[type(array).__module__]


def to_host(array: Any) -> HostArray:
    """A NumPy copy of an array from anywhere: NumPy, a GPU (CuPy) or a torch tensor.

    >>> to_host([[1, 2]])
    array([[1, 2]])
    """
    if hasattr(array, "detach"):  # torch.Tensor, recognised without importing torch
        return np.array(array.detach().cpu().numpy())
    if hasattr(array, "get"):  # cupy.ndarray
        return np.asarray(array.get())
    return np.array(array)


def divide(total: Any, divisor: Any) -> Any:
    """`total / divisor`; of integers the quotient truncated towards zero, as in C++ and torch.

    >>> divide(-7, 4), divide(-7.0, 4), divide(np.array([-7, 7]), 4)
    (-1, -1.75, array([-1,  1]))
    >>> divide(np.array([-(2**63)]), 2) == -(2**62)  # the smallest integer, which has no absolute value
    array([ True])
    """
    if getattr(total, "dtype", np.dtype(type(total))).kind != "i":
        return total / divisor
    quotient = total // divisor  # rounded down, so one too low where it is negative and leaves a remainder
    return quotient + ((quotient < 0) & (quotient * divisor != total))
