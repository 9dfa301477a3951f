"""What the lesson "Check your own layer" is tried with: methods, each put into the layer that the lesson gives."""

import inspect

import numpy as np

from lessons.catalogue import NOTEBOOKS
from lessons.cells import cells
from lessons.exercises import referee


def given(name):
    """A wrong layer, as the lesson has it."""
    (code,) = (
        cell.code
        for cell in cells((NOTEBOOKS / "referee.py").read_text(encoding="utf-8"))
        if f"class {name}:" in cell.code
    )
    names = {"np": np, "slid": referee.slid}
    exec(code, names)
    return names[name]


MAX_POOL, CONV, BATCH_NORM, SOFTMAX = map(given, ("MyMaxPool", "MyConv", "MyBatchNorm", "MySoftmax"))


def with_method(layer, method):
    """The layer with a method in place of its own, or one more."""
    return type(layer.__name__, (layer,), {method.__name__: method, "__module__": __name__})


def of_methods(check, layer):
    """A check that puts what is a method into the layer first."""
    return lambda answer: check(with_method(layer, answer) if inspect.isfunction(answer) else answer)


max_pool = of_methods(referee.max_pool, MAX_POOL)
conv = of_methods(referee.conv, CONV)
batch_norm = of_methods(referee.batch_norm, BATCH_NORM)
softmax = of_methods(referee.softmax, SOFTMAX)


def chosen(self):
    """The first, where there is NaN, too."""
    return np.arange(self.cells.shape[4]) == self.cells.argmax(axis=4)[..., None]


def dx(self, dy):
    """As large as dy."""
    return dy


def variance(self, x):
    """Of each sample."""
    return x.var(axis=(2, 3), keepdims=True)


def forward(self, x):
    """Along the wrong axis."""
    y = np.exp(x - x.max(axis=0))
    return y / y.sum(axis=0)


class ForwardOnly(referee.Softmax):
    """A softmax that has lost its backward."""

    def __init__(self, dim):
        self.dim = dim


ANSWERS = {
    "MyMaxPool": (with_method(MAX_POOL, referee.MaxPool.chosen), with_method(MAX_POOL, chosen)),
    "MyConv": (with_method(CONV, referee.Conv.dx), with_method(CONV, dx)),
    "MyBatchNorm": (with_method(BATCH_NORM, referee.BatchNorm.variance), with_method(BATCH_NORM, variance)),
    "MySoftmax": (with_method(SOFTMAX, referee.Softmax.forward), with_method(SOFTMAX, forward)),
}

VALUES = [max_pool, conv, batch_norm, softmax]
FUNCTIONS = []

SOLUTIONS = [
    (max_pool, referee.MaxPool.chosen),
    (conv, referee.Conv.dx),
    (batch_norm, referee.BatchNorm.variance),
    (softmax, referee.Softmax.forward),
]
RIGHT = SOLUTIONS

WRONG = [
    (max_pool, chosen, "first-nan-wins"),
    (conv, dx, "dx"),
    (batch_norm, variance, "y in"),
    (softmax, forward, "y in"),
    (softmax, ForwardOnly, "backward is gone"),
    (softmax, 3, "A class is asked for; this is int"),
    (softmax, type("MySoftmax", (), {}), "cannot be called"),
]

LIVE = [
    {"chosen": "a dense layer: features reversed", "arithmetic": "float16", "power": 1},
    {"chosen": "a ReLU: written over x", "arithmetic": "float64, rounded at the end", "power": 12},
    {"chosen": "a dense layer: samples reversed", "like": "Linear", "arithmetic": "one product forgotten", "power": 12},
]
