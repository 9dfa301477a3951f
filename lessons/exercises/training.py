"""The exercises of the lesson "A network learns to tell lines": checks with hints, and solutions."""

from collections.abc import Callable
from typing import Any

import numpy as np

import scratch
from lessons.exercises.answers import Hint, called, compare, number
from lessons.pieces import Verdict, right, wrong
from scratch.array import HostArray, to_host
from scratch.data import lines
from scratch.models import lines_cnn
from scratch.train import lines_weights, train_step

CHANNELS, FILTERS, SIZE = 3, 8, 5
"""On paper: a convolution of colour pictures, with 8 filters of 5x5."""


def on_paper(answer: Any) -> Verdict:
    """The number of parameters of a convolution, computed on paper."""
    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    weights = FILTERS * CHANNELS * SIZE**2
    if value == sum(parameter.numel() for parameter in scratch.Conv2d(CHANNELS, FILTERS, SIZE).parameters()):
        return right("Each filter has a weight for every channel and place of its window, and one bias.")
    hints = {
        weights: "The biases are missing: each filter adds a number of its own.",
        weights + 1: "There are more biases than one: each filter adds a number of its own.",
        weights + CHANNELS: "There is a bias for each filter, not for each channel of the picture.",
        FILTERS * (SIZE**2 + 1): "A filter looks at all channels of the picture, with other weights in each.",
        FILTERS * SIZE**2: "A filter looks at all channels of the picture; and the biases are missing.",
        weights + FILTERS * CHANNELS: "There is one bias for each filter, however many channels it looks at.",
    }
    return wrong(hints.get(int(value), "Count the weights of one filter, add its bias, and take that for each filter."))


LOGITS: tuple[tuple[tuple[float, ...], int], ...] = (((2.0, 1.0, 0.1), 0), ((-1.0, 3.0, 0.0, 2.0), 3))
"""Logits and the label."""

FAR: tuple[tuple[tuple[float, ...], int], ...] = (((0.0, 100.0), 0), ((1000.0, 0.0, -1000.0), 1))
"""Logits of a network that is sure, and wrong."""


def layer_loss(logits: HostArray, label: int) -> HostArray:
    """What the layer of the library gives."""
    return to_host(scratch.CrossEntropyLoss()(logits[None], np.array([label])))


def loss(function: Callable[..., Any]) -> Verdict:
    """Check a function (logits, label) that returns the cross entropy of one sample."""
    try:
        with np.errstate(all="ignore"):
            for given, label in LOGITS:
                logits = np.array(given)
                p = np.exp(logits) / np.exp(logits).sum()
                mistakes = [
                    (p[label], "This is the probability of the label. The loss is minus its logarithm."),
                    (np.log(p[label]), "The sign is wrong: a probability is below 1, so its logarithm is negative."),
                    (-np.log(p), "There is a number for each class. The loss is that of the label."),
                    (-np.log(p).mean(), "This is the mean of all classes. The loss is that of the label."),
                    (-np.log(p).sum(), "This is the sum over all classes. The loss is that of the label."),
                    (-np.log2(p[label]), "The logarithm is to base 2. `np.log` is the one to base e."),
                ]
                compare(called(function, logits, label), layer_loss(logits, label), (logits,), mistakes)
            for given, label in FAR:
                logits = np.array(given)
                got, expected = called(function, logits, label), layer_loss(logits, label)
                if not np.isfinite(got).all():
                    return wrong(
                        f"For the logits {given} it gives {got:g}: exp(1000) is no float64, nor is the logarithm of 0. "
                        "Subtract the largest logit first, and write the logarithm of the quotient as a difference."
                    )
                if got < expected - 1e-9:
                    return wrong(
                        f"For the logits {given} it gives {got:.4g}, and should give {expected:.4g}. What is added so "
                        "that the logarithm stays finite hides how wrong the network is."
                    )
                compare(got, expected, (logits,), [])
    except Hint as hint:
        return hint.verdict
    return right("It gives what scratch.CrossEntropyLoss gives, even where the network is sure and wrong.")


def layer_dlogits(logits: HostArray, labels: HostArray) -> HostArray:
    """What the layer of the library gives."""
    criterion = scratch.CrossEntropyLoss()
    criterion(logits, labels)
    return to_host(criterion.backward())


