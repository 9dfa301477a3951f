"""What says how far predictions are from their targets."""

from typing import Protocol

from scratch.array import Array
from scratch.contracts import Saved


class CrossEntropyAlgorithm(Protocol):
    """logits (M, C) and target distributions q (M, C) -> losses (M,)."""

    def cross_entropy(self, logits: Array, q: Array) -> tuple[Array, Saved]: ...

    def cross_entropy_backward(self, dlosses: Array, saved: Saved) -> Array: ...


class MSEAlgorithm(Protocol):
    """x and target of one shape -> their squared differences."""

    def mse(self, x: Array, target: Array) -> tuple[Array, Saved]: ...

    def mse_backward(self, dlosses: Array, saved: Saved) -> Array: ...
