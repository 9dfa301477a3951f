"""What the machine can do at best: multiply matrices, and copy memory; measured by NumPy and by torch."""

from collections.abc import Callable, Iterable

import numpy as np
import torch

from benchmarks.contenders import nothing
from benchmarks.timing import Arm, Budget, interleave
from scratch.array import HostArray

MATRIX = 1536
COPIED = 256 * 2**20
"""Bytes: far more than any cache holds."""

BUDGET = Budget(seconds=1.0, least=5, most=15)


def measure(dtypes: Iterable[str], quick: bool) -> dict[str, float]:
    """The better rate of the two libraries.

    Returns
    -------
    "copy" : bytes per second, read and written
    "product float32", ... : operations per second
    """
    budget = Budget(seconds=0.1, least=3, most=3) if quick else BUDGET
    source = np.random.default_rng(0).standard_normal(COPIED // 8 // (16 if quick else 1))
    found = {"copy": 2 * source.nbytes / best(copies(source), budget)}
    for dtype in sorted(dtypes):
        a, b = np.random.default_rng(0).standard_normal((2, MATRIX, MATRIX)).astype(dtype)
        found[f"product {dtype}"] = 2 * MATRIX**3 / best(products(a, b), budget)
    return found


def copies(source: HostArray) -> dict[str, Arm]:
    """Copy an array to another place."""
    target = np.empty_like(source)
    theirs, there = torch.from_numpy(source), torch.from_numpy(target)
    return {"numpy": arm(lambda: np.copyto(target, source)), "torch": arm(lambda: there.copy_(theirs))}


def products(a: HostArray, b: HostArray) -> dict[str, Arm]:
    """Multiply two matrices of random numbers."""
    c = np.empty_like(a)
    theirs = [torch.from_numpy(each) for each in (a, b, c)]
    return {
        "numpy": arm(lambda: np.matmul(a, b, out=c)),
        "torch": arm(lambda: torch.mm(theirs[0], theirs[1], out=theirs[2])),
    }


def arm(call: Callable[[], object]) -> Arm:
    """A call to time."""
    return Arm({"": call}, 1, dict, nothing)


def best(arms: dict[str, Arm], budget: Budget) -> float:
    """The median of the seconds of whoever is faster."""
    return min(float(np.median(seconds)) for seconds in interleave(arms, "", budget, ()).values())