def dlogits(function: Callable[..., Any]) -> Verdict:
    """Check a function (p, labels) that returns the gradient of the mean loss with respect to the logits."""
    draw = np.random.default_rng(0)
    try:
        for N, classes in ((2, 3), (5, 2)):
            logits, labels = draw.standard_normal((N, classes)), draw.integers(0, classes, N)
            p = to_host(scratch.Softmax(1)(logits))
            expected = layer_dlogits(logits, labels)
            wanted = np.eye(classes)[labels]
            mistakes = [
                (p - wanted, "This is the gradient of the sum. The loss is the mean of the samples: divide by N."),
                (
                    -expected,
                    "The sign is wrong: the label's logit makes the loss smaller, so its slope is below 0.",
                ),
                (p / N, "Where is the label? At its place 1 is subtracted."),
                ((p - wanted) / p.size, "The mean is that of the samples. Divide by N, and not by all numbers."),
                (p - wanted / N, "Both are divided by N, p as well."),
            ]
            compare(called(function, p, labels), expected, (p, labels), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It gives what scratch.CrossEntropyLoss.backward gives.")


def pupil() -> tuple[Any, Any, Any]:
    """A model that has not learned yet, its loss and its optimiser."""
    model = lines_cnn(scratch).to(np.float64)
    model.load_state_dict(lines_weights(np.random.RandomState(1)))
    return model, scratch.CrossEntropyLoss(), scratch.optim.SGD(model.parameters(), lr=0.05)


def weights_of(model: Any) -> HostArray:
    """All parameters in a row."""
    return np.concatenate([value.ravel() for value in model.state_dict().values()])


def never_forgets(images: HostArray, labels: HostArray) -> HostArray:
    """The weights after the mistake of leaving out zero_grad: every step takes all gradients so far."""
    model, criterion, optimizer = pupil()
    for n in range(len(images)):
        criterion(model(images[n : n + 1]), labels[n : n + 1])
        model.backward(criterion.backward())
        optimizer.step()
    return weights_of(model)


def epoch(function: Callable[..., Any]) -> Verdict:
    """Check a function (model, criterion, optimizer, images, labels) that learns from one image after the other."""
    images, labels = lines(6, np.random.RandomState(2))
    given = (images, labels)
    model, *others = expected = pupil()
    before = weights_of(model)
    losses = [float(train_step(*expected, images[n : n + 1], labels[n : n + 1])[0]) for n in range(6)]
    wanted = weights_of(model)
    at_once = pupil()
    train_step(*at_once, images, labels)
    try:
        model, *others = pupil()
        got = called(function, model, *others, images, labels)
        compare(
            weights_of(model),
            wanted,
            given,
            [
                (before, "The weights are as they were before: nobody has called `optimizer.step()`, or backward."),
                (never_forgets(*given), "Gradients add up until someone forgets them: call `optimizer.zero_grad()`."),
                (weights_of(at_once[0]), "It learns from all images in one step. Take them one by one."),
            ],
        )
        compare(
            got,
            np.array(np.mean(losses)),
            given,
            [
                (np.array(np.sum(losses)), "The weights are right. It returns the sum of the losses, not their mean."),
                (np.array(losses[-1]), "The weights are right. It returns the loss of the last image, not the mean."),
            ],
        )
    except Hint as hint:
        return hint.verdict
    return right("After six images the weights are those of scratch.train.fit, and so is the loss.")


def my_loss(logits: HostArray, label: int) -> Any:
    """The solution of the second exercise."""
    z = logits - logits.max()
    return np.log(np.exp(z).sum()) - z[label]


def my_dlogits(p: HostArray, labels: HostArray) -> HostArray:
    """The solution of the third exercise."""
    N = len(labels)
    gradient = p.copy()
    gradient[np.arange(N), labels] -= 1
    return gradient / N


def my_epoch(model: Any, criterion: Any, optimizer: Any, images: HostArray, labels: HostArray) -> float:
    """The solution of the fourth exercise."""
    total = 0.0
    for n in range(len(images)):
        x, label = images[n : n + 1], labels[n : n + 1]
        total += criterion(model(x), label)
        optimizer.zero_grad()
        model.backward(criterion.backward())
        optimizer.step()
    return total / len(images)
