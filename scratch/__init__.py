"""The namespace of fast NumPy: torch.nn's layers, forward and backward, from scratch.

>>> import numpy as np, scratch
>>> model = scratch.Sequential(scratch.Conv2d(1, 4, 3), scratch.ReLU(), scratch.Flatten(), scratch.Linear(144, 2))
>>> logits = model(np.zeros((5, 1, 8, 8), np.float32))
>>> criterion = scratch.CrossEntropyLoss()
>>> loss = criterion(logits, np.array([0, 1, 0, 1, 0]))
>>> dx = model.backward(criterion.backward())
>>> dx.shape, model[0].weight.grad.shape
((5, 1, 8, 8), (4, 1, 3, 3))

`scratch.naive` is the same in explicit loops, `gpu` the same on CuPy.
"""

from typing import TYPE_CHECKING

import numpy as np

from scratch import images, layers, optim
from scratch.backend import Backend, bind
from scratch.container import Residual, Sequential
from scratch.fast import (
    activation,
    adaptive_pool,
    avg_pool,
    batch_norm,
    class_loss,
    conv,
    conv_1x1,
    conv_banded,
    conv_depthwise,
    conv_fft,
    conv_im2col,
    conv_one_product,
    conv_rows,
    conv_transpose,
    dropout,
    elementwise_loss,
    elu,
    group_norm,
    layer_norm,
    leaky_relu,
    linear,
    log_softmax,
    max_pool,
    norm,
    pad,
    pool,
    relu,
    row_norm,
    softmax,
    unpool,
    upsample,
    winograd,
)
from scratch.fast.choice import choose_conv2d
from scratch.fast.smooth import smooth
from scratch.fast.softplus import softplus
from scratch.images.filters import METHODS
from scratch.module import Module, Parameter
from scratch.precision import precision
from scratch.random import manual_seed
from scratch.summary import summary

asarray = np.asarray

backend = Backend(
    name="scratch",
    asarray=asarray,
    array_type=lambda: np.ndarray,
    conv2d={
        "im2col": conv_im2col,
        "one_product": conv_one_product,
        "1x1": conv_1x1,
        "rows": conv_rows,
        "banded": conv_banded,
        "depthwise": conv_depthwise,
        "winograd_fast": winograd.fast,
        "winograd": winograd.strict,
        "fft": conv_fft,
        "textbook": conv,
    },
    conv_transpose2d={"im2col": conv_transpose},
    pad2d={"strips": pad},
    max_pool2d={"running": max_pool, "taps": pool},
    avg_pool2d={"sums": avg_pool, "taps": pool},
    adaptive_avg_pool2d={"taps": adaptive_pool},
    adaptive_max_pool2d={"taps": adaptive_pool},
    max_unpool2d={"assignment": unpool},
    upsample2d={"maps": upsample},
    linear={"matmul": linear},
    relu={"blocks": relu, "vectorised": activation},
    leaky_relu={"blocks": leaky_relu},
    sigmoid={"blocks": smooth},
    tanh={"blocks": smooth},
    silu={"blocks": smooth},
    gelu={"blocks": smooth},
    elu={"blocks": elu},
    softplus={"blocks": softplus},
    softmax={"blocks": softmax, "vectorised": activation},
    log_softmax={"blocks": softmax, "vectorised": log_softmax},
    dropout={"vectorised": dropout},
    dropout2d={"vectorised": dropout},
    batch_norm2d={"blocks": batch_norm, "vectorised": norm},
    group_norm={"blocks": group_norm, "vectorised": layer_norm},
    layer_norm={"blocks": row_norm, "vectorised": layer_norm},
    cross_entropy={"vectorised": class_loss},
    mse={"vectorised": elementwise_loss},
    l1={"vectorised": elementwise_loss},
    nll={"vectorised": class_loss},
    bce_with_logits={"vectorised": elementwise_loss},
    smooth_l1={"vectorised": elementwise_loss},
    correlate2d=METHODS,
    choose_conv2d=choose_conv2d,
)

if TYPE_CHECKING:
    from scratch.layers import *
else:
    globals().update(bind(backend, layers))

from scratch import naive  # noqa: E402 - it binds the same layers, so they must exist

__all__ = [
    *layers.__all__,
    "Module",
    "Parameter",
    "Residual",
    "Sequential",
    "asarray",
    "images",
    "manual_seed",
    "naive",
    "optim",
    "precision",
    "summary",
]
