"""Residual: torch's numbers, names and gradients; what is refused leaves everything as it was."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch

import scratch
from parity_tests.harness.torch_side import host, tensor
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host
from scratch.interop import as_torch
from scratch.models import residual

each_namespace = pytest.mark.parametrize("namespace", HOST_NAMESPACES)


def plain(nn: Any) -> Any:
    return residual(nn, nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)))


def down(nn: Any) -> Any:
    body = nn.Sequential(nn.Conv2d(3, 5, 3, (2, 1), 1, bias=False), nn.BatchNorm2d(5), nn.ReLU())
    return residual(nn, body, nn.Sequential(nn.Conv2d(3, 5, 1, (2, 1))))


def nested(nn: Any) -> Any:
    inner = residual(nn, nn.Conv2d(3, 3, (1, 3), padding=(0, 1)), nn.ReLU())
    return nn.Sequential(residual(nn, nn.Sequential(inner, nn.Conv2d(3, 3, 1))), nn.ReLU())


def empty(nn: Any) -> Any:
    return residual(nn, nn.Sequential())


BLOCKS = {each.__name__: each for each in (plain, down, nested, empty)}
each_block = pytest.mark.parametrize("build", BLOCKS.values(), ids=BLOCKS)
SHAPE = (2, 3, 7, 4)


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).standard_normal(shape)


@each_namespace
@each_block
@pytest.mark.parametrize("needs_dx", [True, False])
def test_values_and_gradients_are_torchs(build, namespace, needs_dx):
    nn = import_module(namespace)
    ours, theirs = build(nn).to(np.float64), build(torch.nn).double()
    theirs.load_state_dict({name: tensor(value) for name, value in ours.state_dict().items()}, strict=True)
    ours.load_state_dict(theirs.state_dict())
    x = tensor(numbers(*SHAPE), needs_grad=True)
    want = theirs(x)
    dy = numbers(*want.shape)
    want.backward(tensor(dy))
    np.testing.assert_allclose(to_host(ours(nn.asarray(host(x)))), host(want), rtol=1e-12, atol=1e-13)
    dx = ours.backward(nn.asarray(dy), needs_dx=needs_dx)
    if needs_dx:
        np.testing.assert_allclose(to_host(dx), host(x.grad), rtol=1e-12, atol=1e-13)
    grads = {name: to_host(parameter.grad) for name, parameter in ours.named_parameters()}
    wanted = {name: host(parameter.grad) for name, parameter in theirs.named_parameters()}
    assert list(grads) == list(wanted)
    for name, grad in grads.items():
        np.testing.assert_allclose(grad, wanted[name], rtol=1e-11, atol=1e-12)


@each_namespace
@each_block
def test_it_is_named_and_printed_as_in_torch(build, namespace):
    ours, theirs = build(import_module(namespace)), build(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    if build in (nested, empty):  # BatchNorm2d prints other things in other versions of torch
        assert repr(ours) == repr(theirs)
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    assert [m.training for m in ours.eval().modules()] == [m.training for m in theirs.eval().modules()]


def test_names_begin_with_body_and_shortcut():
    assert [name for name, _ in down(scratch).named_parameters()] == [
        "body.0.weight", "body.1.weight", "body.1.bias", "shortcut.0.weight", "shortcut.0.bias",
    ]  # fmt: skip


def test_in_half_precision_the_sum_is_rounded_once():
    x = numbers(*SHAPE).astype(np.float16)
    y = scratch.Residual(scratch.Identity())(x)
    assert y.dtype == np.float16
    np.testing.assert_array_equal(y, (2 * x.astype(np.float32)).astype(np.float16))


def test_summary_has_a_row_for_each_layer_inside():
    rows = scratch.summary(down(scratch), SHAPE[1:]).rows
    assert [row.layer for row in rows] == [
        "body.0 Conv2d", "body.1 BatchNorm2d", "body.2 ReLU", "shortcut.0 Conv2d",
    ]  # fmt: skip
    assert [row.output_shape for row in rows] == 4 * [(5, 4, 4)]
    assert [row.multiply_adds for row in rows] == [5 * 16 * 27, 0, 0, 5 * 16 * 3]


@each_block
def test_gradcheck_inside_torch(build):
    x = tensor(numbers(*SHAPE), needs_grad=True)
    if build is empty:
        with pytest.raises(TypeError, match="no layer"):
            as_torch(build(scratch))
    else:
        assert torch.autograd.gradcheck(as_torch(build(scratch).to(np.float64).eval()), x)


@each_namespace
@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda nn: nn.Residual("ReLU"), TypeError, "body is a str, not a Module"),
        (lambda nn: nn.Residual(None), TypeError, "body is a NoneType"),
        (lambda nn: nn.Residual(nn.ReLU(), nn.ReLU), TypeError, "shortcut is a type"),
        (lambda nn: nn.Residual(nn.ReLU(), 0), TypeError, "shortcut is a int"),
    ],
)
def test_the_constructor_refuses(build, error, words, namespace):
    with pytest.raises(error, match=words):
        build(import_module(namespace))


class Wide(scratch.Module):
    """Gives float64 whatever comes in."""

    def forward(self, x: Any) -> Any:
        return x.astype(np.float64)


REFUSED = {
    "shapes that could be broadcast": (lambda: scratch.Conv2d(3, 1, 1), ValueError, r"shape \(2, 1, 7, 4\), shortcut"),
    "another size": (lambda: scratch.MaxPool2d((2, 1)), ValueError, r"shape \(2, 3, 3, 4\), shortcut \(2, 3, 7, 4\)"),
    "another dtype": (Wide, TypeError, "body gives dtype float64, shortcut float32"),
    "two arrays": (lambda: scratch.MaxPool2d(1, return_indices=True), TypeError, "body gives 2 arrays"),
}


@pytest.mark.parametrize(("last", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_a_sum_that_is_refused_changes_nothing(last, error, words):
    """Not even the running statistics of what ran before it was known, nor the forward that waits for its backward."""
    normal = scratch.BatchNorm2d(3)
    body = scratch.Sequential(normal, scratch.Identity())
    block = scratch.Residual(body)
    x = numbers(*SHAPE).astype(np.float32)
    y = block(x)
    body._modules["1"] = last()
    before = {name: to_host(value.data) for name, value in normal.named_buffers()}
    with pytest.raises(error, match=words):
        block(x)
    np.testing.assert_equal({name: to_host(value.data) for name, value in normal.named_buffers()}, before)
    body._modules["1"] = scratch.Identity()
    body[1](x)
    assert block.backward(y).shape == SHAPE  # the first forward's
