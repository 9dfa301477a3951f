"""Who is timed: our namespaces, torch on the CPU or on a GPU, and scipy's filters.

What each of them does, and with what, is a matter of the problem: see `layer`, `step` and `filter`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

from parity_tests.harness.implementations import IMPLEMENTATIONS, Implementation

STAND_INS = ("gpu.on_numpy", "gpu.emulated")
"""Namespaces that take a GPU's place in the tests: their speed says nothing about anybody."""

LOOPS = "scratch.naive"
"""The namespace that is so slow that it does a part of a large row only."""


def nothing() -> None:
    """Wait for the CPU: it has finished when a call returns."""


@dataclass(frozen=True)
class Ours:
    """One of our namespaces, where gradients are computed by backward and not by an autograd.

    Attributes
    ----------
    implementation : the namespace
    method : by which images are filtered
    """

    implementation: Implementation
    method: str = "auto"

    @property
    def name(self) -> str:
        """The name of the namespace, and of the method if it is a certain one."""
        return self.implementation.name + ("" if self.method == "auto" else f":{self.method}")

    @property
    def nn(self) -> Any:
        """The namespace itself."""
        return self.implementation.nn

    def why_not(self) -> str | None:
        """Tell why it cannot run here, or None if it can."""
        return self.implementation.why_not()

    def finish(self) -> Callable[[], None]:
        """The function that waits for a GPU."""
        if self.implementation.name != "gpu":
            return nothing
        import cupy

        wait: Callable[[], None] = cupy.cuda.get_current_stream().synchronize
        return wait


@dataclass(frozen=True)
class Torch:
    """torch with autograd, in its default memory format, on the CPU or on a GPU.

    Attributes
    ----------
    device : where
    two_passes : filters with a column and a row, and so only with kernels that are their product
    """

    device: str = "cpu"
    two_passes: bool = False

    @property
    def name(self) -> str:
        """How it is printed: torch, torch.cuda, torch.two_passes."""
        return "torch" + f".{self.device}" * (self.device != "cpu") + ".two_passes" * self.two_passes

    def why_not(self) -> str | None:
        """Ask torch whether it finds the device."""
        if self.device == "cpu" or torch.cuda.is_available():
            return None
        return "torch finds no CUDA device"

    def finish(self) -> Callable[[], None]:
        """The function that waits for a GPU."""
        return nothing if self.device == "cpu" else torch.cuda.synchronize


@dataclass(frozen=True)
class Scipy:
    """One of scipy's functions that filter images.

    Attributes
    ----------
    name : as it is imported; behind a + what is said to it besides
    method : which of our methods it resembles, so that it is judged by the same law
    options : those with which it gives as many pixels as it gets, and finds 0 beyond the edge
    flips : whether it turns the kernel
    workers : whether its transforms are told the number of threads; by themselves they take one
    """

    name: str
    method: str
    options: tuple[tuple[str, str], ...]
    flips: bool = True
    workers: bool = False

    def why_not(self) -> str | None:
        """It can: without scipy nothing is timed."""
        return None

    def finish(self) -> Callable[[], None]:
        """The function that waits."""
        return nothing


Contender: TypeAlias = Ours | Torch | Scipy

SAME, CONSTANT = (("mode", "same"),), (("mode", "constant"),)
SCIPY = {
    each.name: each
    for each in (
        Scipy("scipy.signal.fftconvolve", "fft", SAME),
        Scipy("scipy.signal.fftconvolve+workers", "fft", SAME, workers=True),
        Scipy("scipy.signal.convolve2d", "direct", SAME),
        Scipy("scipy.ndimage.correlate", "direct", CONSTANT, flips=False),
        Scipy("scipy.ndimage.correlate1d", "separable", CONSTANT, flips=False),
    )
}

OTHERS = (Torch(two_passes=True).name, *SCIPY)
"""Those that are there to be compared with, beside torch."""

SLOW = (LOOPS, "scipy.signal.convolve2d", "scipy.ndimage.correlate")
"""They take up to thousands of times as long as the others, so a few rounds tell enough about them."""


def contenders() -> dict[str, Contender]:
    """Everybody who can be chosen, by name; torch on the CPU, which always takes part, is not among them."""
    ours = [Ours(each) for name, each in IMPLEMENTATIONS.items() if name not in STAND_INS]
    everybody: list[Contender] = [*ours, Torch("cuda"), Torch(two_passes=True), *SCIPY.values()]
    everybody.sort(key=lambda each: each.name == LOOPS)  # the loops come last: nobody asks who wins there
    return {each.name: each for each in everybody}


def field(chosen: Mapping[str, Contender]) -> tuple[dict[str, Contender], dict[str, str]]:
    """Add torch to the chosen ones, and say who is compared with whom.

    Returns
    -------
    everybody : all that take part, by name
    rivals : for each of them the one that its time is divided by: torch on the same device if it runs there
    """
    cpu, cuda = Torch(), Torch("cuda")
    everybody: dict[str, Contender] = {cpu.name: cpu}
    if "gpu" in chosen and cuda.why_not() is None:
        everybody[cuda.name] = cuda
    everybody |= chosen
    return everybody, {name: cuda.name if name == "gpu" and cuda.name in everybody else cpu.name for name in everybody}
