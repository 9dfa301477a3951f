# ruff: noqa: ANN001, ANN201, ANN204, D101, D102, D103  (as people write who learn)
"""Losses as classes and as functions.

CrossEntropy, OneHotCrossEntropy, MeanSquares, softmax_loss and squares are right. The others are made from them, each
with one error.
"""

import numpy as np


def log_softmax(x):
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


class CrossEntropy:
    """Class numbers; reduction as torch's; backward takes nothing."""

    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, logits, labels):
        self.log_p, self.labels = log_softmax(logits), labels
        losses = -self.log_p[np.arange(len(labels)), labels]
        return losses if self.reduction == "none" else getattr(losses, self.reduction)()

    def backward(self):
        dlogits = np.exp(self.log_p)
        dlogits[np.arange(len(self.labels)), self.labels] -= 1
        return dlogits / len(self.labels) if self.reduction == "mean" else dlogits


class ForgetsTheBatch(CrossEntropy):
    def backward(self):
        return super().backward() * len(self.labels)


class WithoutShift(CrossEntropy):
    def forward(self, logits, labels):
        powers = np.exp(logits)
        self.log_p, self.labels = np.log(powers / powers.sum(axis=1, keepdims=True)), labels
        losses = -self.log_p[np.arange(len(labels)), labels]
        return losses if self.reduction == "none" else getattr(losses, self.reduction)()


class OneHotCrossEntropy:
    """Rows with a single 1; __call__, and a backward that takes an upstream gradient."""

    def __call__(self, y_pred, y_true):
        self.p, self.t = np.exp(log_softmax(y_pred)), y_true
        return float(-(y_true * log_softmax(y_pred)).sum() / len(y_pred))

    def backward(self, dloss=1.0):
        return dloss * (self.p - self.t) / len(self.p)


class IgnoresUpstream(OneHotCrossEntropy):
    def backward(self, dloss=1.0):
        return super().backward()


class OfProbabilities:
    """Takes what a softmax has given; torch's takes what goes into it."""

    def forward(self, y, t):
        self.y, self.t = y, t
        return -np.log(y[np.arange(len(t)), t] + 1e-7).mean()


class MeanSquares:
    """The gradient is asked for with both arguments again, the truth first."""

    def loss(self, y_true, y_pred):
        return ((y_pred - y_true) ** 2).mean()

    forward = loss

    def gradient(self, y_true, y_pred):
        return 2 * (y_pred - y_true) / y_pred.size


class HalfSquares(MeanSquares):
    def gradient(self, y_true, y_pred):
        return (y_pred - y_true) / y_pred.size


def softmax_loss(x, y):
    """Loss and gradient at once."""
    N = len(x)
    log_p = log_softmax(x)
    dx = np.exp(log_p)
    dx[np.arange(N), y] -= 1
    return -log_p[np.arange(N), y].mean(), dx / N


def summed_softmax_loss(x, y):
    loss, dx = softmax_loss(x, y)
    return loss * len(x), dx * len(x)


def squares(prediction, target, reduction="mean"):
    each = (prediction - target) ** 2
    return each if reduction == "none" else getattr(each, reduction)()


def squares_backward(prediction, target, reduction="mean"):
    return 2 * (prediction - target) / (prediction.size if reduction == "mean" else 1)
