from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch

from parity_tests.bad_input.arrays import converted, numbers
from parity_tests.bad_input.calls import BACKWARDS, FORWARDS, LOSSES, SUBJECTS
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host

pytestmark = pytest.mark.parametrize("namespace", HOST_NAMESPACES)


class Same:
    """Equal to nothing but itself."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    __hash__ = None


class Prepared:
    """Something that works, with gradients from one backward and a forward that waits for the next."""

    def __init__(self, namespace: str, name: str) -> None:
        self.nn = import_module(namespace)
        self.called = SUBJECTS[name].build(self.nn)
        self.good = converted(self.nn, SUBJECTS[name].good)
        self.is_loss = name in LOSSES
        y = self.forward()
        self.dy = self.nn.asarray(numbers(*y.shape))
        self.dx = to_host(self.called.backward(self.dy))
        self.forward()
        self.before = self.state()

    def forward(self) -> Any:
        self.nn.manual_seed(1)  # so that Dropout drops the same
        return self.called(*self.good)

    def state(self) -> dict[str, Any]:
        """All arrays, and by identity everything else that the module and those inside it hold."""
        parameters = dict(self.called.named_parameters())
        arrays = self.called.state_dict() | {f"grad of {n}": to_host(p.grad) for n, p in parameters.items()}
        held = {path: {n: Same(v) for n, v in vars(m).items()} for path, m in self.called.named_modules()}
        return {"arrays": arrays, "held": held}

    def check_untouched(self) -> None:
        """Nothing has changed, and the forward that waited still gets the backward that it would have got."""
        np.testing.assert_equal(self.state(), self.before)
        np.testing.assert_array_equal(to_host(self.called.backward(self.dy)), self.dx)


def refuses(call: Any, bad: Any, case: Any) -> None:
    with pytest.raises(case.error) as caught:
        call(*bad)
    for words in case.words:
        assert words in str(caught.value)


@pytest.mark.parametrize("case", FORWARDS, ids=str)
def test_forward(case, namespace):
    prepared = Prepared(namespace, case.subject)
    refuses(prepared.called, converted(prepared.nn, case.bad), case)
    prepared.check_untouched()


@pytest.mark.parametrize("case", BACKWARDS, ids=str)
def test_backward(case, namespace):
    prepared = Prepared(namespace, case.subject)
    refuses(prepared.called.backward, converted(prepared.nn, case.bad), case)
    prepared.check_untouched()


FOREIGN = {
    "a list": [[1.0, 2.0]],
    "a tuple": (1.0, 2.0),
    "a number": 1.0,
    "None": None,
    "a tensor": torch.zeros(2, 4, 8, 7),
    "a tensor of labels": torch.zeros(3, dtype=torch.int64),
}


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("value", FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_array_of_the_namespace(subject, value, namespace):
    prepared = Prepared(namespace, subject)
    calls = [(prepared.called, (value, *prepared.good[1:]), "x")]
    if prepared.is_loss:
        calls.append((prepared.called, (prepared.good[0], value), "target"))
    else:
        calls.append((prepared.called.backward, (value,), "dy"))
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    for call, arguments, name in calls:
        with pytest.raises(TypeError) as caught:
            call(*arguments)
        assert f"{name} is a {kind}: {namespace} computes with arrays from" in str(caught.value)
    prepared.check_untouched()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_arrays_of_another_library(subject, namespace):
    prepared = Prepared(namespace, subject)
    other = import_module("scratch" if namespace.startswith("gpu") else "gpu.on_numpy")
    with pytest.raises(TypeError, match=f"{namespace} computes with arrays from {namespace}.asarray"):
        prepared.called(*converted(other, SUBJECTS[subject].good))
    prepared.check_untouched()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_backward_without_a_forward(subject, namespace):
    nn = import_module(namespace)
    called = SUBJECTS[subject].build(nn)
    dy = nn.asarray(numbers(2, 5))
    with pytest.raises(RuntimeError, match=r"backward needs a forward"):
        called.backward(dy)
    assert all(parameter.grad is None for parameter in called.parameters())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_second_backward(subject, namespace):
    prepared = Prepared(namespace, subject)
    prepared.called.backward(prepared.dy)
    before = prepared.state()
    with pytest.raises(RuntimeError, match=r"backward needs a forward"):
        prepared.called.backward(prepared.dy)
    np.testing.assert_equal(prepared.state(), before)


WITH_ALGORITHMS = (
    "conv", "conv_transpose", "max_pool", "avg_pool", "adaptive_avg", "adaptive_max", "unpool", "upsample",
    "linear", "norm", "relu", "softmax", "dropout",
    "cross_entropy", "mse",
)  # fmt: skip


@pytest.mark.parametrize("subject", WITH_ALGORITHMS)
def test_unknown_algorithm(subject, namespace):
    prepared = Prepared(namespace, subject)
    ran = prepared.called.ran
    prepared.called.algorithm = "abacus"
    with pytest.raises(ValueError, match=f"algorithm='abacus': {namespace} has .*{ran}.* for"):
        prepared.called(*prepared.good)
    prepared.called.algorithm = None
    prepared.check_untouched()


def test_a_forward_that_fails_midway_leaves_no_backward_behind(namespace):
    nn = import_module(namespace)
    model = SUBJECTS["model"].build(nn)
    x = converted(nn, SUBJECTS["model"].good[0])
    dy = nn.asarray(numbers(2, 5))
    model(x)
    model.backward(dy)
    before = {name: to_host(parameter.grad) for name, parameter in model.named_parameters()}
    model(x)
    with pytest.raises(ValueError, match=r"in_features=18"):  # of the last layer, when all others have run
        model(nn.asarray(numbers(2, 4, 9, 9)))
    with pytest.raises(RuntimeError, match=r"Sequential.backward needs a forward"):
        model.backward(dy)
    np.testing.assert_equal({name: to_host(p.grad) for name, p in model.named_parameters()}, before)
