"""Dtypes, seeds, data, training and summary."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from parity_tests.bad_input.arrays import labels, numbers
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host
from scratch.data import lines
from scratch.train import fit


class Wrong(NamedTuple):
    """A wrong call, given the namespace and a dense layer with a gradient and a forward that waits."""

    call: Callable[[Any, Any], Any]
    error: type[Exception]
    words: str


def fitted(nn, model, images, targets, batch_size):
    """Train, which must not get as far as a first step."""
    optimizer = nn.optim.SGD(model.parameters(), lr=1.0)
    arrays = nn.asarray(images), nn.asarray(targets)
    return fit(model, nn.CrossEntropyLoss(), optimizer, *arrays, 1, batch_size, np.random.RandomState(0))


ROWS = numbers(5, 4)


def through(layer, x):
    """Go forward and back."""
    return layer.backward(layer(x))


CASES = {
    "to int": Wrong(lambda nn, m: m.to(int), TypeError, "dtype=<class 'int'>: parameters are float16, float32"),
    "to complex64": Wrong(lambda nn, m: m.to("complex64"), TypeError, "dtype='complex64'"),
    "to torch's dtype": Wrong(lambda nn, m: m.to(torch.float64), TypeError, "dtype=torch.float64"),
    "seed -1": Wrong(lambda nn, m: nn.manual_seed(-1), ValueError, "seed=-1"),
    "seed 2**32": Wrong(lambda nn, m: nn.manual_seed(2**32), ValueError, "seed=4294967296"),
    "seed 1.5": Wrong(lambda nn, m: nn.manual_seed(1.5), TypeError, "seed=1.5"),
    "odd count": Wrong(lambda nn, m: lines(3, np.random.RandomState(0)), ValueError, "count=3"),
    "negative count": Wrong(lambda nn, m: lines(-2, np.random.RandomState(0)), ValueError, "count=-2"),
    "too few labels": Wrong(
        lambda nn, m: fitted(nn, m, ROWS, labels(0, 1), 2), ValueError, "images are 5 and labels 2"
    ),
    "no images": Wrong(lambda nn, m: fitted(nn, m, ROWS[:0], labels(), 2), ValueError, "images are 0 and labels 0"),
    "batch_size": Wrong(lambda nn, m: fitted(nn, m, ROWS, labels(0, 1, 2, 0, 1), 0), ValueError, "batch_size=0"),
    "images that do not fit": Wrong(
        lambda nn, m: fitted(nn, m, numbers(2, 3), labels(0, 1), 1), ValueError, "in_features=4"
    ),
    "eps 0 in training": Wrong(
        lambda nn, m: nn.BatchNorm2d(4, eps=0)(nn.asarray(numbers(2, 4, 3, 5))), ValueError, "eps=0.0"
    ),
    "Dropout2d of a row": Wrong(
        lambda nn, m: nn.Dropout2d()(nn.asarray(numbers(5))), ValueError, "at least 2 dimensions in the input"
    ),
    "gradient of integers": Wrong(
        lambda nn, m: through(nn.Sigmoid(), nn.asarray(numbers(2, 3, dtype="int64"))),
        TypeError,
        "has no gradient",
    ),
    "gradient of booleans": Wrong(
        lambda nn, m: through(nn.Tanh(), nn.asarray(numbers(2, 3, dtype="bool"))), TypeError, "has no gradient"
    ),
    "summary of torch's": Wrong(
        lambda nn, m: nn.summary(torch.nn.Linear(4, 2), (4,)), TypeError, "model is <class 'torch.nn.modules.linear"
    ),
    "input_shape 4": Wrong(lambda nn, m: nn.summary(m, 4), TypeError, "input_shape=4 must be a tuple"),
    "input_shape (3,)": Wrong(lambda nn, m: nn.summary(m, (3,)), ValueError, "in_features=4"),
}


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(case, namespace):
    nn = import_module(namespace)
    model = nn.Linear(4, 3)
    x = nn.asarray(ROWS)
    dx = model.backward(model(x))
    y = model(x)
    before = model.state_dict(), [p.grad for p in model.parameters()]
    with pytest.raises(case.error) as caught:
        case.call(nn, model)
    assert case.words in str(caught.value)
    np.testing.assert_equal(model.state_dict(), before[0])
    assert all(p.grad is grad for p, grad in zip(model.parameters(), before[1], strict=True))
    np.testing.assert_array_equal(to_host(model.backward(y)), to_host(dx))
