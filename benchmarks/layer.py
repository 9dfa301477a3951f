"""Layers: forward; and forward and backward, with dx and the gradients of all parameters."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from benchmarks.contenders import Contender, Ours, Torch
from benchmarks.problem import SEED, Judged, Trial
from benchmarks.timing import Arm
from parity_tests.harness.case import Inputs, Tensors
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import Reference, judge_tensor, refer
from parity_tests.harness.torch_side import host, tensor
from scratch.array import to_host


@dataclass(frozen=True)
class Layer:
    """One layer, on one input."""

    case: LayerCase
    dtype: str = "float32"

    directions = ("forward", "forward+backward")

    def __str__(self) -> str:
        return f"{self.case}, {self.dtype}"

    def draw(self) -> Trial:
        """Draw the inputs, and let the oracle answer."""
        inputs = self.case.draw(np.dtype(self.dtype), SEED)
        return LayerTrial(self, inputs, refer(self.case, inputs, self.dtype))


@dataclass(frozen=True)
class LayerTrial:
    """A layer with its inputs, and what it should give."""

    problem: Layer
    inputs: Inputs
    should: Reference

    def arm(self, contender: Contender) -> Arm | None:
        """Build the layer."""
        match contender:
            case Ours():
                return ours(contender, self.problem.case, self.inputs)
            case Torch(two_passes=False):
                return torchs(contender, self.problem.case, self.inputs)
        return None

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Judge what the very layer computes that is timed afterwards."""
        got, should = arm.results(), self.should
        return [
            Judged(str(self.problem), name, judge_tensor(got.get(name), want, should.laws, name, self.problem.dtype))
            for name, want in should.oracle.items()
        ]


def ours(contender: Ours, case: LayerCase, inputs: Inputs) -> Arm:
    """Call one of our layers, and its backward."""
    nn = contender.nn
    layer = case.build(nn, inputs)
    x, dy = nn.asarray(inputs["x"]), nn.asarray(inputs["dy"])

    def forward() -> Any:
        return layer(x)

    def both() -> tuple[Any, Any]:
        layer.zero_grad()
        return layer(x), layer.backward(dy)

    def results() -> Tensors:
        y, dx = both()
        grads = {f"d{name}": to_host(parameter.grad) for name, parameter in layer.named_parameters()}
        return {"y": to_host(y), "dx": to_host(dx), **grads}

    return Arm({"forward": forward, "forward+backward": both}, inputs["dy"].size, results, contender.finish())


def torchs(contender: Torch, case: LayerCase, inputs: Inputs) -> Arm:
    """Call torch's layer, and its autograd."""
    module = case.spec.build(torch.nn)
    x, dy = (tensor(inputs[name]).to(contender.device) for name in ("x", "dy"))
    module.to(contender.device, x.dtype)
    module.load_state_dict({name: tensor(value) for name, value in case.state(inputs).items()})
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
        return {"y": y, "dx": host(x.grad), **grads}

    return Arm({"forward": forward, "forward+backward": both}, inputs["dy"].size, results, contender.finish())
