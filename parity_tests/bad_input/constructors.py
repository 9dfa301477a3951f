"""Wrong arguments of constructors."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parity_tests.bad_input.arrays import NOT_ASKED, RELAXED, labels, numbers


@dataclass(frozen=True)
class Constructor:
    """A call of a class with wrong arguments.

    Attributes
    ----------
    error, words : what is raised, and what its message must contain
    name, arguments, named : the call
    torch : why torch is not asked; empty if it must refuse, too: the call, or the layer's first forward
    """

    error: type[Exception]
    words: str
    name: str
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    torch: str

    def __str__(self) -> str:
        shown = [repr(value) for value in self.arguments] + [f"{name}={value!r}" for name, value in self.named.items()]
        return f"{self.name}({', '.join(shown)})"


def refused(
    error: type[Exception], words: str, name: str, *arguments: Any, torch: str = "", **named: Any
) -> Constructor:
    """Write a Constructor in one line."""
    return Constructor(error, words, name, arguments, named, torch)


FIRST_INPUT = {
    "Conv2d": (numbers(2, 4, 9, 9),),
    "ConvTranspose2d": (numbers(2, 4, 9, 9),),
    "MaxPool2d": (numbers(2, 4, 9, 9),),
    "AvgPool2d": (numbers(2, 4, 9, 9),),
    "BatchNorm2d": (numbers(2, 4, 9, 9),),
    "AdaptiveAvgPool2d": (numbers(2, 4, 9, 9),),
    "AdaptiveMaxPool2d": (numbers(2, 4, 9, 9),),
    "MaxUnpool2d": (numbers(2, 4, 9, 9), np.broadcast_to(np.arange(81).reshape(9, 9), (2, 4, 9, 9)).copy()),
    "Upsample": (numbers(2, 4, 9, 9),),
    "Linear": (numbers(2, 4),),
    "LayerNorm": (numbers(2, 4),),
    "GroupNorm": (numbers(2, 4),),
    "Dropout": (numbers(2, 4),),
    "Dropout2d": (numbers(2, 4, 9, 9),),
    "LeakyReLU": (numbers(2, 4),),
    "GELU": (numbers(2, 4),),
    "ELU": (numbers(2, 4),),
    "Softplus": (numbers(2, 4),),
    "CrossEntropyLoss": (numbers(2, 4), labels(3, 0)),
    "MSELoss": (numbers(2, 4), numbers(2, 4)),
    "L1Loss": (numbers(2, 4), numbers(2, 4)),
    "NLLLoss": (numbers(2, 4), labels(3, 0)),
    "BCEWithLogitsLoss": (numbers(2, 4), numbers(2, 4)),
    "SmoothL1Loss": (numbers(2, 4), numbers(2, 4)),
}
"""What torch is given where it checks only in forward."""

CONSTRUCTORS = [
    refused(ValueError, "in_channels=-1", "Conv2d", -1, 6, 3),
    refused(ValueError, "in_channels=0", "Conv2d", 0, 6, 3, torch=RELAXED),
    refused(ValueError, "out_channels=-2", "Conv2d", 4, -2, 3),
    refused(ValueError, "out_channels=0", "Conv2d", 4, 0, 3, torch=RELAXED),
    refused(TypeError, "in_channels=4.0", "Conv2d", 4.0, 6, 3),
    refused(TypeError, "out_channels='6'", "Conv2d", 4, "6", 3),
    refused(ValueError, "groups=0", "Conv2d", 4, 6, 3, groups=0),
    refused(TypeError, "groups=2.0", "Conv2d", 4, 6, 3, groups=2.0),
    refused(ValueError, "in_channels=4 must be divisible by groups=3", "Conv2d", 4, 6, 3, groups=3),
    refused(ValueError, "out_channels=6 must be divisible by groups=4", "Conv2d", 4, 6, 3, groups=4),
    refused(ValueError, "kernel_size=0", "Conv2d", 4, 6, 0),
    refused(ValueError, "kernel_size=(3, -1)", "Conv2d", 4, 6, (3, -1)),
    refused(ValueError, "kernel_size=(3, 3, 3)", "Conv2d", 4, 6, (3, 3, 3)),
    refused(TypeError, "kernel_size=2.5", "Conv2d", 4, 6, 2.5),
    refused(ValueError, "stride=0", "Conv2d", 4, 6, 3, stride=0),
    refused(ValueError, "stride=(1, -2)", "Conv2d", 4, 6, 3, stride=(1, -2)),
    refused(ValueError, "padding=-1", "Conv2d", 4, 6, 3, padding=-1),
    refused(ValueError, "padding='full'", "Conv2d", 4, 6, 3, padding="full"),
    refused(ValueError, "padding='same' is not supported for strided", "Conv2d", 4, 6, 3, stride=2, padding="same"),
    refused(ValueError, "dilation=0", "Conv2d", 4, 6, 3, dilation=0),
    refused(ValueError, "padding_mode='mirror'", "Conv2d", 4, 6, 3, padding_mode="mirror"),
    refused(ValueError, "padding_mode=None", "Conv2d", 4, 6, 3, padding_mode=None),
    refused(TypeError, "dtype=<class 'int'>", "Conv2d", 4, 6, 3, dtype=int),
    refused(
        TypeError, "dtype='complex64'", "Conv2d", 4, 6, 3, dtype="complex64", torch=NOT_ASKED + "it has complex layers"
    ),
    refused(TypeError, "dtype='floaty'", "Conv2d", 4, 6, 3, dtype="floaty"),
    refused(ValueError, "in_channels=-1", "ConvTranspose2d", -1, 6, 3),
    refused(TypeError, "out_channels='6'", "ConvTranspose2d", 4, "6", 3),
    refused(ValueError, "in_channels=4 must be divisible by groups=3", "ConvTranspose2d", 4, 6, 3, groups=3),
    refused(ValueError, "out_channels=6 must be divisible by groups=4", "ConvTranspose2d", 4, 6, 3, groups=4),
    refused(ValueError, "kernel_size=0", "ConvTranspose2d", 4, 6, 0),
    refused(ValueError, "stride=0", "ConvTranspose2d", 4, 6, 3, stride=0),
    refused(ValueError, "padding=-1", "ConvTranspose2d", 4, 6, 3, padding=-1),
    refused(TypeError, "padding='same'", "ConvTranspose2d", 4, 6, 3, padding="same"),
    refused(ValueError, "output_padding=-1", "ConvTranspose2d", 4, 6, 3, stride=2, output_padding=-1),
    refused(TypeError, "output_padding=0.5", "ConvTranspose2d", 4, 6, 3, stride=2, output_padding=0.5),
    refused(ValueError, "smaller than either stride or dilation", "ConvTranspose2d", 4, 6, 3, output_padding=1),
    refused(ValueError, "output_padding=(0, 2)", "ConvTranspose2d", 4, 6, 3, (3, 2), output_padding=(0, 2)),
    refused(ValueError, "dilation=0", "ConvTranspose2d", 4, 6, 3, dilation=0),
    refused(ValueError, 'Only "zeros" padding mode', "ConvTranspose2d", 4, 6, 3, padding_mode="reflect"),
    refused(TypeError, "dtype=<class 'int'>", "ConvTranspose2d", 4, 6, 3, dtype=int),
    refused(ValueError, "kernel_size=0", "MaxPool2d", 0),
    refused(ValueError, "stride=0", "MaxPool2d", 3, 0),
    refused(ValueError, "stride=(2, 0)", "MaxPool2d", 3, (2, 0)),
    refused(ValueError, "padding=-1", "MaxPool2d", 3, 1, -1),
    refused(ValueError, "padding=2", "MaxPool2d", 3, 1, 2),
    refused(ValueError, "padding=(1, 2)", "MaxPool2d", (3, 3), 1, (1, 2)),
    refused(TypeError, "padding='same'", "MaxPool2d", 3, padding="same"),
    refused(ValueError, "dilation=0", "MaxPool2d", 3, dilation=0),
    refused(TypeError, "kernel_size=None", "MaxPool2d", None),
    refused(ValueError, "kernel_size=-3", "AvgPool2d", -3),
    refused(ValueError, "stride=0", "AvgPool2d", 3, 0),
    refused(ValueError, "padding=2", "AvgPool2d", 3, 1, 2),
    refused(TypeError, "padding='valid'", "AvgPool2d", 3, padding="valid"),
    refused(ValueError, "divisor_override=0", "AvgPool2d", 3, divisor_override=0),
    refused(TypeError, "divisor_override=2.5", "AvgPool2d", 3, divisor_override=2.5),
    *(
        each
        for op in ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d")
        for each in (
            refused(TypeError, "output_size=None", op, None),
            refused(TypeError, "output_size=2.5", op, 2.5),
            refused(TypeError, "output_size=(2, '3')", op, (2, "3")),
            refused(ValueError, "output_size=-1", op, -1),
            refused(ValueError, "output_size=(None, -2)", op, (None, -2)),
            refused(ValueError, "output_size=(2, 0)", op, (2, 0), torch=RELAXED),
            refused(ValueError, "output_size=(2, 3, 4)", op, (2, 3, 4)),
        )
    ),
    refused(ValueError, "kernel_size=0", "MaxUnpool2d", 0, torch=RELAXED),
    refused(TypeError, "kernel_size=2.5", "MaxUnpool2d", 2.5),
    refused(ValueError, "stride=(2, 0)", "MaxUnpool2d", 2, (2, 0)),
    refused(ValueError, "padding=-1", "MaxUnpool2d", 2, 2, -1, torch=RELAXED),
    refused(ValueError, "either size or scale_factor should be defined", "Upsample"),
    refused(ValueError, "scale_factor=0: either", "Upsample", scale_factor=0),
    refused(ValueError, "only one of size or scale_factor should be defined", "Upsample", 3, 2),
    refused(ValueError, "size=(3, 0)", "Upsample", (3, 0)),
    refused(ValueError, "size=(3, 4, 5)", "Upsample", (3, 4, 5)),
    refused(TypeError, "size=2.5", "Upsample", 2.5),
    refused(ValueError, "scale_factor=-2", "Upsample", scale_factor=-2),
    refused(ValueError, "scale_factor=inf", "Upsample", scale_factor=float("inf")),
    refused(ValueError, "scale_factor=(2, 0)", "Upsample", scale_factor=(2, 0)),
    refused(ValueError, "scale_factor=(2,)", "Upsample", scale_factor=(2,)),
    refused(TypeError, "scale_factor=[2, 3]", "Upsample", scale_factor=[2, 3]),
    refused(TypeError, "scale_factor=(2, '3')", "Upsample", scale_factor=(2, "3"), torch=NOT_ASKED + "it reads text"),
    refused(ValueError, "mode='linear'", "Upsample", 3, mode="linear"),
    refused(ValueError, "mode='bicubic'", "Upsample", 3, mode="bicubic", torch=NOT_ASKED + "it has this mode"),
    refused(ValueError, "mode='nearest-exact'", "Upsample", 3, mode="nearest-exact", torch=NOT_ASKED + "it has it"),
    refused(TypeError, "align_corners='no'", "Upsample", 3, mode="bilinear", align_corners="no"),
    refused(ValueError, "align_corners=False", "Upsample", 3, align_corners=False),
    refused(ValueError, "not meaningful with an explicit size=3", "Upsample", 3, recompute_scale_factor=True),
    refused(ValueError, "in_features=-4", "Linear", -4, 2),
    refused(ValueError, "in_features=0", "Linear", 0, 2, torch=RELAXED),
    refused(ValueError, "out_features=0", "Linear", 4, 0, torch=RELAXED),
    refused(TypeError, "out_features=2.0", "Linear", 4, 2.0),
    refused(TypeError, "dtype=<class 'int'>", "Linear", 4, 2, dtype=int),
    refused(ValueError, "num_features=-4", "BatchNorm2d", -4),
    refused(ValueError, "num_features=0", "BatchNorm2d", 0, torch=RELAXED),
    refused(TypeError, "num_features=4.0", "BatchNorm2d", 4.0),
    refused(TypeError, "dtype=<class 'int'>", "BatchNorm2d", 4, dtype=int, torch=RELAXED),
    refused(TypeError, "eps=None must be a number", "BatchNorm2d", 4, eps=None),
    refused(TypeError, "momentum='0.1' must be a number", "BatchNorm2d", 4, momentum="0.1"),
    refused(ValueError, "at least 1-dimensional", "LayerNorm", ()),
    refused(ValueError, "normalized_shape=-4", "LayerNorm", -4),
    refused(ValueError, "normalized_shape=0", "LayerNorm", 0, torch=RELAXED),
    refused(TypeError, "normalized_shape=4.0", "LayerNorm", 4.0),
    refused(TypeError, "normalized_shape='4'", "LayerNorm", "4"),
    refused(ValueError, "eps=0 must be positive", "LayerNorm", 4, eps=0, torch=RELAXED),
    refused(TypeError, "eps=None must be a number", "LayerNorm", 4, eps=None),
    refused(TypeError, "dtype=<class 'int'>", "LayerNorm", 4, dtype=int, torch=RELAXED),
    refused(ValueError, "num_channels (4) must be divisible by num_groups (3)", "GroupNorm", 3, 4),
    refused(ValueError, "num_groups=-2", "GroupNorm", -2, 4, torch=RELAXED),
    refused(TypeError, "num_groups=2.0", "GroupNorm", 2.0, 4),
    refused(ValueError, "num_channels=0", "GroupNorm", 2, 0),
    refused(ValueError, "eps=-1 must be positive", "GroupNorm", 2, 4, eps=-1, torch=RELAXED),
    refused(TypeError, "eps='0.1' must be a number", "GroupNorm", 2, 4, eps="0.1"),
    refused(TypeError, "dtype=<class 'int'>", "GroupNorm", 2, 4, dtype=int, torch=RELAXED),
    refused(ValueError, "p=1.5", "Dropout", 1.5),
    refused(ValueError, "p=-0.1", "Dropout", -0.1),
    refused(ValueError, "p=nan", "Dropout", float("nan")),
    refused(TypeError, "p=None must be a number", "Dropout", None),
    refused(ValueError, "p=1.5", "Dropout2d", 1.5),
    refused(TypeError, "negative_slope='0.1'", "LeakyReLU", "0.1"),
    refused(TypeError, "negative_slope=None", "LeakyReLU", None),
    refused(ValueError, "approximate='erf': approximate argument must be either none or tanh", "GELU", "erf"),
    refused(TypeError, "alpha='1'", "ELU", "1"),
    refused(TypeError, "alpha=None", "ELU", None),
    refused(TypeError, "beta='1'", "Softplus", "1"),
    refused(TypeError, "threshold=None", "Softplus", 1, None),
    refused(ValueError, "reduction='avg'", "CrossEntropyLoss", reduction="avg"),
    refused(ValueError, "reduction='avg'", "MSELoss", reduction="avg"),
    refused(ValueError, "reduction='avg'", "L1Loss", reduction="avg"),
    refused(ValueError, "Got: 1.5", "CrossEntropyLoss", label_smoothing=1.5),
    refused(ValueError, "Got: -0.5", "CrossEntropyLoss", label_smoothing=-0.5, torch=RELAXED),
    refused(ValueError, "weight has shape (4, 1)", "CrossEntropyLoss", weight=numbers(4, 1)),
    refused(TypeError, "weight is a builtins.list", "CrossEntropyLoss", weight=[1.0, 2.0, 3.0, 4.0]),
    refused(ValueError, "weight has shape (4, 1)", "NLLLoss", weight=numbers(4, 1)),
    refused(ValueError, "reduction='avg'", "NLLLoss", reduction="avg"),
    refused(TypeError, "ignore_index=None must be an integer", "NLLLoss", ignore_index=None),
    refused(TypeError, "ignore_index=-0.5 must be an integer", "CrossEntropyLoss", ignore_index=-0.5),
    refused(TypeError, "label_smoothing='0.1' must be a number", "CrossEntropyLoss", label_smoothing="0.1"),
    refused(TypeError, "weight is a builtins.list", "BCEWithLogitsLoss", weight=[1.0]),
    refused(TypeError, "pos_weight is a builtins.float", "BCEWithLogitsLoss", pos_weight=2.0),
    refused(ValueError, "beta=-1.0", "SmoothL1Loss", beta=-1.0),
    refused(ValueError, "beta=nan", "SmoothL1Loss", beta=float("nan")),
    refused(TypeError, "beta='1' must be a number", "SmoothL1Loss", beta="1"),
    refused(TypeError, "0 is a str", "Sequential", "ReLU"),
    refused(TypeError, "0 is a list", "Sequential", []),
]
