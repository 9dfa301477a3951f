"""Which cases a layer, loss or optimiser is asked, and what each takes for granted that not everybody offers."""

from collections.abc import Mapping
from typing import Any

import torch

from parity_tests.harness.case import Case, Spec, signature_of
from parity_tests.harness.cases import CASES
from parity_tests.harness.implementations import OPTIMISERS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.optimiser_case import OptimiserCase

ELEMENTWISE = ("ReLU", "LeakyReLU", "Sigmoid", "Tanh", "SiLU", "GELU", "ELU", "Softplus", "Identity")
"""Layers to which any number of dimensions is the same."""

ALONG_AN_AXIS = ("Softmax", "LogSoftmax")

LAYERS = (
    "Conv2d",
    "ConvTranspose2d",
    "MaxPool2d",
    "AvgPool2d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "Upsample",
    "Linear",
    *ELEMENTWISE,
    "Flatten",
    *ALONG_AN_AXIS,
    "BatchNorm2d",
    "LayerNorm",
    "GroupNorm",
)
LOSSES = ("CrossEntropyLoss", "MSELoss", "L1Loss", "NLLLoss", "BCEWithLogitsLoss", "SmoothL1Loss")
OPS = LAYERS + LOSSES + OPTIMISERS
"""What of torch one's own can be compared with."""

RANDOM = "its mask is random, and nobody but torch can draw the same: no number of it can be compared"
TWO = "it takes indices beside x, and only layers of one input are called"
WITHOUT = {"Dropout": RANDOM, "Dropout2d": RANDOM, "MaxUnpool2d": TWO}
"""What cannot be compared, and why."""

SAMPLE_DIMENSIONS = {
    "Conv2d": 3,
    "ConvTranspose2d": 3,
    "MaxPool2d": 3,
    "AvgPool2d": 3,
    "AdaptiveAvgPool2d": 3,
    "AdaptiveMaxPool2d": 3,
    "Upsample": 3,
    "Linear": 1,
}

UNUSED = {
    "size_average",
    "reduce",
    "foreach",
    "capturable",
    "differentiable",
    "fused",
}
"""Arguments of torch's that no case passes: old names, speed, and other algorithms."""

S = Spec.of

PLAIN: Mapping[str, Case] = {
    "Conv2d": LayerCase(S("Conv2d", 5, 4, 3), (2, 5, 8, 7)),
    "ConvTranspose2d": LayerCase(S("ConvTranspose2d", 5, 4, 3), (2, 5, 6, 7)),
    "MaxPool2d": LayerCase(S("MaxPool2d", 2), (2, 3, 6, 8)),
    "AvgPool2d": LayerCase(S("AvgPool2d", 2), (2, 3, 6, 8)),
    "AdaptiveAvgPool2d": LayerCase(S("AdaptiveAvgPool2d", (3, 4)), (2, 3, 5, 7)),
    "AdaptiveMaxPool2d": LayerCase(S("AdaptiveMaxPool2d", (3, 4)), (2, 3, 5, 7)),
    "Upsample": LayerCase(S("Upsample", scale_factor=2), (2, 3, 4, 5)),
    "Linear": LayerCase(S("Linear", 7, 5), (3, 7)),
    "ReLU": LayerCase(S("ReLU"), (2, 3, 5, 4)),
    "Flatten": LayerCase(S("Flatten"), (2, 3, 4, 5)),
    "LeakyReLU": LayerCase(S("LeakyReLU"), (2, 3, 5, 4)),
    "Sigmoid": LayerCase(S("Sigmoid"), (2, 3, 5, 4)),
    "Tanh": LayerCase(S("Tanh"), (2, 3, 5, 4)),
    "SiLU": LayerCase(S("SiLU"), (2, 3, 5, 4)),
    "GELU": LayerCase(S("GELU"), (2, 3, 5, 4)),
    "ELU": LayerCase(S("ELU"), (2, 3, 5, 4)),
    "Softplus": LayerCase(S("Softplus"), (2, 3, 5, 4)),
    "Identity": LayerCase(S("Identity"), (2, 3, 5, 4)),
    "Softmax": LayerCase(S("Softmax", dim=1), (3, 5)),
    "LogSoftmax": LayerCase(S("LogSoftmax", dim=1), (3, 5)),
    "BatchNorm2d": LayerCase(S("BatchNorm2d", 3), (4, 3, 5, 6)),
    "LayerNorm": LayerCase(S("LayerNorm", 7), (5, 7)),
    "GroupNorm": LayerCase(S("GroupNorm", 2, 6), (3, 6, 5, 4)),
    "CrossEntropyLoss": LossCase(S("CrossEntropyLoss"), (5, 4)),
    "MSELoss": LossCase(S("MSELoss"), (3, 5), "numbers"),
    "L1Loss": LossCase(S("L1Loss"), (3, 5), "numbers"),
    "NLLLoss": LossCase(S("NLLLoss"), (5, 4)),
    "BCEWithLogitsLoss": LossCase(S("BCEWithLogitsLoss"), (3, 5), "yes or no"),
    "SmoothL1Loss": LossCase(S("SmoothL1Loss"), (3, 5), "numbers"),
    "SGD": OptimiserCase(S("SGD", lr=0.1)),
    "Adam": OptimiserCase(S("Adam", lr=0.1)),
    "AdamW": OptimiserCase(S("AdamW", lr=0.1)),
    "RMSprop": OptimiserCase(S("RMSprop", lr=0.1)),
}
"""A case of each, to find out how it is called: nothing special, and no two axes alike that could be confused."""


