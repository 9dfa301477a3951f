"""Who is compared: the one registry of namespaces, for the suite, the report, the checker and the benchmark."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

BACKEND_TABLE = {
    "Conv2d": "conv2d",
    "ConvTranspose2d": "conv_transpose2d",
    "MaxPool2d": "max_pool2d",
    "AvgPool2d": "avg_pool2d",
    "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "AdaptiveMaxPool2d": "adaptive_max_pool2d",
    "MaxUnpool2d": "max_unpool2d",
    "Upsample": "upsample2d",
    "Linear": "linear",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "SiLU": "silu",
    "GELU": "gelu",
    "ELU": "elu",
    "Softplus": "softplus",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Dropout": "dropout",
    "Dropout2d": "dropout2d",
    "BatchNorm2d": "batch_norm2d",
    "GroupNorm": "group_norm",
    "LayerNorm": "layer_norm",
    "CrossEntropyLoss": "cross_entropy",
    "MSELoss": "mse",
    "L1Loss": "l1",
    "NLLLoss": "nll",
    "BCEWithLogitsLoss": "bce_with_logits",
    "SmoothL1Loss": "smooth_l1",
    "correlate2d": "correlate2d",
    "convolve2d": "correlate2d",
}
"""The layers, losses and filters whose algorithm can be chosen, and the name of its table in a Backend."""

WITHIN = ("pad2d",)
"""The tables of what is a part of a layer, which is chosen by the first of them: Conv2d's borders."""

OPTIMISERS = ("SGD", "Adam", "AdamW", "RMSprop")
"""Those in `optim`, whose algorithms are their own."""


@dataclass(frozen=True)
class Implementation:
    """A namespace that claims to be torch.nn.

    Attributes
    ----------
    name : as it is imported
    why_not : tells why it cannot run here, in words, or None if it can
    """

    name: str
    why_not: Callable[[], str | None] = lambda: None

    @property
    def nn(self) -> Any:
        """The namespace itself, imported when asked for."""
        return import_module(self.name)

    def algorithms(self, op: str) -> list[str | None]:
        """The names of its algorithms for an operation; [None] where there is nothing to choose."""
        if op in OPTIMISERS:
            return [*getattr(self.nn.optim, op).algorithms]
        table = BACKEND_TABLE.get(op)
        return [None] if table is None else list(getattr(self.nn.backend, table))


def _no_device() -> str | None:
    from gpu.device import why_not

    return why_not()


def _no_compiler() -> str | None:
    from gpu.emulator import why_not

    return why_not()


IMPLEMENTATIONS = {
    each.name: each
    for each in (
        Implementation("scratch.naive"),
        Implementation("scratch"),
        Implementation("gpu.on_numpy"),
        Implementation("gpu.emulated", _no_compiler),
        Implementation("gpu", _no_device),
    )
}
