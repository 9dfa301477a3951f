"""How a namespace binds the layers to an implementation.

A *backend* is a table of algorithms, which keep the contracts of scratch/contracts; a *namespace* (scratch.naive,
scratch, gpu, ...) is the same layers and the same image filters bound to one backend each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from scratch.array import Array
from scratch.contracts.activation import (
    Dropout2dAlgorithm,
    DropoutAlgorithm,
    ELUAlgorithm,
    GELUAlgorithm,
    LeakyReLUAlgorithm,
    LogSoftmaxAlgorithm,
    ReLUAlgorithm,
    SigmoidAlgorithm,
    SiLUAlgorithm,
    SoftmaxAlgorithm,
    SoftplusAlgorithm,
    TanhAlgorithm,
)
from scratch.contracts.image_filter import Correlate2dAlgorithm
from scratch.contracts.loss import (
    BCEWithLogitsAlgorithm,
    CrossEntropyAlgorithm,
    L1Algorithm,
    MSEAlgorithm,
    NLLAlgorithm,
    SmoothL1Algorithm,
)
from scratch.contracts.norm import BatchNorm2dAlgorithm, GroupNormAlgorithm, LayerNormAlgorithm
from scratch.contracts.pad import Pad2dAlgorithm
from scratch.contracts.pool import (
    AdaptiveAvgPool2dAlgorithm,
    AdaptiveMaxPool2dAlgorithm,
    AvgPool2dAlgorithm,
    MaxPool2dAlgorithm,
    MaxUnpool2dAlgorithm,
)
from scratch.contracts.product import (
    Conv2dAlgorithm,
    Conv2dCall,
    ConvTranspose2dAlgorithm,
    LinearAlgorithm,
    first_that_serves,
)
from scratch.contracts.upsample import Upsample2dAlgorithm


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
    conv_transpose2d: Mapping[str, ConvTranspose2dAlgorithm]
    pad2d: Mapping[str, Pad2dAlgorithm]
    max_pool2d: Mapping[str, MaxPool2dAlgorithm]
    avg_pool2d: Mapping[str, AvgPool2dAlgorithm]
    adaptive_avg_pool2d: Mapping[str, AdaptiveAvgPool2dAlgorithm]
    adaptive_max_pool2d: Mapping[str, AdaptiveMaxPool2dAlgorithm]
    max_unpool2d: Mapping[str, MaxUnpool2dAlgorithm]
    upsample2d: Mapping[str, Upsample2dAlgorithm]
    linear: Mapping[str, LinearAlgorithm]
    relu: Mapping[str, ReLUAlgorithm]
    leaky_relu: Mapping[str, LeakyReLUAlgorithm]
    sigmoid: Mapping[str, SigmoidAlgorithm]
    tanh: Mapping[str, TanhAlgorithm]
    silu: Mapping[str, SiLUAlgorithm]
    gelu: Mapping[str, GELUAlgorithm]
    elu: Mapping[str, ELUAlgorithm]
    softplus: Mapping[str, SoftplusAlgorithm]
    softmax: Mapping[str, SoftmaxAlgorithm]
    log_softmax: Mapping[str, LogSoftmaxAlgorithm]
    dropout: Mapping[str, DropoutAlgorithm]
    dropout2d: Mapping[str, Dropout2dAlgorithm]
    batch_norm2d: Mapping[str, BatchNorm2dAlgorithm]
    group_norm: Mapping[str, GroupNormAlgorithm]
    layer_norm: Mapping[str, LayerNormAlgorithm]
    cross_entropy: Mapping[str, CrossEntropyAlgorithm]
    mse: Mapping[str, MSEAlgorithm]
    l1: Mapping[str, L1Algorithm]
    nll: Mapping[str, NLLAlgorithm]
    bce_with_logits: Mapping[str, BCEWithLogitsAlgorithm]
    smooth_l1: Mapping[str, SmoothL1Algorithm]
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