AFFINE = {"BatchNorm2d": "affine", "LayerNorm": "elementwise_affine", "GroupNorm": "affine"}
"""Layers that have a weight only together with a bias (or without one), and the argument that says so."""


def cases_for(op: str) -> list[Case]:
    """The suite's cases of a layer."""
    return [case for case in CASES if case.op == op]


def torch_class(op: str) -> Any:
    """torch's own."""
    return getattr(torch.optim if op in OPTIMISERS else torch.nn, op)


def torch_defaults(op: str) -> dict[str, Any]:
    """The arguments of torch's constructor with their defaults, `inspect.Parameter.empty` where one is required."""
    parameters = signature_of(torch_class(op)).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return {p.name: p.default for p in named if p.name not in UNUSED and p.name != "params"}


def given(case: Case) -> dict[str, Any]:
    """The arguments that a case passes to the constructor, by torch's names; an array is {"$": its name}."""
    if isinstance(case, OptimiserCase):
        return dict(case.spec.settings)
    passed = dict(signature_of(torch_class(case.op)).bind(*case.spec.args, **dict(case.spec.settings)).arguments)
    passed = {name: value for name, value in passed.items() if name not in ("args", "kwargs")}  # Identity ignores any
    if isinstance(case, LossCase):
        weights = {"weight": case.weighted, "pos_weight": case.pos_weighted}
        passed |= {name: {"$": name} for name, here in weights.items() if here}
    return passed


def softmax_axis(case: LayerCase) -> int:
    """The axis that a case of Softmax runs along, as torch chooses it where dim is None."""
    dim = given(case).get("dim")
    if dim is None:
        dim = 0 if len(case.shape) in (0, 1, 3) else 1
    return int(dim) % max(1, len(case.shape))


def is_last_axis(case: LayerCase) -> bool:
    """Whether a case of Softmax runs along the last axis."""
    return softmax_axis(case) == max(0, len(case.shape) - 1)


def is_batch(case: LayerCase) -> bool:
    """Whether the first axis of x counts samples that could as well be run one by one."""
    if case.op in ELEMENTWISE:
        return len(case.shape) > 1
    if case.op == "Flatten":
        return not given(case)
    return len(case.shape) > SAMPLE_DIMENSIONS.get(case.op, len(case.shape))


def peculiarities(case: Case) -> list[str]:
    """What a case takes for granted, in words, beside the arguments that it passes."""
    if isinstance(case, OptimiserCase):
        return []
    words = of_layer(case) if isinstance(case, LayerCase) else of_loss(case) if isinstance(case, LossCase) else {}
    pairs = [f"a pair as {name}" for name, value in given(case).items() if isinstance(value, tuple)]
    nones = [f"{name}=None" for name, value in given(case).items() if value is None]
    return [word for word, is_so in words.items() if is_so] + pairs + nones


def of_layer(case: LayerCase) -> dict[str, bool]:
    """What a case of a layer takes for granted."""
    return {
        "input without a batch": len(case.shape) == SAMPLE_DIMENSIONS.get(case.op),
        "one dimension": case.op in ALONG_AN_AXIS and len(case.shape) == 1,
        "more than two dimensions": case.op == "Linear" and len(case.shape) > 2,
        "a single number": case.shape == (),
        "an empty batch": 0 in case.shape,
        "integer input": case.integer is not None,
        "evaluation": case.op == "BatchNorm2d" and not case.training,
        "padding in words": isinstance(given(case).get("padding"), str),
    }


def of_loss(case: LossCase) -> dict[str, bool]:
    """What a case of a loss takes for granted."""
    return {
        "one sample without a batch": len(case.shape) == 1,
        "more than two dimensions": len(case.shape) > 2,
        "a single number": case.shape == (),
        "an empty batch": 0 in case.shape,
        "probabilities as target": case.target == "probabilities",
        "a target that does not sum to 1": case.target == "amounts",
        "labels in a byte": case.target == "uint8 labels",
        "ignored labels": "ignored" in case.target,
    }
