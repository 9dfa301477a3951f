"""Whole models: forward; and one step of training, forward, cross entropy, backward, plain SGD."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from benchmarks.contenders import Contender, Ours, Torch
from benchmarks.layer import placed
from benchmarks.models import MODELS
from benchmarks.problem import SEED, Judged, Trial
from benchmarks.timing import Arm
from parity_tests.harness.case import Spec, Tensors
from parity_tests.harness.comparison import Law, compare
from parity_tests.harness.inputs import draw
from parity_tests.harness.layerwise import judge_model
from parity_tests.harness.lockstep import CLOSE, RATE
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.referee import judge
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray
from scratch.data import lines
from scratch.train import train_step


@dataclass(frozen=True)
class Step:
    """A model of `benchmarks.models`, and the size of the batch."""

    model: str
    batch: int
    dtype: str = "float32"

    directions = ("forward", "step")
    bytes_to_judge = 0

    def __str__(self) -> str:
        return f"{self.model}, batch {self.batch}, {self.dtype}"

    def draw(self) -> Trial:
        """Draw images and labels: lines for the model that looks for lines, noise for the other."""
        if self.model == "lines_cnn":
            images, labels = lines(self.batch + self.batch % 2, np.random.RandomState(SEED))
            return StepTrial(self, images[: self.batch], labels[: self.batch])
        generator = np.random.default_rng(SEED)
        images = draw("normal", (self.batch, *MODELS[self.model].input_shape), generator)
        return StepTrial(self, images, generator.integers(0, classes(self.model), self.batch))


@dataclass(frozen=True)
class StepTrial:
    """A model with a batch."""

    problem: Step
    images: HostArray
    labels: HostArray

    def arm(self, contender: Contender, dtype: str | None = None) -> Arm | None:
        """Build model, loss and optimiser; the weights are torch's first ones, those of `judge_model`."""
        build = MODELS[self.problem.model].build
        torch.manual_seed(SEED)
        weights = {name: host(value) for name, value in build(torch.nn).state_dict().items()}
        images = self.images.astype(dtype or self.problem.dtype)
        match contender:
            case Ours(method="auto"):
                return ours(contender, build, weights, images, self.labels)
            case Torch(two_passes=False):
                return torchs(contender, build, weights, images, self.labels)
        return None

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Judge each layer, the loss and the optimiser by their laws, and one whole step in float64."""
        if not isinstance(contender, Ours):  # torch is the reference of a step
            return []
        with contender.setting():
            return self.judge_parts(contender) + self.judge_whole_step(contender)

    def judge_parts(self, contender: Ours) -> list[Judged]:
        """Judge each layer, the loss and the optimiser by their laws."""
        build, dtype = MODELS[self.problem.model].build, self.problem.dtype
        verdicts = judge_model(build, contender.implementation, self.images, self.labels, dtype, SEED)
        findings = [finding for verdict in verdicts for finding in verdict.findings]
        for case in (
            LossCase(Spec.of("CrossEntropyLoss"), (len(self.labels), classes(self.problem.model))),
            OptimiserCase(Spec.of("SGD", lr=RATE)),
        ):
            findings += judge(case, contender.implementation, dtype, SEED)
        return [Judged(each.case, each.tensor, each.ours) for each in findings]

    def judge_whole_step(self, contender: Ours) -> list[Judged]:
        """Do one step in float64, which a flipped ReLU cannot excuse, and compare the parameters with torch's."""
        arms = [self.arm(each, "float64") for each in (contender, Torch())]
        got, want = (arm.results() for arm in arms if arm is not None)
        judged = []
        for name, parameter in want.items():
            close = np.full(parameter.shape, CLOSE)
            comparison = compare(got.get(name), parameter, Law(close, close), np.float64)
            judged.append(Judged(f"one step of {self.problem.model}", name, comparison))
        return judged


def classes(model: str) -> int:
    """How many classes a model tells apart."""
    return int(MODELS[model].build(torch.nn)[-1].out_features)


def ours(contender: Ours, build: Any, weights: Mapping[str, HostArray], images: HostArray, labels: HostArray) -> Arm:
    """Train our model, in the dtype of the images."""
    nn = contender.nn
    model = build(nn).to(images.dtype)
    model.load_state_dict(weights)
    criterion, optimizer = nn.CrossEntropyLoss(), nn.optim.SGD(model.parameters(), lr=RATE)
    x, target = nn.asarray(images), nn.asarray(labels)

    def forward() -> Any:
        return model(x)

    def step() -> Any:
        return train_step(model, criterion, optimizer, x, target)

    def results() -> Tensors:
        step()
        return dict(model.state_dict())

    calls = {"forward": forward, "step": step}
    return Arm(calls, len(images), results, contender.finish(), contender.setting, lambda: ran_in(model))


def ran_in(model: Any) -> str:
    """Name the algorithms that a model's convolutions ran with, each once."""
    convolutions = [layer for layer in model if hasattr(layer, "algorithms")]
    return ", ".join(dict.fromkeys(layer.ran for layer in convolutions if layer.ran))


def torchs(contender: Torch, build: Any, weights: Mapping[str, HostArray], images: HostArray, labels: HostArray) -> Arm:
    """Train torch's model, in the dtype of the images."""
    x, target = placed(images, contender), tensor(labels).to(contender.device)
    model = torch_model(contender, build, weights, x.dtype)
    criterion, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=RATE)

    def forward() -> torch.Tensor:
        with torch.no_grad():
            logits: torch.Tensor = model(x)
            return logits

    def step() -> None:
        loss = criterion(model(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def results() -> Tensors:
        step()
        return {name: host(value) for name, value in model.state_dict().items()}

    return Arm({"forward": forward, "step": step}, len(images), results, contender.finish())


def torch_model(contender: Torch, build: Any, weights: Mapping[str, HostArray], dtype: torch.dtype) -> Any:
    """Build torch's model with these weights, where and as the contender has it."""
    model = build(torch.nn).to(contender.device, dtype)
    model.load_state_dict({name: tensor(value) for name, value in weights.items()})
    return model.to(memory_format=contender.memory_format)
