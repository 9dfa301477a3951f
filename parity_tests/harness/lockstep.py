"""The tutorial's training, run by everybody in lock-step: the same images, weights and order, in float64.

200 images of lines, one at a time, plain SGD with rate 0.005, cross entropy, 15 epochs: 3,000 updates. Nobody's
weights are corrected on the way, so the distance at the end is what all updates together did.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray, to_host
from scratch.data import lines
from scratch.models import lines_cnn
from scratch.train import Epoch, evaluate, lines_weights, train_step

RATE = 0.005
IMAGES, TEST_IMAGES = 200, 40

FIGURES = {
    1: Epoch(0.7045, 0.565),
    3: Epoch(0.4631, 0.860),
    6: Epoch(0.1892, 0.945),
    9: Epoch(0.0999, 0.975),
    12: Epoch(0.0619, 1.0),
    15: Epoch(0.0415, 1.0),
}
"""What the tutorial printed: epoch -> mean loss, accuracy; on the test images 100 % after the last."""

CLOSE = 1e-13
"""How far a parameter may be from torch's after all updates; they are of the size of 1, so this is 450 epsilons."""


class Trainee:
    """A model of one of our namespaces that learns one image at a time."""

    def __init__(self, nn: Any, weights: dict[str, HostArray]) -> None:
        self.nn = nn
        self.model = lines_cnn(nn).to(np.float64)
        self.model.load_state_dict(weights)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = nn.optim.SGD(self.model.parameters(), lr=RATE)

    def learn(self, x: HostArray, target: HostArray) -> tuple[float, HostArray]:
        """Do one update; returns loss and logits before it."""
        x, target = self.nn.asarray(x), self.nn.asarray(target)
        loss, logits = train_step(self.model, self.criterion, self.optimizer, x, target)
        return float(loss), to_host(logits)

    def test(self, images: HostArray, labels: HostArray) -> float:
        """Give the accuracy on images it has not learned from."""
        return evaluate(self.model, self.criterion, self.nn.asarray(images), self.nn.asarray(labels)).accuracy

    def parameters(self) -> dict[str, HostArray]:
        """Copy the parameters."""
        state: dict[str, HostArray] = self.model.state_dict()
        return state


class TorchTrainee(Trainee):
    """The same in torch, with autograd."""

    def __init__(self, weights: dict[str, HostArray]) -> None:
        self.model = lines_cnn(torch.nn).double()
        self.model.load_state_dict({name: tensor(value) for name, value in weights.items()})
        self.criterion = torch.nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=RATE)

    def learn(self, x: HostArray, target: HostArray) -> tuple[float, HostArray]:
        """Do one update; returns loss and logits before it."""
        logits = self.model(tensor(x))
        loss = self.criterion(logits, tensor(target))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item(), host(logits)

    def test(self, images: HostArray, labels: HostArray) -> float:
        """Give the accuracy on images it has not learned from."""
        with torch.no_grad():
            return float((host(self.model(tensor(images))).argmax(axis=1) == labels).mean())

    def parameters(self) -> dict[str, HostArray]:
        """Copy the parameters."""
        return {name: host(value) for name, value in self.model.state_dict().items()}


@dataclass(frozen=True)
class Training:
    """What one trainee did, and how far its parameters ended from torch's.

    Attributes
    ----------
    history : mean loss and accuracy of every epoch, each image judged before its update
    test_accuracy : on the 40 test images, at the end
    distance : the largest difference of a parameter from torch's
    """

    name: str
    history: list[Epoch]
    test_accuracy: float
    distance: float

    @property
    def agrees(self) -> bool:
        """Whether the parameters are torch's to `CLOSE`, and every printed figure is the tutorial's."""
        shown = {epoch: at for epoch, at in FIGURES.items() if epoch <= len(self.history)}
        figures = all(
            (round(self.history[epoch - 1].loss, 4), round(self.history[epoch - 1].accuracy, 3)) == at
            for epoch, at in shown.items()
        )
        finished = len(self.history) < max(FIGURES) or self.test_accuracy == 1
        return self.distance <= CLOSE and figures and finished


def train_together(namespaces: dict[str, Any], epochs: int) -> Iterator[list[Training]]:
    """Train torch and the given namespaces side by side; gives the state of all after every epoch.

    Parameters
    ----------
    namespaces : name -> namespace, without torch
    epochs : 15 is the tutorial's

    Yields
    ------
    torch's Training and the others', up to this epoch
    """
    generator = np.random.RandomState(0)
    images, labels = lines(IMAGES, generator)
    test_images, test_labels = lines(TEST_IMAGES, generator)
    weights = lines_weights(generator)
    trainees = {"torch": TorchTrainee(weights)} | {name: Trainee(nn, weights) for name, nn in namespaces.items()}
    histories: dict[str, list[Epoch]] = {name: [] for name in trainees}

    for _ in range(epochs):
        order = generator.permutation(IMAGES)
        for name, trainee in trainees.items():
            losses, right = [], 0
            for n in order:
                loss, logits = trainee.learn(images[n : n + 1], labels[n : n + 1])
                losses.append(loss)
                right += int(logits.argmax() == labels[n])
            histories[name].append(Epoch(float(np.mean(losses)), right / IMAGES))
        wanted = trainees["torch"].parameters()
        yield [
            Training(
                name,
                list(histories[name]),
                trainee.test(test_images, test_labels),
                max(float(np.max(np.abs(trainee.parameters()[key] - value))) for key, value in wanted.items()),
            )
            for name, trainee in trainees.items()
        ]
