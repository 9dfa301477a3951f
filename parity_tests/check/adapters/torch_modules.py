"""torch Modules: layers, losses. Their gradients are autograd's, their weights lie as the state_dict has them.

layer = Conv(3, 4, 3).to(dtype);  y = layer(x);  y.backward(dy);  x.grad, layer.weight.grad
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from parity_tests.check.adapters.base import Hints, Run, Step
from parity_tests.check.adapters.class_reading import readings
from parity_tests.check.adapters.classes import ClassLayer
from parity_tests.check.adapters.losses import Loss
from parity_tests.check.adapters.losses import recognise as recognise_loss
from parity_tests.check.adapters.methods import Method
from parity_tests.check.cases import LAYERS, LOSSES
from parity_tests.harness.case import Inputs
from parity_tests.harness.layer_case import LayerCase

AUTOGRAD = Method(name="backward", arguments={"gradient": "dy"})


@dataclass(frozen=True, kw_only=True)
class TorchLayer(ClassLayer):
    """One reading of a Module as a layer."""

    def titled(self) -> str:
        """As what it is."""
        return "a torch Module"

    def made(self, case: LayerCase, inputs: Inputs, run: Mapping[str, Any]) -> list[Step]:
        """Make it, in the dtype of the run."""
        return [*super().made(case, inputs, run), ["call", "", "layer.to", [run["dtype"]]]]

    def places(self, name: str, path: str) -> list[str]:
        """The gradient is in .grad of its parameter."""
        return [f"{path}.grad"]

    def both_ways(
        self, arrays: Mapping[str, Any], run: Mapping[str, Any], renamed: Mapping[str, str], to: str = ""
    ) -> list[Step]:
        """Forward, and autograd's backward."""
        x, dy, out = renamed.get("x", "x"), renamed.get("dy", "dy"), f"{to}out"
        if "dy" not in arrays:
            return [self.forward.step(out, "layer", run, renamed)]
        return [
            ["call", "", f"{x}.requires_grad_", []],
            *([["call", "", "layer.zero_grad", []]] if not to else []),
            self.forward.step(out, "layer", run, renamed),
            ["first", "y", out],
            ["call", "", "y.backward", [{"$": dy}]],
            ["get", f"{to}back", x, ["grad"]],
        ]

    def assumed_of(self, gradient: Method) -> str:
        """Where gradients come from."""
        return "y.backward(dy) of autograd gives dx and the gradients"


@dataclass(frozen=True, kw_only=True)
class TorchLoss(Loss):
    """One reading of a Module as a loss."""

    def titled(self) -> str:
        """As what it is."""
        return "a torch Module"

    @property
    def takes_upstream(self) -> bool:
        """Autograd's backward does."""
        return True

    def both_ways(self, case: Any, given: Any, run: Any, renamed: Mapping[str, str]) -> list[Step]:
        """Forward, and autograd's backward."""
        x = renamed.get("x", "x")
        return [
            ["call", "", f"{x}.requires_grad_", []],
            self.forward.step("loss", "loss_object", run, renamed),
            ["call", "", "loss.backward", [{"$": "dloss"}]],
            ["get", "back", x, ["grad"]],
        ]

    def assumed_back(self) -> list[str]:
        """Where the gradient comes from."""
        return ["loss.backward(dloss) of autograd gives dx"]


def recognise(op: str, name: str, described: Mapping[str, Any], hints: Hints, run: Run) -> list[Any]:
    """Find the readings of a Module as a layer or a loss.

    Raises
    ------
    Unmatched
        if it cannot be called as one
    """
    if described.get("torch") != "Module":
        return []
    methods = {"__call__": described["methods"].get("forward", described["methods"].get("__call__", []))}
    if op in LAYERS:
        module = {**described, "methods": methods}
        return [
            replace(each, gradient=AUTOGRAD, backward=True)
            for each in readings(TorchLayer, op, name, module, hints, run, "torch")
        ]
    if op not in LOSSES:
        return []
    module = {**described, "torch": None, "methods": methods}
    found = recognise_loss(op, name, module, hints, run)
    return [
        TorchLoss(
            op=op, name=name, array_module="torch", options=each.options, forward=each.forward, gradient=AUTOGRAD,
            one_hot=each.one_hot,
        )
        for each in found
    ]  # fmt: skip
