"""What the lesson "A network learns to tell lines" is tried with."""

import numpy as np

from lessons.exercises import training


def softmax(logits):
    """The formula as it stands in books: it overflows."""
    return np.exp(logits) / np.exp(logits).sum()


def nearly(logits, label):
    """What many do against the logarithm of 0."""
    z = np.exp(logits - logits.max())
    return -np.log(z[label] / z.sum() + 1e-10)


def one_hot(p, labels):
    """1 at the place of the label."""
    return np.eye(p.shape[1])[labels]


def no_step(model, criterion, optimizer, images, labels):
    """The optimiser is never asked."""
    return np.mean([criterion(model(images[n : n + 1]), labels[n : n + 1]) for n in range(len(images))])


def no_zero_grad(model, criterion, optimizer, images, labels):
    """Gradients add up."""
    optimizer.zero_grad = lambda: None
    return training.my_epoch(model, criterion, optimizer, images, labels)


def at_once(model, criterion, optimizer, images, labels):
    """One step for all images."""
    loss = criterion(model(images), labels)
    model.backward(criterion.backward())
    optimizer.step()
    return loss


def last(model, criterion, optimizer, images, labels):
    """The loss of the last image alone."""
    training.my_epoch(model, criterion, optimizer, images[:-1], labels[:-1])
    return training.my_epoch(model, criterion, optimizer, images[-1:], labels[-1:])


def summed(*given):
    """The sum of the losses."""
    return 6 * training.my_epoch(*given)


def backwards(model, criterion, optimizer, images, labels):
    """The last image first."""
    return training.my_epoch(model, criterion, optimizer, images[::-1], labels[::-1])


ANSWERS = {
    "answer_1": (608, 600),
    "my_loss": (training.my_loss, lambda logits, label: softmax(logits)[label]),
    "my_dlogits": (training.my_dlogits, lambda p, labels: p),
    "my_epoch": (training.my_epoch, no_step),
}

VALUES = [training.on_paper]
FUNCTIONS = [training.loss, training.dlogits, training.epoch]

RIGHT = [
    (training.on_paper, 608),
    (training.loss, training.my_loss),
    (training.dlogits, training.my_dlogits),
    (training.dlogits, lambda p, labels: (p - one_hot(p, labels)) / len(p)),
    (training.epoch, training.my_epoch),
]

WRONG = [
    (training.on_paper, 600, "The biases are missing"),
    (training.on_paper, 601, "more biases than one"),
    (training.on_paper, 603, "for each filter, not for each channel"),
    (training.on_paper, 208, "all channels of the picture, with other"),
    (training.on_paper, 200, "and the biases are missing"),
    (training.on_paper, 624, "however many channels"),
    (training.on_paper, 5, "Count the weights of one filter"),
    (training.loss, lambda logits, label: softmax(logits)[label], "minus its logarithm"),
    (training.loss, lambda logits, label: np.log(softmax(logits)[label]), "sign"),
    (training.loss, lambda logits, label: -np.log(softmax(logits)), "a number for each class"),
    (training.loss, lambda logits, label: -np.log(softmax(logits)).mean(), "the mean of all classes"),
    (training.loss, lambda logits, label: -np.log(softmax(logits)).sum(), "the sum over all classes"),
    (training.loss, lambda logits, label: -np.log2(softmax(logits)[label]), "base 2"),
    (training.loss, lambda logits, label: -np.log(softmax(logits)[label]), "no float64"),
    (training.loss, nearly, "hides how wrong"),
    (training.loss, lambda logits, label: 1.0, "must be 0.417"),
    (training.dlogits, lambda p, labels: p - one_hot(p, labels), "divide by N"),
    (training.dlogits, lambda p, labels: (one_hot(p, labels) - p) / len(p), "sign"),
    (training.dlogits, lambda p, labels: p / len(p), "Where is the label"),
    (training.dlogits, lambda p, labels: (p - one_hot(p, labels)) / p.size, "not by all numbers"),
    (training.dlogits, lambda p, labels: p - one_hot(p, labels) / len(p), "p as well"),
    (training.dlogits, lambda p, labels: p[0], "the shape must be (2, 3); yours is (3,)"),
    (training.epoch, no_step, "optimizer.step()"),
    (training.epoch, no_zero_grad, "zero_grad()"),
    (training.epoch, at_once, "in one step"),
    (training.epoch, summed, "the sum of the losses"),
    (training.epoch, last, "the last image"),
    (training.epoch, backwards, "cell (0,) must be"),
]

SOLUTIONS = [
    (training.loss, training.my_loss),
    (training.dlogits, training.my_dlogits),
    (training.epoch, training.my_epoch),
]

LIVE = [
    {"which_image": 0, "side": 8, "epoch": 0, "test_image": 0, "rate": "0.00005", "start": "all 0"},
    {"which_image": 199, "side": 224, "epoch": 1, "test_image": 39, "rate": "0.0005", "start": "all 0.2"},
    {
        "logits": [[1000.0, -1000.0, 0.0]],
        "epoch": 15,
        "test_image": 1,
        "rate": "0.05",
        "start": "four equal filters, the dense weights drawn",
    },
    {"logits": [[0.0, 0.0, 0.0]], "epoch": 8, "rate": "0.005", "start": "drawn, as above"},
]
