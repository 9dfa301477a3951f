"""What changes each number by itself, or the numbers of one dimension together."""

from typing import Protocol

from scratch.array import Array
from scratch.contracts import Key, Saved


class ReLUAlgorithm(Protocol):
    """x of any shape -> y of the same."""

    def relu(self, x: Array) -> tuple[Array, Saved]: ...

    def relu_backward(self, dy: Array, saved: Saved) -> Array: ...


class SoftmaxAlgorithm(Protocol):
    """x of any shape -> y of the same, summing to 1 along `dim`."""

    def softmax(self, x: Array, dim: int) -> tuple[Array, Saved]: ...

    def softmax_backward(self, dy: Array, saved: Saved) -> Array: ...


class DropoutAlgorithm(Protocol):
    """x of any shape -> y of the same; the same key drops the same numbers in every algorithm."""

    def dropout(self, x: Array, p: float, key: Key) -> tuple[Array, Saved]: ...

    def dropout_backward(self, dy: Array, saved: Saved) -> Array: ...
