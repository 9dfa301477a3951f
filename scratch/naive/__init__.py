"""The namespace of loops: every layer as one would write it on paper, the specification of all others.

It has the names and the meaning of torch.nn; only the speed differs.
"""

from typing import TYPE_CHECKING

import numpy as np

from scratch import layers, optim
from scratch.backend import Backend, bind
from scratch.container import Residual, Sequential
from scratch.images import loops
from scratch.module import Module, Parameter
from scratch.naive import (
    activation,
    adaptive_pool,
    class_loss,
    conv,
    conv_transpose,
    dropout,
    elementwise_loss,
    images,
    layer_norm,
    linear,
    norm,
    pad,
    pool,
    smooth,
    unpool,
    upsample,
)
from scratch.random import manual_seed
from scratch.summary import summary

asarray = np.asarray

backend = Backend(
    name="scratch.naive",
    asarray=asarray,
    array_type=lambda: np.ndarray,
    conv2d={"loops": conv},
    conv_transpose2d={"loops": conv_transpose},
    pad2d={"loops": pad},
    max_pool2d={"loops": pool},
    avg_pool2d={"loops": pool},
    adaptive_avg_pool2d={"loops": adaptive_pool},
    adaptive_max_pool2d={"loops": adaptive_pool},
    max_unpool2d={"loops": unpool},
    upsample2d={"loops": upsample},
    linear={"loops": linear},
    relu={"loops": activation},
    leaky_relu={"loops": activation},
    sigmoid={"loops": smooth},
    tanh={"loops": smooth},
    silu={"loops": smooth},
    gelu={"loops": smooth},
    elu={"loops": smooth},
    softplus={"loops": smooth},
    softmax={"loops": activation},
    log_softmax={"loops": activation},
    dropout={"loops": dropout},
    dropout2d={"loops": dropout},
    batch_norm2d={"loops": norm},
    group_norm={"loops": layer_norm},
    layer_norm={"loops": layer_norm},
    cross_entropy={"loops": class_loss},
    mse={"loops": elementwise_loss},
    l1={"loops": elementwise_loss},
    nll={"loops": class_loss},
    bce_with_logits={"loops": elementwise_loss},
    smooth_l1={"loops": elementwise_loss},
    correlate2d={"loops": loops},
)

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
    "images",
    "manual_seed",
    "optim",
    "summary",
]
