"""The random numbers of a namespace, from one seed, drawn as torch draws them.

The generator is the Mersenne Twister that torch uses on the CPU, and `uniform` turns its words into numbers
the way torch does. So after the same `manual_seed`, the same constructors in the same order give the same
float32 weights as torch.nn, bit for bit (float64 may differ in the last bit).

Source: Matsumoto and Nishimura, "Mersenne Twister", 1998; torch.manual_seed.
"""

from numbers import Integral
from typing import Any

import numpy as np

from scratch.array import HostArray
from scratch.contracts import Key
from scratch.fast.blocks import blocks

_generator = np.random.RandomState()  # the legacy class: its seeding is the one that torch has


def manual_seed(seed: int) -> None:
    """Start the random numbers of initialisation and Dropout anew.

    Raises
    ------
    TypeError, ValueError
        unless it is an integer in 0 ... 2**32 - 1
    """
    if not isinstance(seed, Integral):
        raise TypeError(f"seed={seed!r} must be an integer")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed={seed!r} must lie in 0 ... 2**32 - 1")
    _generator.seed(seed)


def uniform(shape: tuple[int, ...], bound: float, dtype: Any) -> HostArray:
    """Numbers from U(-bound, bound), in host memory.

    A float32 takes the low 24 bits of one 32-bit word, a float64 the low 53 bits of two, the first one high.
    """
    numbers = np.empty(shape, dtype)
    flat = numbers.reshape(-1)
    if numbers.dtype == np.float32:
        bound = float(np.float32(bound))
    for run in blocks(flat.size, bytes_each=32):
        unit = unit_interval(run.stop - run.start, numbers.dtype)
        # In float64 and rounded once: the fused multiply-add that torch's float32 code compiles to.
        flat[run] = unit * (2 * bound) - bound
    return numbers


def unit_interval(count: int, dtype: Any) -> HostArray:
    """The next numbers from U(0, 1), in float64, with as many random bits as `dtype` has."""
    if dtype == np.float64:
        pairs = _generator.randint(0, 2**32, size=(count, 2), dtype=np.uint32).astype(np.uint64)
        bits: HostArray = (pairs[:, 0] << np.uint64(32) | pairs[:, 1]) & np.uint64(2**53 - 1)
        return bits * 2.0**-53
    words = _generator.randint(0, 2**32, size=count, dtype=np.uint32)
    return (words & np.uint32(2**24 - 1)) * 2.0**-24


def philox_key() -> Key:
    """The next 64 random bits, for all random numbers of one forward of Dropout."""
    first, second = _generator.randint(0, 2**32, size=2, dtype=np.uint32)
    return int(first), int(second)
