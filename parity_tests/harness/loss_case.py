"""Cases of one loss: its value, and the gradient of its first argument from a random upstream gradient."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from parity_tests.harness.case import HALF_DATA, Case, Inputs, Laws, Spec, Tensors, generator_for
from parity_tests.harness.inputs import draw
from parity_tests.harness.laws.loss import loss_laws
from parity_tests.harness.torch_side import host, tensor, torch_dtype
from scratch.array import to_host

WEIGHTS = ("weight", "pos_weight")
"""The arguments of constructors that are arrays."""


@dataclass(frozen=True)
class LossCase(Case):
    """One call of one loss.

    Attributes
    ----------
    spec : the loss
    shape : of x
    target :
        "labels", "some ignored", "all ignored"
        "uint8 labels"   labels of 8 bits
        "probabilities"
        "amounts"        like probabilities, but they do not sum to 1
        "numbers"        like x
        "yes or no"      ones and zeros
    data : how x is drawn
    weighted : whether there are weights: random ones, or all "zero"; of the classes, or of BCEWithLogitsLoss's last
        dimension, or there, "each", of every number
    pos_weighted : whether BCEWithLogitsLoss has a weight for a yes, along the last dimension
    """

    spec: Spec
    shape: tuple[int, ...]
    target: Literal[
        "labels", "some ignored", "all ignored", "uint8 labels", "probabilities", "amounts", "numbers", "yes or no"
    ] = "labels"
    data: str = "normal"
    weighted: bool | Literal["zero", "each"] = False
    pos_weighted: bool = False

    @property
    def op(self) -> str:  # type: ignore[override]
        """The name of the loss."""
        return self.spec.op

    @property
    def half(self) -> bool:  # type: ignore[override]
        """Numbers that are not too large do."""
        return self.data in HALF_DATA

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments, with torch's defaults."""
        defaults = {"ignore_index": -100, "reduction": "mean", "label_smoothing": 0.0, "beta": 1.0}
        return defaults | dict(self.spec.settings)

    @property
    def axis(self) -> int:
        """The dimension of x that holds the classes."""
        return min(1, len(self.shape) - 1)

    @property
    def of_classes(self) -> bool:
        """Whether a dimension of x holds classes, so that a sample has one loss."""
        return self.op in ("CrossEntropyLoss", "NLLLoss")

    def __str__(self) -> str:
        weights = {False: "", True: "weighted", "zero": "all weights 0", "each": "each weighted"}[self.weighted]
        notes = [weights, "yes weighted" if self.pos_weighted else "", "" if self.data == "normal" else self.data]
        return " ".join(
            [
                str(self.spec),
                "on",
                "x".join(map(str, self.shape)) or "scalar",
                self.target,
                *filter(None, notes),
            ]
        )

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """The shape of the weights."""
        if self.of_classes:
            return self.shape[self.axis : self.axis + 1]
        return self.shape if self.weighted == "each" else self.shape[-1:]

    def draw(self, dtype: Any, seed: int) -> Inputs:
        """Make x, target, weights and the upstream gradient dloss."""
        generator = generator_for(self, seed)
        inputs = {"x": draw(self.data, self.shape, generator).astype(dtype)}
        if self.target == "numbers":
            inputs["target"] = draw("normal", self.shape, generator).astype(dtype)
        elif self.target == "yes or no":
            inputs["target"] = generator.integers(0, 2, self.shape).astype(dtype)
        elif self.target in ("probabilities", "amounts"):
            positive = generator.random(self.shape)
            total = positive.sum(self.axis, keepdims=True) if self.target == "probabilities" else 1
            inputs["target"] = (positive / total).astype(dtype)
        else:
            samples = self.shape[: self.axis] + self.shape[self.axis + 1 :]
            labels = generator.integers(0, self.shape[self.axis], samples)
            if "ignored" in self.target:
                ignored = np.ones(samples, bool) if self.target == "all ignored" else generator.random(samples) < 0.4
                labels = np.where(ignored, self.settings["ignore_index"], labels)
            inputs["target"] = labels.astype(np.uint8) if self.target == "uint8 labels" else labels
        if self.weighted:
            weight = generator.random(self.weight_shape) + 0.5
            inputs["weight"] = (0 * weight if self.weighted == "zero" else weight).astype(dtype)
        if self.pos_weighted:
            inputs["pos_weight"] = (generator.random(self.shape[-1:]) * 3).astype(dtype)
        loss = self.run_torch(inputs | {"dloss": np.array(1.0)}, np.float64)["loss"]
        return inputs | {"dloss": generator.standard_normal(loss.shape).astype(dtype)}

    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Run one of our losses.

        Raises
        ------
        AssertionError
            if another algorithm ran than the one that was named
        """
        place = nn.asarray if place is None else place
        weights = {name: place(inputs[name]) for name in WEIGHTS if name in inputs}
        criterion = getattr(nn, self.op)(**dict(self.spec.settings), **weights)
        if algorithm is not None:
            criterion.algorithm = algorithm
        loss = criterion(place(inputs["x"]), place(inputs["target"]))
        if algorithm is not None and criterion.ran != algorithm:
            raise AssertionError(f"{self}: algorithm {algorithm!r} was named, {criterion.ran!r} ran")
        return {"loss": to_host(loss), "dx": to_host(criterion.backward(nn.asarray(inputs["dloss"])))}

    def run_torch(self, inputs: Inputs, dtype: Any) -> Tensors:
        """Run torch's loss, with autograd for the gradient."""
        kind = torch_dtype(dtype)
        x = tensor(inputs["x"]).to(kind).requires_grad_()
        weights = {name: tensor(inputs[name]).to(kind) for name in WEIGHTS if name in inputs}
        target = tensor(inputs["target"])
        criterion = getattr(torch.nn, self.op)(**dict(self.spec.settings), **weights)
        loss = criterion(x, target.to(kind) if target.is_floating_point() else target)
        loss.backward(torch.broadcast_to(tensor(inputs["dloss"]).to(kind), loss.shape))
        assert x.grad is not None
        return {"loss": host(loss), "dx": host(x.grad)}

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """Write the formula with numbers that carry their error."""
        return loss_laws(self, inputs, eps)
