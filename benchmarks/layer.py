"""Layers: forward; and forward and backward, with dx and the gradients of all parameters."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from benchmarks.contenders import Contender, Ours, Torch
from benchmarks.problem import SEED, DoesNotServeError, Judged, Trial
from benchmarks.timing import Arm
from parity_tests.harness.case import Inputs, Tensors
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import Reference, judge_tensor, refer
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray, to_host

BYTES_EACH = 240
"""How many bytes the judge takes for each number of x: measured, for the greediest of the rows, BatchNorm."""


@dataclass(frozen=True)
class Layer:
    """One layer, on one input."""

    case: LayerCase
    dtype: str = "float32"

    directions = ("forward", "forward+backward")

    def __str__(self) -> str:
        return f"{self.case}, {self.dtype}"

    @property
    def bytes_to_judge(self) -> int:
        """In float64 there are x, y, their gradients, and for each the sums of absolute values and the errors."""
        return BYTES_EACH * math.prod(self.case.shape)

    def draw(self) -> Trial:
        """Draw the inputs."""
        return LayerTrial(self, self.case.draw(np.dtype(self.dtype), SEED))


@dataclass(frozen=True)
class LayerTrial:
    """A layer with its inputs."""

    problem: Layer
    inputs: Inputs

    @cached_property
    def should(self) -> Reference:
        """What it should give: computed when somebody is judged, since the clock needs no referee."""
        return refer(self.problem.case, self.inputs, self.problem.dtype)

    def arm(self, contender: Contender) -> Arm | None:
        """Build the layer."""
        match contender:
            case Ours():
                return ours(contender, self.problem.case, self.inputs)
            case Torch(two_passes=False):
                return torchs(contender, self.problem.case, self.inputs)
        return None

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Judge all tensors, by the law of the algorithm that computed them."""
        with arm.setting():
            got, should = arm.results(), self.should
        laws = should.laws_of(arm.ran())
        return [
            Judged(str(self.problem), name, judge_tensor(got.get(name), want, laws, name, self.problem.dtype))
            for name, want in should.oracle.items()
        ]


def ours(contender: Ours, case: LayerCase, inputs: Inputs) -> Arm | None:
    """Call one of our layers, and its backward; None if the algorithm that is asked for does not serve it."""
    nn = contender.nn
    if contender.algorithm is not None and not serves(contender, case):
        return None
    layer = case.build(nn, inputs)
    layer.algorithm = contender.algorithm
    x, dy = nn.asarray(inputs["x"]), nn.asarray(inputs["dy"])
    if contender.algorithm is not None:
        try_once(contender, layer, x)

    def forward() -> Any:
        return layer(x)

    def both() -> tuple[Any, Any]:
        layer.zero_grad()
        return layer(x), layer.backward(dy)

    def results() -> Tensors:
        y, dx = both()
        grads = {f"d{name}": to_host(parameter.grad) for name, parameter in layer.named_parameters()}
        buffers = {name: to_host(held.data) for name, held in layer.named_buffers()}
        return {"y": to_host(y), "dx": to_host(dx), **grads, **buffers}

    def ran() -> str:
        return getattr(layer, "ran", None) or ""

    calls = {"forward": forward, "forward+backward": both}
    return Arm(calls, inputs["dy"].size, results, contender.finish(), contender.setting, ran)


def try_once(contender: Ours, layer: Any, x: Any) -> None:
    """Find out whether an algorithm takes an input of this size, which is said by its first call.

    Raises
    ------
    DoesNotServeError
        with the algorithm's own words
    """
    with contender.setting():
        try:
            layer(x)
        except ValueError as error:
            raise DoesNotServeError(str(error)) from error


def serves(contender: Ours, case: LayerCase) -> bool:
    """Whether the contender's algorithm serves a layer, in the contender's precision."""
    with contender.setting():
        layer = case.spec.build(contender.nn)
        return contender.algorithm in getattr(layer, "algorithms", contender.implementation.algorithms(case.op))


def torchs(contender: Torch, case: LayerCase, inputs: Inputs) -> Arm:
    """Call torch's layer, and its autograd."""
    module = case.spec.build(torch.nn)
    x, dy = (placed(inputs[name], contender) for name in ("x", "dy"))
    module.to(contender.device, x.dtype)
    module.load_state_dict({name: tensor(value) for name, value in case.state(inputs).items()})
    module.to(memory_format=contender.memory_format)
    x.requires_grad_()

    def forward() -> torch.Tensor:
        with torch.no_grad():
            y: torch.Tensor = module(x)
            return y

    def both() -> torch.Tensor:
        module.zero_grad()
        x.grad = None
        y: torch.Tensor = module(x)
        y.backward(dy)  # type: ignore[no-untyped-call]
        return y

    def results() -> Tensors:
        y = host(both())
        assert x.grad is not None
        grads = {f"d{name}": host(parameter.grad) for name, parameter in module.named_parameters()}
        buffers = {name: host(buffer) for name, buffer in module.named_buffers()}
        return {"y": y, "dx": host(x.grad), **grads, **buffers}

    return Arm({"forward": forward, "forward+backward": both}, inputs["dy"].size, results, contender.finish())


def placed(value: HostArray, contender: Torch) -> torch.Tensor:
    """An array on the contender's device, images in its memory format."""
    there = tensor(value).to(contender.device)
    return there.contiguous(memory_format=contender.memory_format) if there.ndim == 4 else there
