"""Who is timed: our namespaces, torch on the CPU or on a GPU, and scipy's filters.

What each of them does, and with what, is a matter of the problem: see `layer`, `step` and `filter`.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import torch

from parity_tests.harness.implementations import BACKEND_TABLE, IMPLEMENTATIONS, Implementation
from scratch.precision import Precision, precision

FAST = "+fast"
"""Behind the name of a namespace: with `scratch.precision("fast")`."""

CHANNELS_LAST = ".channels_last"

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
    method : the algorithm of layers and filters; "auto" leaves the choice to the namespace
    precision : the one that is asked for
    """

    implementation: Implementation
    method: str = "auto"
    precision: Precision = "strict"

    @property
    def name(self) -> str:
        """How it is printed: scratch, scratch:winograd, scratch+fast."""
        method = "" if self.method == "auto" else f":{self.method}"
        return self.implementation.name + method + FAST * (self.precision == "fast")

    @property
    def algorithm(self) -> str | None:
        """What a layer's attribute of this name is set to."""
        return None if self.method == "auto" else self.method

    def setting(self) -> AbstractContextManager[None]:
        """Ask for the precision, within a block."""
        return precision(self.precision)

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
    """torch with autograd, on the CPU or on a GPU.

    Attributes
    ----------
    device : where
    two_passes : filters with a column and a row, and so only with kernels that are their product
    channels_last : images and weights in this memory format, in place of NCHW
    """

    device: str = "cpu"
    two_passes: bool = False
    channels_last: bool = False

    @property
    def name(self) -> str:
        """How it is printed: torch, torch.channels_last, torch.cuda, torch.two_passes."""
        return (
            "torch"
            + f".{self.device}" * (self.device != "cpu")
            + ".two_passes" * self.two_passes
            + CHANNELS_LAST * self.channels_last
        )

    @property
    def memory_format(self) -> torch.memory_format:
        """How images and weights lie in memory."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

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

CPU, CUDA = (
    tuple(each.name for each in (Torch(device), Torch(device, channels_last=True))) for device in ("cpu", "cuda")
)
"""The columns of torch on a device: NCHW, and channels last."""


def contenders() -> dict[str, Contender]:
    """Everybody who takes part by default, by name; torch on the CPU, which always does, is not among them."""
    ours = [Ours(each) for name, each in IMPLEMENTATIONS.items() if name not in STAND_INS]
    everybody: list[Contender] = []
    for each in ours:
        everybody += [each] if each.name == LOOPS else [each, replace(each, precision="fast")]
    everybody += [Torch("cuda"), Torch(two_passes=True), *SCIPY.values()]
    everybody.sort(key=lambda each: each.name == LOOPS)  # the loops come last: nobody asks who wins there
    return {each.name: each for each in everybody}


def find(name: str) -> Contender | None:
    """Find a contender by its name, those with an algorithm included; None if there is no such one.

    >>> find("scratch:im2col+fast").precision, find("scratch:no_such") is None
    ('fast', True)
    """
    known: dict[str, Contender] = contenders() | {each.name: each for each in torch_columns(("cpu", "cuda"))}
    if name in known:
        return known[name]
    wanted, fast, rest = name.partition(FAST)
    namespace, _, method = wanted.partition(":")
    if rest or namespace not in IMPLEMENTATIONS or namespace in STAND_INS:
        return None
    made = Ours(IMPLEMENTATIONS[namespace], method or "auto", "fast" if fast else "strict")
    if made.why_not() is None and method not in algorithms(made):
        return None
    return made


def algorithms(ours: Ours) -> list[str]:
    """The names of all algorithms of a namespace, for layers and filters."""
    tables = (getattr(ours.nn.backend, table) for table in BACKEND_TABLE.values())
    return list(dict.fromkeys(name for table in tables for name in table))


def torch_columns(devices: Iterable[str]) -> list[Torch]:
    """Torch on these devices, in both memory formats."""
    return [Torch(device, channels_last=last) for device in devices for last in (False, True)]


def field(chosen: Mapping[str, Contender]) -> dict[str, Contender]:
    """Add torch to the chosen ones: on the CPU always, on a GPU if somebody of the chosen ones is there, too."""
    on_gpu = any(isinstance(each, Ours) and each.implementation.name == "gpu" for each in chosen.values())
    devices = ["cpu", "cuda"] if on_gpu and Torch("cuda").why_not() is None else ["cpu"]
    return {each.name: each for each in torch_columns(devices)} | dict(chosen)


def rivals(name: str, present: Iterable[str]) -> list[str]:
    """The columns of torch that somebody is compared with: those on a GPU for who is there, if they were timed.

    >>> rivals("scratch+fast", ["torch", "torch.channels_last", "scratch+fast"])
    ['torch', 'torch.channels_last']
    >>> rivals("gpu", ["torch", "torch.cuda", "gpu"])
    ['torch.cuda']
    """
    among = list(present)
    device = CUDA if name.startswith("gpu") and CUDA[0] in among else CPU
    return [column for column in device if column in among]
