"""Training: one epoch of the tutorial's, 200 images of lines in a random order, plain SGD."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

from benchmarks.contenders import Contender, Ours, Torch
from benchmarks.layer import placed
from benchmarks.problem import SEED, Judged, Trial
from benchmarks.step import Step, StepTrial, ran_in, torch_model
from benchmarks.timing import Arm
from parity_tests.harness.case import Tensors
from parity_tests.harness.comparison import Law, compare
from parity_tests.harness.lockstep import CLOSE, IMAGES, RATE
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray
from scratch.data import lines
from scratch.models import lines_cnn
from scratch.train import fit, lines_weights

MODEL = "lines_cnn"


@dataclass(frozen=True)
class Epoch:
    """One epoch, in batches; the tutorial's has one image in each."""

    batch: int = 1
    dtype: str = "float32"
    images: int = IMAGES

    directions = ("epoch",)
    bytes_to_judge = 0

    def __str__(self) -> str:
        return f"{MODEL}, {self.images} images in batches of {self.batch}, {self.dtype}"

    def draw(self) -> Trial:
        """Draw the images."""
        images, labels = lines(self.images, np.random.RandomState(SEED))
        return EpochTrial(self, images, labels)


@dataclass(frozen=True)
class EpochTrial:
    """An epoch with its images."""

    problem: Epoch
    images: HostArray
    labels: HostArray

    @cached_property
    def order(self) -> HostArray:
        """Which image comes when; the same in each epoch that is timed."""
        return self.generator().permutation(len(self.images))

    def generator(self) -> np.random.RandomState:
        """What draws the order: `fit` draws one permutation for an epoch."""
        return np.random.RandomState(SEED)

    def arm(self, contender: Contender, dtype: str | None = None) -> Arm | None:
        """Build model, loss and optimiser."""
        weights, images = lines_weights(self.generator()), self.images.astype(dtype or self.problem.dtype)
        match contender:
            case Ours(method="auto"):
                return self.ours(contender, weights, images)
            case Torch(two_passes=False):
                return self.torchs(contender, weights, images)
        return None

    def ours(self, contender: Ours, weights: Mapping[str, HostArray], images: HostArray) -> Arm:
        """Train our model."""
        nn = contender.nn
        model = lines_cnn(nn).to(images.dtype)
        model.load_state_dict(weights)
        criterion, optimizer = nn.CrossEntropyLoss(), nn.optim.SGD(model.parameters(), lr=RATE)
        x, target = nn.asarray(images), nn.asarray(self.labels)

        def epoch() -> Any:
            return fit(model, criterion, optimizer, x, target, 1, self.problem.batch, self.generator())

        def state() -> Tensors:
            return dict(model.state_dict())

        return arm_of(contender, epoch, state, len(images), lambda: ran_in(model))

    def torchs(self, contender: Torch, weights: Mapping[str, HostArray], images: HostArray) -> Arm:
        """Train torch's model, and find out loss and accuracy as `fit` does."""
        x, target = placed(images, contender), tensor(self.labels).to(contender.device)
        model = torch_model(contender, lines_cnn, weights, x.dtype)
        criterion, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=RATE)
        order, size = torch.from_numpy(self.order).to(contender.device), self.problem.batch

        def epoch() -> tuple[float, float]:
            total, right = torch.zeros((), dtype=x.dtype), torch.zeros((), dtype=torch.int64)
            for start in range(0, len(images), size):
                batch = order[start : start + size]
                logits = model(x[batch])
                loss = criterion(logits, target[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total = total + loss.detach() * len(batch)
                right = right + (logits.argmax(1) == target[batch]).sum()
            return float(total) / len(images), float(right) / len(images)

        def state() -> Tensors:
            return {name: host(value) for name, value in model.state_dict().items()}

        return arm_of(contender, epoch, state, len(images), str)

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Judge the parts of a step as in the suite `models`, and a whole epoch in float64 by where it ends."""
        if not isinstance(contender, Ours):  # torch is the reference
            return []
        batch = slice(self.problem.batch)
        step = StepTrial(Step(MODEL, self.problem.batch, self.problem.dtype), self.images[batch], self.labels[batch])
        arms = [self.arm(each, "float64") for each in (contender, Torch())]
        with contender.setting():
            judged = step.judge_parts(contender)
            got, want = (each.results() for each in arms if each is not None)
        for name, parameter in want.items():
            close = np.full(parameter.shape, CLOSE)
            comparison = compare(got.get(name), parameter, Law(close, close), np.float64)
            judged.append(Judged(f"one epoch of {MODEL}", name, comparison))
        return judged


def arm_of(
    contender: Ours | Torch,
    epoch: Callable[[], object],
    state: Callable[[], Tensors],
    images: int,
    ran: Callable[[], str],
) -> Arm:
    """Make the arm of a model that learns; what is judged are its parameters after one epoch."""

    def results() -> Tensors:
        epoch()
        return state()

    arm = Arm({"epoch": epoch}, images, results, contender.finish(), ran=ran)
    return replace(arm, setting=contender.setting) if isinstance(contender, Ours) else arm
