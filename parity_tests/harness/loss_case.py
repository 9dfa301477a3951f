"""Cases of one loss: its value, and the gradient of its first argument from a random upstream gradient."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from parity_tests.harness.case import HALF_DATA, Case, Inputs, Laws, Spec, Tensors, generator_for
from parity_tests.harness.comparison import EXACT
from parity_tests.harness.inputs import draw
from parity_tests.harness.roundoff import Rounded
from parity_tests.harness.torch_side import host, tensor, torch_dtype
from scratch.array import HostArray, to_host


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
    data : how x is drawn
    weighted : whether the classes have weights: random ones, or all "zero"
    """

    spec: Spec
    shape: tuple[int, ...]
    target: Literal["labels", "some ignored", "all ignored", "uint8 labels", "probabilities", "amounts", "numbers"] = (
        "labels"
    )
    data: str = "normal"
    weighted: bool | Literal["zero"] = False

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
        return {"ignore_index": -100, "reduction": "mean", "label_smoothing": 0.0} | dict(self.spec.settings)

    @property
    def axis(self) -> int:
        """The dimension of x that holds the classes."""
        return min(1, len(self.shape) - 1)

    def __str__(self) -> str:
        weights = "all weights 0" if self.weighted == "zero" else "weighted" if self.weighted else ""
        notes = [weights, "" if self.data == "normal" else self.data]
        return " ".join(
            [
                str(self.spec),
                "on",
                "x".join(map(str, self.shape)) or "scalar",
                self.target,
                *filter(None, notes),
            ]
        )

    def draw(self, dtype: Any, seed: int) -> Inputs:
        """Make x, target, weight and the upstream gradient dloss."""
        generator = generator_for(self, seed)
        inputs = {"x": draw(self.data, self.shape, generator).astype(dtype)}
        if self.target == "numbers":
            inputs["target"] = draw("normal", self.shape, generator).astype(dtype)
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
            weight = generator.random(self.shape[self.axis]) + 0.5
            inputs["weight"] = (0 * weight if self.weighted == "zero" else weight).astype(dtype)
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
        weight = {"weight": place(inputs["weight"])} if self.weighted else {}
        criterion = getattr(nn, self.op)(**dict(self.spec.settings), **weight)
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
        weight = {"weight": tensor(inputs["weight"]).to(kind)} if self.weighted else {}
        target = tensor(inputs["target"])
        criterion = getattr(torch.nn, self.op)(**dict(self.spec.settings), **weight)
        loss = criterion(x, target.to(kind) if target.is_floating_point() else target)
        loss.backward(torch.broadcast_to(tensor(inputs["dloss"]).to(kind), loss.shape))
        assert x.grad is not None
        return {"loss": host(loss), "dx": host(x.grad)}

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """Write the formula with numbers that carry their error."""
        if self.op == "MSELoss":
            losses, each, divisor = self._squares(inputs, eps)
        else:
            losses, each, divisor = self._surprises(inputs, eps)
        if losses.value.size == 0 or self.target == "all ignored":
            return {"loss": EXACT, "dx": EXACT}  # nothing is added up: 0, or NaN for the mean of nothing
        loss, upstream = losses, Rounded(inputs["dloss"], eps)
        if self.settings["reduction"] != "none":
            loss = losses.sum(tuple(range(losses.value.ndim)))
        else:
            upstream = Rounded(np.expand_dims(inputs["dloss"], self.axis), eps) if self.op != "MSELoss" else upstream
        if self.settings["reduction"] == "mean":
            loss, upstream = loss / divisor, upstream / divisor
        dx = each * upstream
        return {"loss": loss.law(loss.value.shape), "dx": dx.law(self.shape)}

    def _squares(self, inputs: Inputs, eps: float) -> tuple[Rounded, Rounded, Any]:
        """(x - target)**2, its gradient 2 (x - target), and the count."""
        difference = Rounded(inputs["x"], eps) - inputs["target"]
        return difference * difference, difference * 2, difference.value.size

    def _surprises(self, inputs: Inputs, eps: float) -> tuple[Rounded, Rounded, Any]:
        """- sum of q log p, its gradient p * sum of q - q, and what "mean" divides by."""
        axis, x = self.axis, Rounded(inputs["x"], eps)
        q, divisor = self._target_distribution(inputs, eps)
        if x.value.size == 0:
            return Rounded(np.zeros(0), eps), x, divisor
        shifted = x - x.max(axis)
        log_p = shifted - shifted.exp().sum(axis, keepdims=True).log()
        counts = q.value != 0  # what is not wanted adds nothing, however unlikely it is
        hard, scale = (np.where(counts, error, 0) for error in log_p.errors)
        log_p = Rounded(np.where(counts, log_p.value, 0), eps, (hard, scale))
        powers = shifted.exp()
        p = powers / powers.sum(axis, keepdims=True)
        return (q * log_p).sum(axis) * -1, p * q.sum(axis, keepdims=True) - q, divisor

    def _target_distribution(self, inputs: Inputs, eps: float) -> tuple[Rounded, Any]:
        """The target distribution q, shaped like x, and what "mean" divides by."""
        axis, C, e = self.axis, self.shape[self.axis], self.settings["label_smoothing"]
        broadcast = [1] * len(self.shape)
        broadcast[axis] = C
        w = (inputs["weight"] if self.weighted else np.ones(C)).reshape(broadcast)
        target = inputs["target"]
        if self.target in ("probabilities", "amounts"):
            return (Rounded(target, eps) * (1 - e) + Rounded(e, eps) / C) * w, int(target.size // C)
        labels = np.expand_dims(target, axis)
        one_hot = (labels == np.arange(C).reshape(broadcast)).astype(float)
        counted = (labels != self.settings["ignore_index"]).astype(float)
        q = (Rounded(one_hot * w, eps) * (1 - e) + Rounded(np.broadcast_to(w, self.shape), eps) * e / C) * counted
        total: HostArray = (one_hot * w * counted).sum()
        return q, Rounded(one_hot * w * counted, eps).sum(tuple(range(len(self.shape)))) if total else total
