"""Training: what happens with a model, a loss and an optimiser, again and again.

All of it works with the modules of any namespace but torch's, whose autograd takes the place of backward.
"""

from typing import Any, NamedTuple

import numpy as np

from scratch.array import Array, HostArray, namespace_of
from scratch.data import lines
from scratch.models import lines_cnn
from scratch.module import Module, unchanged


class Epoch(NamedTuple):
    """How a model did on all images: the mean of the loss, and the fraction of right answers."""

    loss: float
    accuracy: float


def train_step(model: Module, criterion: Any, optimizer: Any, x: Array, target: Array) -> tuple[Array, Array]:
    """Learn from one batch: forward, backward, one step of the optimiser.

    In torch, `criterion(model(x), target).backward()` does what the two calls of backward do here.

    Parameters
    ----------
    x : (N, ...) array, what the model takes
    target : (N,) int64 array, or whatever the criterion takes

    Returns
    -------
    loss, logits : before the step
    """
    logits = model(x)
    loss = criterion(logits, target)
    optimizer.zero_grad()
    model.backward(criterion.backward(), needs_dx=False)
    optimizer.step()
    return loss, logits


def fit(
    model: Module,
    criterion: Any,
    optimizer: Any,
    images: Array,
    labels: Array,
    epochs: int,
    batch_size: int,
    generator: np.random.RandomState,
) -> list[Epoch]:
    """Show all images to a model `epochs` times, in a new random order each time.

    Parameters
    ----------
    criterion : a loss with reduction="mean"
    images : (M, ...) array, what the model takes
    labels : (M,) int64 array
    batch_size : images per step; the last batch of an epoch may be smaller
    generator : draws one permutation of the images per epoch

    Returns
    -------
    One Epoch for each: loss and accuracy of every image at the moment it was shown, before the step.

    Raises
    ------
    ValueError
        if there is not one label for each image, no image, or batch_size is not positive
    """
    if len(labels) != len(images) or len(images) == 0:
        raise ValueError(f"images are {len(images)} and labels {len(labels)}: a label for each image is needed")
    if batch_size < 1:
        raise ValueError(f"batch_size={batch_size} must be at least 1")
    xp, count = namespace_of(images), len(images)
    history = []
    model.train()
    for _ in range(epochs):
        order = xp.asarray(generator.permutation(count))
        total, right = xp.zeros((), images.dtype), xp.zeros((), np.int64)
        for start in range(0, count, batch_size):
            batch = order[start : start + batch_size]
            loss, logits = train_step(model, criterion, optimizer, images[batch], labels[batch])
            total = total + loss * len(batch)
            right = right + (logits.argmax(axis=1) == labels[batch]).sum()
        # Read on the host only now: on a GPU it means waiting for the device.
        history.append(Epoch(float(total) / count, float(right) / count))
    return history


def evaluate(model: Module, criterion: Any, images: Array, labels: Array) -> Epoch:
    """Tell how a model in evaluation mode does on images, all in one batch; it is afterwards as it was."""
    with unchanged(model):
        logits = model.eval()(images)
    right = (logits.argmax(axis=1) == labels).mean()
    return Epoch(float(criterion(logits, labels)), float(right))


def lines_weights(generator: np.random.RandomState) -> dict[str, HostArray]:
    """Draw first weights for `lines_cnn`: normal with variance 2 / fan_in, and no bias.

    The factor 2 makes up for ReLU, which on average takes half of the numbers away (He and others,
    "Delving deep into rectifiers", 2015). The dense weight is drawn as (in, out) and turned.

    Returns
    -------
    A state_dict in float64: "0.weight" (4, 1, 3, 3), "0.bias" (4,), "4.weight" (2, 36), "4.bias" (2,)
    """
    return {
        "0.weight": generator.randn(4, 1, 3, 3) * np.sqrt(2 / 9),
        "0.bias": np.zeros(4),
        "4.weight": (generator.randn(36, 2) * np.sqrt(2 / 36)).T,
        "4.bias": np.zeros(2),
    }


class LinesRun(NamedTuple):
    """A trained `lines_cnn`, what happened in each epoch, and how it does on images it has not seen."""

    model: Module
    history: list[Epoch]
    test: Epoch


def train_lines(nn: Any, epochs: int = 15) -> LinesRun:
    """Train `lines_cnn` from a fixed seed: 200 images one at a time, plain SGD, rate 0.005, all in float64.

    Parameters
    ----------
    nn : the namespace, not torch.nn
    epochs : how often all images are shown

    Examples
    --------
    >>> import scratch
    >>> run = train_lines(scratch, epochs=1)
    >>> f"{run.history[0].loss:.4f} {run.history[0].accuracy:.1%}"
    '0.7045 56.5%'
    """
    generator = np.random.RandomState(0)
    images, labels = map(nn.asarray, lines(200, generator))
    test_images, test_labels = map(nn.asarray, lines(40, generator))
    model = lines_cnn(nn).to(np.float64)
    model.load_state_dict(lines_weights(generator))
    criterion, optimizer = nn.CrossEntropyLoss(), nn.optim.SGD(model.parameters(), lr=0.005)
    history = fit(model, criterion, optimizer, images, labels, epochs, 1, generator)
    return LinesRun(model, history, evaluate(model, criterion, test_images, test_labels))
