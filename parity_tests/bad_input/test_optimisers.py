from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pytest

from parity_tests.bad_input.arrays import NOT_ASKED, TORCH, numbers
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host


class Wrong(NamedTuple):
    """A wrong call of an optimiser's constructor, given the namespace and a good model."""

    call: Callable[[Any, Any], Any]
    error: type[Exception]
    words: str
    torch: str = ""


PLAIN = NOT_ASKED + "to it, every tensor is a parameter"
GROUPS = NOT_ASKED + "it has groups with settings of their own"
DAMPENING = NOT_ASKED + "it looks at it in its second step"
NAN = NOT_ASKED + "it lets NaN pass"

CASES = {
    "no parameters": Wrong(lambda nn, _: nn.optim.SGD([], lr=0.1), ValueError, "empty parameter list"),
    "none of ReLU": Wrong(lambda nn, _: nn.optim.Adam(nn.ReLU().parameters()), ValueError, "empty parameter list"),
    "used up": Wrong(lambda nn, m: nn.optim.SGD(used_up(m.parameters())), ValueError, "empty parameter list"),
    "a model": Wrong(lambda nn, m: nn.optim.SGD(m, lr=0.1), TypeError, "is a Linear; pass model.parameters()"),
    "a parameter": Wrong(
        lambda nn, m: nn.optim.SGD(m.weight, lr=0.1), TypeError, "is a Parameter; pass model.parameters()"
    ),
    "numbers": Wrong(lambda nn, _: nn.optim.SGD([1.0], lr=0.1), TypeError, "float is not a Parameter"),
    "arrays": Wrong(lambda nn, _: nn.optim.SGD([nn.asarray(numbers(2))]), TypeError, "ndarray is not a Param", PLAIN),
    "groups": Wrong(lambda nn, m: nn.optim.SGD([{"params": [m.weight]}]), TypeError, "dict is not a Parameter", GROUPS),
    "SGD lr": Wrong(lambda nn, m: nn.optim.SGD(m.parameters(), lr=-0.1), ValueError, "lr=-0.1"),
    "SGD momentum": Wrong(lambda nn, m: nn.optim.SGD(m.parameters(), 0.1, -0.9), ValueError, "momentum=-0.9"),
    "SGD decay": Wrong(lambda nn, m: nn.optim.SGD(m.parameters(), weight_decay=-1), ValueError, "weight_decay=-1"),
    "NaN": Wrong(lambda nn, m: nn.optim.SGD(m.parameters(), float("nan")), ValueError, "lr=nan", NAN),
    "nesterov": Wrong(
        lambda nn, m: nn.optim.SGD(m.parameters(), nesterov=True), ValueError, "(momentum=0.0, dampening"
    ),
    "damped nesterov": Wrong(
        lambda nn, m: nn.optim.SGD(m.parameters(), 0.1, 0.9, 0.5, nesterov=True), ValueError, "dampening=0.5)"
    ),
    "Adam lr": Wrong(lambda nn, m: nn.optim.Adam(m.parameters(), lr=-1), ValueError, "lr=-1"),
    "Adam eps": Wrong(lambda nn, m: nn.optim.Adam(m.parameters(), eps=-1e-8), ValueError, "eps=-1e-08"),
    "Adam decay": Wrong(lambda nn, m: nn.optim.Adam(m.parameters(), weight_decay=-1), ValueError, "weight_decay=-1"),
    "beta1": Wrong(lambda nn, m: nn.optim.Adam(m.parameters(), betas=(1.0, 0.9)), ValueError, "betas=(1.0, 0.9)"),
    "beta2": Wrong(lambda nn, m: nn.optim.Adam(m.parameters(), betas=(0.9, -0.1)), ValueError, "betas=(0.9, -0.1)"),
    "AdamW beta": Wrong(lambda nn, m: nn.optim.AdamW(m.parameters(), betas=(1.0, 0.9)), ValueError, "betas=(1.0, 0.9)"),
    "AdamW decay": Wrong(lambda nn, m: nn.optim.AdamW(m.parameters(), weight_decay=-1), ValueError, "weight_decay=-1"),
    "RMSprop lr": Wrong(lambda nn, m: nn.optim.RMSprop(m.parameters(), lr=-1), ValueError, "lr=-1"),
    "RMSprop alpha": Wrong(lambda nn, m: nn.optim.RMSprop(m.parameters(), alpha=-0.9), ValueError, "alpha=-0.9"),
    "RMSprop eps": Wrong(lambda nn, m: nn.optim.RMSprop(m.parameters(), eps=-1e-8), ValueError, "eps=-1e-08"),
    "a text": Wrong(lambda nn, m: nn.optim.SGD(m.parameters(), lr="0.1"), TypeError, "lr='0.1' must be a number"),
    "nothing": Wrong(lambda nn, m: nn.optim.AdamW(m.parameters(), None), TypeError, "lr=None must be a number"),
    "damped by a text": Wrong(
        lambda nn, m: nn.optim.SGD(m.parameters(), 0.1, 0.9, "0"), TypeError, "dampening='0' must", DAMPENING
    ),
    "betas of texts": Wrong(
        lambda nn, m: nn.optim.Adam(m.parameters(), betas=("0.9", "0.99")), TypeError, "betas='0.9' must be a number"
    ),
    "one beta": Wrong(lambda nn, m: nn.optim.Adam(m.parameters(), betas=(0.9,)), ValueError, "betas=(0.9,)"),
    "a beta": Wrong(lambda nn, m: nn.optim.Adam(m.parameters(), betas=0.9), ValueError, "betas=0.9"),
}


def used_up(parameters):
    """An iterator that has already been gone through."""
    list(parameters)
    return parameters


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(case, namespace):
    nn = import_module(namespace)
    model = nn.Linear(4, 3)
    model.backward(model(nn.asarray(numbers(5, 4))))
    before = [(to_host(p.data), to_host(p.grad)) for p in model.parameters()]
    with pytest.raises(case.error) as caught:
        case.call(nn, model)
    assert case.words in str(caught.value)
    np.testing.assert_equal([(to_host(p.data), to_host(p.grad)) for p in model.parameters()], before)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.torch])
def test_torch_refuses_too(name):
    with pytest.raises(Exception):  # noqa: B017, PT011 - which one is torch's own affair
        CASES[name].call(TORCH, TORCH.Linear(4, 3))
