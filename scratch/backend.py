"""What an implementation must supply, and how a namespace binds the layers to one.

An *algorithm* is a pair of pure functions in one module, an operation and its backward:

    y, saved = conv2d(x, weight, bias, window, groups)
    dx, dweight, dbias = conv2d_backward(dy, saved, needs_dx=True)

`saved` is whatever backward needs: references and small index arrays, never column matrices. The protocols below are
met by *modules*: `scratch.naive.conv`, `scratch.fast.conv` and `gpu.conv` are three `Conv2dAlgorithm`s, and mypy
says where one departs.

A *backend* is a table of algorithms; a *namespace* (scratch.naive, scratch, gpu, ...) is the same layers and the same
image filters bound to one backend each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from scratch.array import Array, HostArray
from scratch.geometry import Pair, Window2d

Saved: TypeAlias = Any
"""What a forward keeps for its backward; only the pair of functions itself looks inside."""

Key: TypeAlias = tuple[int, int]
"""Two random words of 32 bits, from which all random numbers of one Dropout are counted: see scratch/philox.py."""


class Conv2dAlgorithm(Protocol):
    """x (N, C, H, W), weight (O, C / groups, kH, kW), bias (O,) or None -> y (N, O, outH, outW)."""

    def conv2d(
        self, x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
    ) -> tuple[Array, Saved]: ...

    def conv2d_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]: ...


@dataclass(frozen=True)
class LeftTo:
    """What a forward keeps that left its numbers to another algorithm: whose name, and what that one keeps."""

    name: str
    saved: Saved


@runtime_checkable
class Conv2dForSome(Conv2dAlgorithm, Protocol):
    """One that does not serve every geometry, of depthwise layers only, say, or of one size of kernel.

    What it serves may depend on the precision that is asked for (scratch/precision.py), but not on the numbers in x:
    one that would change which outputs are finite computes such x directly.
    """

    def serves(self, weight_shape: tuple[int, ...], window: Window2d, groups: int) -> bool: ...


class Conv2dCall(NamedTuple):
    """What the choice of an algorithm may depend on."""

    x_shape: tuple[int, ...]
    weight_shape: tuple[int, ...]
    window: Window2d
    groups: int


def first_that_serves(call: Conv2dCall, serving: Sequence[str]) -> str:
    """Choose by the order of the backend's table alone."""
    return serving[0]


class MaxPool2dAlgorithm(Protocol):
    """x (N, C, H, W) -> y (N, C, outH, outW); indices are int64, flat in one unpadded H*W plane."""

    def max_pool2d(self, x: Array, window: Window2d) -> tuple[Array, Saved]: ...

    def max_pool2d_indices(self, saved: Saved) -> Array: ...

    def max_pool2d_backward(self, dy: Array, saved: Saved) -> Array: ...


class AvgPool2dAlgorithm(Protocol):
    """x (N, C, H, W) -> y (N, C, outH, outW)."""

    def avg_pool2d(
        self, x: Array, window: Window2d, count_include_pad: bool = True, divisor_override: int | None = None
    ) -> tuple[Array, Saved]: ...

    def avg_pool2d_backward(self, dy: Array, saved: Saved) -> Array: ...


class LinearAlgorithm(Protocol):
    """x (N, in), weight (out, in), bias (out,) or None -> y (N, out)."""

    def linear(self, x: Array, weight: Array, bias: Array | None) -> tuple[Array, Saved]: ...

    def linear_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array, Array | None]: ...


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


class BatchNorm2dAlgorithm(Protocol):
    """x (N, C, H, W), all else (C,); `training` says that mean and var are x's own, so that dx goes through them."""

    def batch_statistics(self, x: Array) -> tuple[Array, Array]: ...

    def batch_norm2d(
        self,
        x: Array,
        mean: Array,
        var: Array,
        weight: Array | None,
        bias: Array | None,
        eps: float,
        training: bool,
    ) -> tuple[Array, Saved]: ...

    def batch_norm2d_backward(
        self, dy: Array, saved: Saved, needs_dx: bool = True
    ) -> tuple[Array | None, Array | None, Array | None]: ...


class CrossEntropyAlgorithm(Protocol):
    """logits (M, C) and target distributions q (M, C) -> losses (M,)."""

    def cross_entropy(self, logits: Array, q: Array) -> tuple[Array, Saved]: ...

    def cross_entropy_backward(self, dlosses: Array, saved: Saved) -> Array: ...


class MSEAlgorithm(Protocol):
    """x and target of one shape -> their squared differences."""

    def mse(self, x: Array, target: Array) -> tuple[Array, Saved]: ...

    def mse_backward(self, dlosses: Array, saved: Saved) -> Array: ...


class Correlate2dAlgorithm(Protocol):
    """padded (N, H, W) of float32 or float64, kernel (kH, kW) of the same dtype -> y (N, outH, outW).

    The kernel lies in host memory. An algorithm that does not serve every kernel says so in a ValueError.
    """

    def correlate(self, padded: Array, kernel: HostArray, stride: Pair) -> Array: ...


@runtime_checkable
class Correlate2dByTransform(Correlate2dAlgorithm, Protocol):
    """One that does not serve every image: a NaN, an infinity or an overflow would spread from pixel to pixel."""

    def serves(self, padded: Array, kernel: HostArray) -> bool: ...


@dataclass(frozen=True)
class Backend:
    """An implementation: where its arrays live, and its algorithms by name, the preferred one first.

    Of `correlate2d` none is preferred: which one is best depends on the image and the kernel.

    Attributes
    ----------
    name : the namespace that is bound to it, for messages
    asarray : turns a host array into one of this backend's
    array_type : gives the class of this backend's arrays (a function, since asking may need a GPU)
    choose_conv2d : names the convolution for a call, of those that serve it; by default the first
    """

    name: str
    asarray: Callable[[Any], Array]
    array_type: Callable[[], type]
    conv2d: Mapping[str, Conv2dAlgorithm]
    max_pool2d: Mapping[str, MaxPool2dAlgorithm]
    avg_pool2d: Mapping[str, AvgPool2dAlgorithm]
    linear: Mapping[str, LinearAlgorithm]
    relu: Mapping[str, ReLUAlgorithm]
    softmax: Mapping[str, SoftmaxAlgorithm]
    dropout: Mapping[str, DropoutAlgorithm]
    batch_norm2d: Mapping[str, BatchNorm2dAlgorithm]
    cross_entropy: Mapping[str, CrossEntropyAlgorithm]
    mse: Mapping[str, MSEAlgorithm]
    correlate2d: Mapping[str, Correlate2dAlgorithm]
    choose_conv2d: Callable[[Conv2dCall, Sequence[str]], str] = first_that_serves


def backend_of(namespace: str) -> Backend:
    """The backend of a namespace, by the name it is imported by.

    >>> backend_of("scratch.naive").name
    'scratch.naive'
    """
    backend: Backend = import_module(namespace).backend
    return backend


def bind(backend: Backend, layers: ModuleType) -> dict[str, type]:
    """Give the names of a namespace: each class of `layers`, computing with `backend`."""
    classes = {name: getattr(layers, name) for name in layers.__all__}
    return {
        name: type(name, (cls,), {"backend": backend, "__module__": backend.name, "__doc__": cls.__doc__})
        for name, cls in classes.items()
    }
