"""What is timed: one layer, or one training step of a whole model; and how it is checked before."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import torch

from benchmarks.contenders import Contender, Torch
from benchmarks.timing import Arm
from parity_tests.harness.case import Inputs, Spec
from parity_tests.harness.comparison import Comparison, Law, compare
from parity_tests.harness.inputs import draw
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.layerwise import judge_model
from parity_tests.harness.lockstep import CLOSE, RATE
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.referee import Reference, judge, judge_tensor, refer
from parity_tests.harness.torch_side import host
from scratch.array import HostArray
from scratch.data import lines
from scratch.models import MODELS

DTYPE = "float32"
SEED = 0


@dataclass(frozen=True)
class Judged:
    """One tensor, judged; `where` says whose it is."""

    where: str
    tensor: str
    comparison: Comparison

    def __str__(self) -> str:
        found = self.comparison
        how = found.reason or f"is off by {found.worst:.3g} x what rounding allows"
        at = "" if found.at is None else f", at {list(found.at)}: {found.got:.9g}, should be {found.want:.9g}"
        return f"{self.tensor} of {self.where} {how}{at}"


class Trial(Protocol):
    """A problem with its numbers, the same for everybody."""

    def arm(self, contender: Contender) -> Arm:
        """Build what is timed."""

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Compare it with the oracle."""


@dataclass(frozen=True)
class Layer:
    """Forward of one layer; and forward and backward, with dx and the gradients of all parameters."""

    case: LayerCase

    directions = ("forward", "forward+backward")

    def __str__(self) -> str:
        return str(self.case)

    def draw(self) -> Trial:
        """Draw the inputs, and let the oracle answer."""
        inputs = self.case.draw(np.dtype(DTYPE), SEED)
        return LayerTrial(self.case, inputs, refer(self.case, inputs, DTYPE))


@dataclass(frozen=True)
class LayerTrial:
    """A layer with its inputs, and what it should give."""

    case: LayerCase
    inputs: Inputs
    should: Reference

    def arm(self, contender: Contender) -> Arm:
        """Build the layer."""
        return contender.layer_arm(self.case, self.inputs)

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Judge what the very layer computes that is timed afterwards."""
        got, should = arm.results(), self.should
        return [
            Judged(str(self.case), name, judge_tensor(got.get(name), want, should.laws, name, DTYPE))
            for name, want in should.oracle.items()
        ]


@dataclass(frozen=True)
class Step:
    """Forward of a model; and one step of training: forward, cross entropy, backward, plain SGD."""

    model: str
    batch: int

    directions = ("forward", "step")

    def __str__(self) -> str:
        return f"{self.model}, batch {self.batch}"

    def draw(self) -> Trial:
        """Draw images and labels: lines for the model that looks for lines, noise for the other."""
        if self.model == "lines_cnn":
            images, labels = lines(self.batch + self.batch % 2, np.random.RandomState(SEED))
            return StepTrial(self.model, images[: self.batch], labels[: self.batch])
        generator = np.random.default_rng(SEED)
        images = draw("normal", (self.batch, *MODELS[self.model].input_shape), generator)
        return StepTrial(self.model, images, generator.integers(0, classes(self.model), self.batch))


@dataclass(frozen=True)
class StepTrial:
    """A model with a batch."""

    model: str
    images: HostArray
    labels: HostArray

    def arm(self, contender: Contender, dtype: str = DTYPE) -> Arm:
        """Build model, loss and optimiser; the weights are torch's first ones, those of `judge_model`."""
        build = MODELS[self.model].build
        torch.manual_seed(SEED)
        weights = {name: host(value) for name, value in build(torch.nn).state_dict().items()}
        return contender.step_arm(build, weights, self.images.astype(dtype), self.labels)

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Judge each layer, the loss and the optimiser by their laws, and one whole step in float64."""
        implementation = contender.implementation
        if implementation is None:  # torch is the reference of a step
            return []
        verdicts = judge_model(MODELS[self.model].build, implementation, self.images, self.labels, DTYPE, SEED)
        findings = [finding for verdict in verdicts for finding in verdict.findings]
        for case in (
            LossCase(Spec.of("CrossEntropyLoss"), (len(self.labels), classes(self.model))),
            OptimiserCase(Spec.of("SGD", lr=RATE)),
        ):
            findings += judge(case, implementation, DTYPE, SEED)
        parts = [Judged(each.case, each.tensor, each.ours) for each in findings]
        return parts + self.judge_whole_step(contender)

    def judge_whole_step(self, contender: Contender) -> list[Judged]:
        """Do one step in float64, which a flipped ReLU cannot excuse, and compare the parameters with torch's."""
        got, want = (self.arm(each, "float64").results() for each in (contender, Torch()))
        judged = []
        for name, parameter in want.items():
            close = np.full(parameter.shape, CLOSE)
            comparison = compare(got.get(name), parameter, Law(close, close), np.float64)
            judged.append(Judged(f"one step of {self.model}", name, comparison))
        return judged


def classes(model: str) -> int:
    """How many classes a model tells apart."""
    return int(MODELS[model].build(torch.nn)[-1].out_features)


Problem: TypeAlias = Layer | Step
