"""Memory for temporary arrays, which is used again and again: fresh memory costs more than what is computed in it.

A large array of np.empty is mapped anew by the operating system, and each of its pages faulted in at the first write.
So each thread keeps what it used, by name:

    thread 1    "columns" [##########------]     a request for a smaller array takes the front of what is there,
                "padded"  [####]                 one for a larger array takes its place
    thread 2    "columns" [########]

Two requests for one name are the same memory: who asks for a name is done with it before the next one asks.
What lies here is never returned to a user and never kept for backward.
"""

import threading
from weakref import WeakSet

import numpy as np
import numpy.typing as npt

from scratch.array import Array

LIMIT_BYTES = 64 * 2**20
"""How much all threads together may keep."""


class Store:
    """What one thread keeps: by name, the one that was used longest ago first."""

    def __init__(self) -> None:
        self.held: dict[str, Array] = {}

    def bytes_held(self) -> int:
        """How much that is."""
        return sum(array.nbytes for array in list(self.held.values()))


class Own(threading.local):
    """The store of the thread that asks; it goes when the thread ends."""

    def __init__(self) -> None:
        self.store = Store()
        with _lock:
            _stores.add(self.store)


_lock = threading.Lock()
_stores: WeakSet[Store] = WeakSet()
_own = Own()


def empty(name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """An array of unspecified content, C-contiguous, in this thread's memory of that name.

    Where that would be more than LIMIT_BYTES in all, others of this thread are forgotten first, and if that does not
    help, the memory is fresh and is not kept.

    >>> a = empty("example", (2, 3), np.float32)
    >>> b = empty("example", (6,), np.float32)
    >>> bool(np.shares_memory(a, b))
    True
    """
    dtype = np.dtype(dtype)
    needed = dtype.itemsize
    for length in shape:
        needed *= length
    memory = _own.store.held.get(name)
    if memory is None or memory.size < needed:
        memory = _grow(name, needed)
    return np.ndarray(shape, dtype, memory)


def _grow(name: str, needed: int) -> Array:
    """Take fresh memory, and keep it if there is room."""
    held = _own.store.held
    held.pop(name, None)
    memory = np.empty(max(needed, 1), np.uint8)
    with _lock:
        others = sum(store.bytes_held() for store in _stores)
        while others + needed > LIMIT_BYTES and held:
            others -= held.pop(next(iter(held))).nbytes
        if others + needed <= LIMIT_BYTES:
            held[name] = memory
    return memory


def clear() -> None:
    """Forget all that this thread keeps."""
    _own.store.held.clear()


def bytes_held() -> int:
    """How much all threads keep together."""
    with _lock:
        return sum(store.bytes_held() for store in _stores)
