"""The layers and losses: parameters, checks, and what is kept for backward. They compute through their backend."""

from scratch.layers.activation import ELU, GELU, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from scratch.layers.adaptive_pool import AdaptiveAvgPool2d, AdaptiveMaxPool2d
from scratch.layers.class_loss import CrossEntropyLoss, NLLLoss
from scratch.layers.conv import Conv2d
from scratch.layers.conv_transpose import ConvTranspose2d
from scratch.layers.dropout import Dropout, Dropout2d
from scratch.layers.elementwise_loss import BCEWithLogitsLoss, L1Loss, MSELoss, SmoothL1Loss
from scratch.layers.layer_norm import GroupNorm, LayerNorm
from scratch.layers.linear import Flatten, Linear
from scratch.layers.norm import BatchNorm2d
from scratch.layers.pool import AvgPool2d, MaxPool2d
from scratch.layers.softmax import LogSoftmax, Softmax
from scratch.layers.unpool import MaxUnpool2d
from scratch.layers.upsample import Upsample

__all__ = [
    "ELU",
    "GELU",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "AvgPool2d",
    "BCEWithLogitsLoss",
    "BatchNorm2d",
    "Conv2d",
    "ConvTranspose2d",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout2d",
    "Flatten",
    "GroupNorm",
    "Identity",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "MaxUnpool2d",
    "NLLLoss",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softplus",
    "Tanh",
    "Upsample",
]
