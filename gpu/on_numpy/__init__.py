"""The namespace `gpu` on machines without a GPU: the same array code, on NumPy through a strict stand-in for CuPy.

It shows whether the code is right and would run on CuPy; it says nothing about speed, and is no run on a GPU.

>>> import numpy as np
>>> from gpu import on_numpy
>>> x = on_numpy.asarray(np.array([-1.0, 2.0]))
>>> on_numpy.ReLU()(x)
array([0., 2.])
>>> np.asarray(x)
Traceback (most recent call last):
TypeError: Implicit conversion to a NumPy array is not allowed. Please use `.get()` ...
"""

from typing import TYPE_CHECKING

from gpu.algorithms import backend_with
from gpu.on_numpy import images
from gpu.on_numpy.stand_in import asarray, ndarray
from scratch import layers, optim
from scratch.array import to_host as asnumpy
from scratch.backend import Backend, bind
from scratch.container import Residual, Sequential
from scratch.module import Module, Parameter
from scratch.random import manual_seed
from scratch.summary import summary

backend: Backend = backend_with("array code", "gpu.on_numpy", asarray, lambda: ndarray)

if TYPE_CHECKING:
    from scratch.layers import *
else:
    globals().update(bind(backend, layers))

__all__ = [
    *layers.__all__,
    "Module",
    "Parameter",
    "Residual",
    "Sequential",
    "asarray",
    "asnumpy",
    "images",
    "manual_seed",
    "optim",
    "summary",
]
