"""A layer of this folder as the harness runs layers: in a namespace, with a state and a mode."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from parity_tests.harness.implementations import OPTIMISERS, Implementation
from parity_tests.mutants.base import Array, Layer, Parameter


class Held:
    """A buffer of a layer: what stands in one of its attributes."""

    def __init__(self, layer: Layer, name: str) -> None:
        self.layer, self.name = layer, name

    @property
    def data(self) -> Array:
        """The array."""
        return np.asarray(getattr(self.layer, self.name))

    @data.setter
    def data(self, value: Array) -> None:
        setattr(self.layer, self.name, value)


class Wrapped:
    """A layer with the methods that the harness calls; each does what a user would do by hand."""

    def __init__(self, layer: Layer) -> None:
        self.layer, self.algorithm, self.went_forward = layer, None, False

    def __call__(self, x: Array) -> Any:
        """Go forward."""
        self.went_forward = True
        return self.layer.forward(x)

    def backward(self, dy: Array, needs_dx: bool = True) -> Array:
        """Go back once for each forward."""
        if not self.went_forward:
            raise RuntimeError("backward before forward")
        self.went_forward = False
        return self.layer.backward(dy)

    def train(self, training: bool) -> "Wrapped":
        """Set the mode."""
        self.layer.training = training
        return self

    def to(self, dtype: Any) -> None:
        """Convert parameters and buffers."""
        for _, held in self.named_state():
            held.data = held.data.astype(dtype) if held.data.dtype.kind == "f" else held.data

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Set parameters and buffers."""
        for name, held in self.named_state():
            held.data = state[name].copy()

    def named_state(self) -> Iterator[tuple[str, Parameter | Held]]:
        """Go through both."""
        yield from self.named_parameters()
        yield from self.named_buffers()

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Go through what is learned."""
        for name in ("weight", "bias"):
            if isinstance(parameter := getattr(self.layer, name, None), Parameter):
                yield name, parameter

    def named_buffers(self) -> Iterator[tuple[str, Held]]:
        """Go through the running statistics."""
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            if hasattr(self.layer, name):
                yield name, Held(self.layer, name)


class Criterion:
    """A loss that can be called."""

    def __init__(self, loss: Any) -> None:
        self.forward, self.backward = loss.forward, loss.backward

    def __call__(self, x: Array, target: Array) -> Any:
        """Compute the loss."""
        return self.forward(x, target)


def asarray(values: Any) -> Array:
    """A copy, so that who writes into it is found out and not stopped."""
    return np.array(values)


@dataclass(frozen=True)
class Alone(Implementation):
    """An implementation with one layer, loss or optimiser only."""

    nn: Any = None

    def algorithms(self, op: str) -> list[str | None]:
        """There is nothing to choose."""
        return [None]


def alone(layer: type, op: str) -> Alone:
    """A namespace that has `layer` under torch's name of it."""
    if op in OPTIMISERS:
        return Alone(layer.__name__, nn=SimpleNamespace(asarray=asarray, optim=SimpleNamespace(**{op: layer})))

    def build(*args: Any, **settings: Any) -> Wrapped | Criterion:
        made = layer(*args, **settings)
        return Wrapped(made) if isinstance(made, Layer) else Criterion(made)

    return Alone(layer.__name__, nn=SimpleNamespace(asarray=asarray, **{op: build}))
