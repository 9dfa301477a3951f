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


class Dropout2dAlgorithm(Protocol):
    """x (N, C, ...) -> y of the same; the same key drops the same channels in every algorithm."""

    def dropout2d(self, x: Array, p: float, key: Key) -> tuple[Array, Saved]: ...

    def dropout2d_backward(self, dy: Array, saved: Saved) -> Array: ...


class LogSoftmaxAlgorithm(Protocol):
    """x of any shape -> y of the same, whose exponentials sum to 1 along `dim`."""

    def log_softmax(self, x: Array, dim: int) -> tuple[Array, Saved]: ...

    def log_softmax_backward(self, dy: Array, saved: Saved) -> Array: ...


class LeakyReLUAlgorithm(Protocol):
    """x of any shape -> y of the same."""

    def leaky_relu(self, x: Array, negative_slope: float) -> tuple[Array, Saved]: ...

    def leaky_relu_backward(self, dy: Array, saved: Saved) -> Array: ...


class SigmoidAlgorithm(Protocol):
    """x of any shape -> y of the same."""

    def sigmoid(self, x: Array) -> tuple[Array, Saved]: ...

    def sigmoid_backward(self, dy: Array, saved: Saved) -> Array: ...


class TanhAlgorithm(Protocol):
    """x of any shape -> y of the same."""

    def tanh(self, x: Array) -> tuple[Array, Saved]: ...

    def tanh_backward(self, dy: Array, saved: Saved) -> Array: ...


class SiLUAlgorithm(Protocol):
    """x of any shape -> y of the same."""

    def silu(self, x: Array) -> tuple[Array, Saved]: ...

    def silu_backward(self, dy: Array, saved: Saved) -> Array: ...


class GELUAlgorithm(Protocol):
    """x of any shape -> y of the same; `approximate` is "none" or "tanh"."""

    def gelu(self, x: Array, approximate: str) -> tuple[Array, Saved]: ...

    def gelu_backward(self, dy: Array, saved: Saved) -> Array: ...


class ELUAlgorithm(Protocol):
    """x of any shape -> y of the same."""

    def elu(self, x: Array, alpha: float) -> tuple[Array, Saved]: ...

    def elu_backward(self, dy: Array, saved: Saved) -> Array: ...


class SoftplusAlgorithm(Protocol):
    """x of any shape -> y of the same."""

    def softplus(self, x: Array, beta: float, threshold: float) -> tuple[Array, Saved]: ...

    def softplus_backward(self, dy: Array, saved: Saved) -> Array: ...
