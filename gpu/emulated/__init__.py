"""The namespace `gpu` on machines without a GPU, with the kernels of our own: they run on the CPU, in gpu/emulator.

What has a kernel in the table of gpu/algorithms.py is computed by the very .cu files that a GPU would run; the rest
keeps the array code of `gpu.on_numpy`. So does the matrix product of `im2col_kernel`, for here is no cuBLAS. It shows
whether kernels and launches are right; it says nothing about speed, and is no run on a GPU. It needs g++, and says so
where there is none.

>>> import numpy as np
>>> from gpu import emulated
>>> emulated.Conv2d(1, 2, 3, dtype=np.float64)
Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))
>>> list(emulated.backend.conv2d)
['direct', 'im2col_kernel', 'implicit_gemm', 'depthwise']
>>> emulated.Conv2d(4, 6, 3, groups=2).algorithms  # those that serve such a layer
['direct', 'im2col_kernel', 'implicit_gemm']
"""

from typing import TYPE_CHECKING

from gpu.algorithms import backend_with
from gpu.emulated import images, optim
from gpu.on_numpy.stand_in import asarray, ndarray
from scratch import layers
from scratch.array import to_host as asnumpy
from scratch.backend import Backend, bind
from scratch.container import Residual, Sequential
from scratch.module import Module, Parameter
from scratch.random import manual_seed
from scratch.summary import summary

backend: Backend = backend_with("kernels", "gpu.emulated", asarray, lambda: ndarray)

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
