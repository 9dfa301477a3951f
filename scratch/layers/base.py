"""What all layers share: the backend they are bound to, the checks of arrays, one backward for each forward."""

from collections.abc import Callable, Mapping
from operator import index
from typing import Any, ClassVar, TypeAlias, TypeVar

import numpy as np

from scratch.array import Array
from scratch.backend import Backend
from scratch.contracts import Saved
from scratch.half import HALF, in_single, wide
from scratch.module import Buffer, Module, Parameter
from scratch.random import uniform

Algorithm = TypeVar("Algorithm")

FLOATING = frozenset(map(np.dtype, (np.float16, np.float32, np.float64)))
"""The dtypes that layers take. (A dtype meets a set of dtypes faster than the class np.float32.)"""


Latest: TypeAlias = tuple[tuple[int, ...], Any, Saved]
"""The latest forward: the shape and dtype its dy must have, and what backward needs."""


class Operation(Module):
    """A module that computes with one operation of its backend: what layers and losses share.

    Attributes
    ----------
    algorithm : the name of the algorithm to use; None leaves the choice to the backend
    ran : the name of the algorithm that the latest forward used
    """

    backend: ClassVar[Backend]

    def __init__(self) -> None:
        super().__init__()
        self.algorithm: str | None = None
        self.ran: str | None = None

    def _choose(self, algorithms: Mapping[str, Algorithm]) -> Algorithm:
        """The algorithm that was asked for, else the backend's first; `ran` says which."""
        if self.algorithm is None:
            self.ran, algorithm = next(iter(algorithms.items()))
            return algorithm
        name = self.algorithm
        if name not in list(algorithms):  # a list, so that what cannot be hashed is no key either
            raise ValueError(f"algorithm={name!r}: {self.backend.name} has {', '.join(algorithms)} for {self}")
        self.ran = name
        return algorithms[name]

    def check_complete(self) -> None:
        """Nothing inside an operation waits for a backward."""


class Layer(Operation):
    """An operation on one array.

    Subclasses write `_forward(x) -> y, saved` and `_backward(dy, saved, needs_dx) -> dx`; x and dy are checked
    before anything is computed, and nothing that is passed in is changed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._latest: Latest | None = None

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        raise NotImplementedError

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        raise NotImplementedError

    def forward(self, x: Array) -> Any:
        """Compute y from x, and keep what backward needs: references, so x must stay as it is until then.

        Raises
        ------
        TypeError, ValueError
            if x does not fit this layer, before anything is computed
        """
        check_array(self.backend, "x", x)
        return self._run(x, self._forward)

    def _run(self, x: Array, compute: Callable[[Array], tuple[Array, Saved]]) -> Array:
        """Compute y from x, half precision in float32, and keep what backward needs."""
        if x.dtype == HALF:
            with in_single(self):
                y, saved = compute(wide(x))
            y = y.astype(HALF)
        else:
            y, saved = compute(x)
        self._latest = y.shape, y.dtype, saved
        return y

    def backward(self, dy: Array, needs_dx: bool = True) -> Array | None:
        """Compute dx from dy for the latest forward, and add the parameters' gradients into their `.grad`.

        Parameters
        ----------
        dy : the gradient of the loss with respect to y, of y's shape and dtype
        needs_dx : False for the first layer of a model, whose input needs no gradient; dx may then be None

        Raises
        ------
        RuntimeError
            without a forward, or for a second backward of the same forward
        TypeError, ValueError
            if dy is not like y; nothing has been changed then
        """
        if self._latest is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward needs a forward first: each forward serves one backward"
            )
        check_array(self.backend, "dy", dy)
        shape, dtype, saved = self._latest
        if dy.shape != shape:
            raise ValueError(f"dy has shape {dy.shape}, the output of the latest forward has {shape}")
        if dy.dtype != dtype or dtype.kind != "f":
            raise TypeError(f"dy has dtype {dy.dtype}, the output of the latest forward has {dtype}")
        if dtype == HALF:
            with in_single(self):
                dx = self._backward(wide(dy), saved, needs_dx)
            dx = None if dx is None else dx.astype(HALF)
        else:
            dx = self._backward(dy, saved, needs_dx)
        self._latest = None
        return dx

    def _parameter(self, shape: tuple[int, ...], fan_in: int, dtype: Any) -> Parameter:
        """Draw a parameter from U(-1/sqrt(fan_in), 1/sqrt(fan_in)), as torch's Conv2d and Linear do."""
        return Parameter(self.backend.asarray(uniform(shape, fan_in**-0.5 if fan_in else 0.0, dtype)))


def positive(name: str, value: Any) -> int:
    """A number of channels or features, at least 1; raises a TypeError or ValueError otherwise."""
    try:
        count = index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} must be a positive integer") from None
    if count < 1:
        raise ValueError(f"{name}={value!r} must be a positive integer")
    return count


def check_array(backend: Backend, name: str, value: Any) -> None:
    """Raise a TypeError unless `value` is an array of this backend."""
    if not isinstance(value, backend.array_type()):
        module, kind = type(value).__module__.split(".")[0], type(value).__qualname__
        raise TypeError(
            f"{name} is a {module}.{kind}: {backend.name} computes with arrays from {backend.name}.asarray({name})"
        )


def check_same_dtype(name: str, value: Array, weight: Buffer) -> None:
    """Raise a TypeError unless `value` has the dtype of the weight (or of the running statistics)."""
    if value.dtype != weight.data.dtype:
        other_way = f", or layer.to({value.dtype.name!r})" if value.dtype in FLOATING else ""
        raise TypeError(
            f"{name} has dtype {value.dtype} and the weight {weight.dtype}; they should be the same: "
            f"{name}.astype({weight.dtype.name!r}){other_way}"
        )


def check_floating(name: str, value: Array) -> None:
    """Raise a TypeError unless `value` is float16, float32 or float64."""
    if value.dtype not in FLOATING:
        raise TypeError(f"{name} has dtype {value.dtype}; float16, float32 or float64 is needed")


def as_images(name: str, value: Array) -> Array:
    """View (C, H, W) or (N, C, H, W) as a batch.

    Raises
    ------
    ValueError
        for another number of dimensions, or no channel, row or column (an empty batch is legal)
    """
    shape = value.shape
    if len(shape) not in (3, 4):
        raise ValueError(f"{name} has shape {shape}; (N, C, H, W) or (C, H, W) is needed")
    if 0 in shape[-3:]:
        raise ValueError(f"{name} has shape {shape}; only the batch may be empty")
    return value if len(shape) == 4 else value[None]
