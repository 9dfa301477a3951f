"""Train a model in two namespaces side by side, on the same batches, and see where they part.

Everything is in float64, where the two should differ by roundings alone. It is reported and not judged: what is right
may part, too. A parameter whose gradient is 0 but for rounding (a bias before BatchNorm) makes steps of full length
under Adam, in a direction that the roundings choose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from parity_tests.harness.recording import set_modes
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray, to_host
from scratch.train import train_step

OPTIMISERS = {"SGD": 0.01, "Adam": 0.001}
"""Which are run, and with what learning rate."""

PARTED = float(np.sqrt(np.finfo(np.float64).eps))
"""Half of the digits: the two have parted when a parameter differs by more, relative to the largest of its tensor."""


@dataclass(frozen=True)
class Together:
    """How two trainings went.

    Attributes
    ----------
    optimiser, rate : which, and its learning rate
    losses, reference_losses : before each step
    distances : of the parameters, after each step, as in PARTED
    """

    optimiser: str
    rate: float
    losses: list[float]
    reference_losses: list[float]
    distances: list[float]

    @property
    def parted(self) -> int | None:
        """The first step, counted from 1, after which they are apart; None if they stay together."""
        return next((step for step, distance in enumerate(self.distances, 1) if distance > PARTED), None)


def train_side_by_side(
    build: Callable[[Any], Any], nn: Any, state: dict[str, HostArray], x: HostArray, target: HostArray, steps: int
) -> list[Together]:
    """Train torch's model and ours from the same state, on random batches of half of the inputs.

    Parameters
    ----------
    build : the model
    nn : our namespace
    state : the first weights, by torch's names
    x, target : what is learned; labels (int64) for cross entropy, numbers for the mean squared error
    steps : how many
    """
    return [together(build, nn, state, x, target, steps, name, rate) for name, rate in OPTIMISERS.items()]


def together(
    build: Callable[[Any], Any],
    nn: Any,
    state: dict[str, HostArray],
    x: HostArray,
    target: HostArray,
    steps: int,
    optimiser: str,
    rate: float,
) -> Together:
    """Train with one optimiser."""
    loss_name = "CrossEntropyLoss" if target.dtype.kind == "i" else "MSELoss"
    model = build(nn).to(np.float64)
    model.load_state_dict(state)
    criterion, stepper = getattr(nn, loss_name)(), getattr(nn.optim, optimiser)(model.parameters(), lr=rate)
    theirs = build(torch.nn).double()
    theirs.load_state_dict({name: tensor(value) for name, value in state.items()})
    their_criterion = getattr(torch.nn, loss_name)()
    their_stepper = getattr(torch.optim, optimiser)(theirs.parameters(), lr=rate)
    set_modes(model)
    set_modes(theirs)

    found = Together(optimiser, rate, [], [], [])
    generator = np.random.default_rng(0)
    for _ in range(steps):
        batch = generator.permutation(len(x))[: max(1, len(x) // 2)]
        loss, _ = train_step(model, criterion, stepper, nn.asarray(x[batch]), nn.asarray(target[batch]))
        their_loss = their_criterion(theirs(tensor(x[batch])), tensor(target[batch]))
        their_stepper.zero_grad()
        their_loss.backward()
        their_stepper.step()
        found.losses.append(float(to_host(loss)))
        found.reference_losses.append(their_loss.item())
        ours = model.state_dict()
        found.distances.append(
            max((distance(ours[name], host(value)) for name, value in theirs.named_parameters()), default=0.0)
        )
    return found


def distance(ours: HostArray, reference: HostArray) -> float:
    """The largest difference, relative to the largest number; infinite where one of the two is not finite."""
    difference = float(np.abs(ours - reference).max(initial=0))
    largest = float(np.abs(reference).max(initial=0))
    if not np.isfinite(difference):
        return 0.0 if np.array_equal(ours, reference, equal_nan=True) else np.inf
    return difference / largest if largest else difference
