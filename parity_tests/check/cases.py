"""Which cases a layer is asked, and what each of them takes for granted that not every layer offers."""

import inspect
from typing import Any

import torch

from parity_tests.harness.cases import CASES
from parity_tests.harness.layer_case import LayerCase

LAYERS = ("Conv2d", "MaxPool2d", "AvgPool2d", "Linear", "ReLU", "Flatten", "Softmax", "BatchNorm2d")
"""The layers of torch that one's own can be compared with; not Dropout, which draws a mask that nobody else knows."""

SAMPLE_DIMENSIONS = {"Conv2d": 3, "MaxPool2d": 3, "AvgPool2d": 3, "Linear": 1}


def cases_for(op: str) -> list[LayerCase]:
    """The suite's cases of a layer."""
    return [case for case in CASES if isinstance(case, LayerCase) and case.op == op]


def torch_defaults(op: str) -> dict[str, Any]:
    """The arguments of torch's constructor with their defaults, `inspect.Parameter.empty` where one is required."""
    return {p.name: p.default for p in inspect.signature(getattr(torch.nn, op)).parameters.values()}


def given(case: LayerCase) -> dict[str, Any]:
    """The arguments that a case passes to the constructor, by torch's names."""
    signature = inspect.signature(getattr(torch.nn, case.op))
    return dict(signature.bind(*case.spec.args, **dict(case.spec.settings)).arguments)


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
    if case.op == "ReLU":
        return len(case.shape) > 1
    if case.op == "Flatten":
        return not given(case)
    return len(case.shape) > SAMPLE_DIMENSIONS.get(case.op, len(case.shape))


def peculiarities(case: LayerCase) -> list[str]:
    """What a case takes for granted, in words, beside the arguments that it passes."""
    dimensions = SAMPLE_DIMENSIONS.get(case.op)
    words = {
        "input without a batch": len(case.shape) == dimensions,
        "one dimension": case.op == "Softmax" and len(case.shape) == 1,
        "more than two dimensions": case.op == "Linear" and len(case.shape) > 2,
        "a single number": case.shape == (),
        "an empty batch": 0 in case.shape,
        "integer input": case.integer is not None,
        "evaluation": not case.training,
        "padding in words": isinstance(given(case).get("padding"), str),
    }
    pairs = [f"a pair as {name}" for name, value in given(case).items() if isinstance(value, tuple)]
    nones = [f"{name}=None" for name, value in given(case).items() if value is None]
    return [word for word, is_so in words.items() if is_so] + pairs + nones
