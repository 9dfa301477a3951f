"""The namespace on a GPU: torch.nn's layers, forward and backward, and filters of images, on CuPy arrays.

Importing it loads no CuPy and never fails. What needs a GPU and finds none (`asarray`, a layer with weights, a forward)
raises NoDevice, which says what is broken and what mends it; `python -m gpu doctor` tells more.

`gpu.on_numpy` is the same array code on NumPy, for machines without a GPU; the example runs everywhere:

>>> import numpy as np, gpu
>>> nn = gpu.on_numpy  # with a GPU: nn = gpu
>>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
>>> logits = model(nn.asarray(np.zeros((5, 1, 8, 8), np.float32)))
>>> criterion = nn.CrossEntropyLoss()
>>> loss = criterion(logits, nn.asarray([0, 1, 0, 1, 0]))
>>> dx = model.backward(criterion.backward())
>>> nn.asnumpy(dx).shape, model[0].weight.grad.shape
((5, 1, 8, 8), (4, 1, 3, 3))
"""

from typing import TYPE_CHECKING, Any

from gpu import images, optim
from gpu.algorithms import backend_with
from gpu.device import NoDevice, require_device
from scratch import layers
from scratch.array import Array
from scratch.array import to_host as asnumpy
from scratch.backend import Backend, bind
from scratch.container import Residual, Sequential
from scratch.module import Module, Parameter
from scratch.random import manual_seed
from scratch.summary import summary


def asarray(host: Any) -> Array:
    """Copy a NumPy array (a number, a list) to the GPU; what is there stays there.

    Raises
    ------
    NoDevice
        if no GPU can be used
    """
    require_device()
    import cupy

    array: Array = cupy.asarray(host)
    return array


def array_type() -> type:
    """The class of a GPU's arrays, cupy.ndarray.

    Raises
    ------
    NoDevice
        if no GPU can be used
    """
    require_device()
    import cupy

    cls: type = cupy.ndarray
    return cls


backend: Backend = backend_with("both", "gpu", asarray, array_type)

if TYPE_CHECKING:
    from scratch.layers import *
else:
    globals().update(bind(backend, layers))

from gpu import on_numpy  # noqa: E402 - it binds the same backend, so that must exist

__all__ = [
    *layers.__all__,
    "Module",
    "NoDevice",
    "Parameter",
    "Residual",
    "Sequential",
    "asarray",
    "asnumpy",
    "images",
    "manual_seed",
    "on_numpy",
    "optim",
    "summary",
]
