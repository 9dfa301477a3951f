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


class NLLAlgorithm(Protocol):
    """log probabilities (M, C), labels (M,) and their weights (M,) -> losses (M,)."""

    def nll(self, log_p: Array, labels: Array, weights: Array | None) -> tuple[Array, Saved]: ...

    def nll_backward(self, dlosses: Array, saved: Saved) -> Array: ...


class BCEWithLogitsAlgorithm(Protocol):
    """x and target of one shape, to which the weights broadcast -> losses of that shape."""

    def bce_with_logits(
        self, x: Array, target: Array, weight: Array | None, pos_weight: Array | None
    ) -> tuple[Array, Saved]: ...

    def bce_with_logits_backward(self, dlosses: Array, saved: Saved) -> Array: ...


class SmoothL1Algorithm(Protocol):
    """x and target of one shape -> losses of that shape."""

    def smooth_l1(self, x: Array, target: Array, beta: float) -> tuple[Array, Saved]: ...

    def smooth_l1_backward(self, dlosses: Array, saved: Saved) -> Array: ...


class L1Algorithm(Protocol):
    """x and target of one shape -> the sizes of their differences."""

    def l1(self, x: Array, target: Array) -> tuple[Array, Saved]: ...

    def l1_backward(self, dlosses: Array, saved: Saved) -> Array: ...
