"""Half precision is storage: numbers of 16 bits, computed with in float32.

A float16 has 11 binary digits and ends at 65504; a sum of a few hundred of them, rounded after each addition, has two
decimal digits left. So layers and losses widen what they are given, compute in float32, and round each result once:

    float16   x, weight --.              .--> y, dx, dweight
    float32               `-> compute --'

The wide copies live as long as backward needs them: in half precision a layer takes as much memory as in float32.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import numpy as np

from scratch.array import Array
from scratch.module import Buffer, Module, Parameter

HALF = np.dtype(np.float16)
SINGLE = np.dtype(np.float32)

LOCK = RLock()
"""Held while a module is float32: another thread would find its weights of the wrong format."""


def wide(array: Array) -> Array:
    """An array of float16 as float32; any other as it is."""
    return array.astype(SINGLE) if array.dtype == HALF else array


@contextmanager
def in_single(module: Module) -> Iterator[None]:
    """Within it, what a module itself holds is float32; afterwards it is float16 again, new gradients with it.

    Raises
    ------
    TypeError
        if the module holds floating numbers that are not float16; nothing has been changed then
    """
    with LOCK:
        held: dict[str, Any] = {
            name: value.data if isinstance(value, Buffer) else value
            for name, value in vars(module).items()
            if isinstance(value, Buffer) or (hasattr(value, "astype") and not isinstance(value, np.generic))
        }
        for name, array in held.items():
            if array.dtype.kind == "f" and array.dtype != HALF:
                raise TypeError(
                    f"x has dtype float16 and the {name} {array.dtype}; they should be the same: "
                    f"x.astype({array.dtype.name!r}), or layer.to('float16')"
                )
        widened = {name: wide(array) for name, array in held.items()}
        for name, array in widened.items():
            _put(module, name, array)
        try:
            yield
        finally:
            for name, array in held.items():
                now = vars(module)[name]
                data = now.data if isinstance(now, Buffer) else now
                _put(module, name, array if data is widened[name] else data.astype(array.dtype))
                if isinstance(now, Parameter) and now.grad is not None:
                    now.grad = now.grad.astype(array.dtype, copy=False)


def _put(module: Module, name: str, array: Array) -> None:
    """Put an array in the place of another."""
    value = vars(module)[name]
    if isinstance(value, Buffer):
        value.data = array
    else:
        setattr(module, name, array)
