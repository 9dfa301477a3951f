"""summary: shapes and counts against torch's, row A1's figures, and that the model stays as it was."""

from importlib import import_module

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import scratch
from parity_tests.modules.models import BUILT, HOST_NAMESPACES, copied_to_torch, images
from scratch import random
from scratch.array import to_host
from scratch.module import Module

each_namespace = pytest.mark.parametrize("namespace", HOST_NAMESPACES)


@each_namespace
@pytest.mark.parametrize("model", BUILT.values(), ids=BUILT)
def test_shapes_parameters_and_multiply_adds_are_torchs(model, namespace):
    nn = import_module(namespace)
    ours = model.build(nn)
    found = nn.summary(ours, model.input_shape)

    theirs = copied_to_torch(model, ours).eval()
    leaves = [(path, module) for path, module in theirs.named_modules() if not list(module.children())]
    shapes = []
    for _, module in leaves:
        module.register_forward_hook(lambda module, args, y: shapes.append(tuple(y.shape[1:])))
    with FlopCounterMode(display=False) as flops, torch.no_grad():
        theirs(torch.zeros(1, *model.input_shape))

    assert [row.layer for row in found.rows] == [f"{path} {type(module).__name__}" for path, module in leaves]
    assert [row.output_shape for row in found.rows] == shapes
    assert [row.parameters for row in found.rows] == [sum(p.numel() for p in m.parameters()) for _, m in leaves]
    assert found.parameters == sum(parameter.numel() for parameter in theirs.parameters())
    assert 2 * found.multiply_adds == flops.get_total_flops()
    for row, (path, _) in zip(found.rows, leaves, strict=True):
        counted = flops.get_flop_counts().get(f"{type(theirs).__name__}.{path}", {})
        assert 2 * row.multiply_adds == sum(counted.values()), row


def test_dense_against_convolution():
    """Row A1, in loops: a dense layer for large images must not take long even there."""
    nn = scratch.naive
    dense, convolution = nn.summary(nn.Linear(28 * 28, 128), (784,)), nn.summary(nn.Conv2d(1, 16, 3), (1, 28, 28))
    assert (dense.parameters, convolution.parameters) == (100_480, 160)
    assert dense.parameters // convolution.parameters == 628
    dense, convolution = (
        nn.summary(nn.Linear(224 * 224 * 3, 256), (150_528,)),
        nn.summary(nn.Conv2d(3, 64, 3), (3, 9, 8)),
    )
    assert (dense.parameters, convolution.parameters) == (38_535_424, 1_792)
    assert round(dense.parameters / convolution.parameters, -2) == 21_500
    assert dense.multiply_adds == 224 * 224 * 3 * 256
    assert convolution.multiply_adds == 7 * 6 * 64 * 3 * 3 * 3


@each_namespace
def test_the_model_is_as_it_was(namespace):
    nn, model = import_module(namespace), BUILT["nested"]
    ours = model.build(nn)
    x = nn.asarray(images(model))
    dy = nn.asarray(np.ones((3, 5), np.float32))
    calls = []
    ours[0][1].register_forward_hook(lambda *_: calls.append("hook"))
    ours[0].eval()
    nn.manual_seed(4)
    ours(x)
    dx = to_host(ours.backward(dy))
    grads = {name: to_host(parameter.grad) for name, parameter in ours.named_parameters()}
    nn.manual_seed(4)
    ours(x)
    held = [(holder, dict(vars(holder))) for holder in (*ours.modules(), *ours.parameters())]
    state, drawn, calls[:] = ours.state_dict(), random._generator.get_state()[1:], []

    nn.summary(ours, model.input_shape)

    for holder, before in held:
        after = vars(holder)
        assert list(after) == list(before)
        assert all(after[name] is value for name, value in before.items()), holder
    np.testing.assert_equal(ours.state_dict(), state)
    np.testing.assert_equal(random._generator.get_state()[1:], drawn)
    assert calls == []
    np.testing.assert_array_equal(to_host(ours.backward(dy)), dx)  # of the forward before the summary
    for name, parameter in ours.named_parameters():
        np.testing.assert_allclose(to_host(parameter.grad), 2 * grads[name], rtol=1e-6)
    ours(x)
    assert calls == ["hook"]


@each_namespace
def test_also_when_the_sample_does_not_fit(namespace):
    nn, model = import_module(namespace), BUILT["nested"]
    ours = model.build(nn)
    before = [dict(vars(module)) for module in ours.modules()]
    with pytest.raises(ValueError, match="channels"):
        nn.summary(ours, (3, 8, 7))
    with pytest.raises(ValueError, match="in_features=36"):  # after all others have run
        nn.summary(ours, (4, 9, 9))
    for module, attributes in zip(ours.modules(), before, strict=True):
        assert all(vars(module)[name] is value for name, value in attributes.items())


@each_namespace
def test_one_layer_no_parameters_and_float64(namespace):
    nn = import_module(namespace)
    (row,) = nn.summary(nn.MaxPool2d(2, return_indices=True), (3, 8, 6)).rows
    assert (row.layer, row.output_shape, row.parameters, row.multiply_adds) == ("MaxPool2d", (3, 4, 3), 0, 0)
    (row,) = nn.summary(nn.Linear(4, 2, dtype=np.float64), (5, 4)).rows  # five rows in a sample
    assert (row.output_shape, row.parameters, row.multiply_adds) == ((5, 2), 10, 40)


class Residual(Module):
    """x + a dense layer of x, times a factor of its own; with a layer that never runs."""

    def __init__(self, nn):
        super().__init__()
        self.dense, self.factor = nn.Linear(4, 4), nn.Parameter(nn.asarray(np.ones(4, np.float32)))
        self.spare = nn.Linear(4, 7)

    def forward(self, x):
        return x + self.dense(self.dense(x)) * self.factor.data


@each_namespace
def test_own_modules_repeated_idle_and_shared_ones(namespace):
    nn = import_module(namespace)
    model = nn.Sequential(Residual(nn), nn.Linear(4, 4))
    model[1].weight = model[0].dense.weight
    found = {row.layer: (row.output_shape, row.parameters, row.multiply_adds) for row in nn.summary(model, (4,)).rows}
    assert found == {
        "0 Residual": ((4,), 4, 0),
        "0.dense Linear": ((4,), 20, 32),  # runs twice
        "0.spare Linear": (None, 35, 0),
        "1 Linear": ((4,), 4, 16),  # its weight is counted above
    }
    assert "did not run" in repr(nn.summary(model, (4,)))


@each_namespace
def test_the_table_is_never_wider_than_80_columns_and_nothing_is_cut_off(namespace):
    nn = import_module(namespace)
    from collections import OrderedDict

    inner = nn.Linear(3, 1000)
    for name in ("the_first_of_several_long_names", "followed_by_another_long_name", "and_then_yet_another_one"):
        inner = nn.Sequential(OrderedDict([(name, inner)]))
    text = repr(nn.summary(inner, (3,)))
    assert max(map(len, text.splitlines())) <= 80
    path = "and_then_yet_another_one.followed_by_another_long_name.the_first_of_several_long_names"
    assert path in text.replace("\n", "")
    assert text.splitlines()[-1].split() == ["total", "4,000", "3,000"]
    short = repr(nn.summary(BUILT["overview_cnn"].build(nn), (1, 28, 28))).splitlines()
    assert [len(line) for line in short] == [len(short[0])] * 12
    assert short[8].split() == ["7", "Linear", "(128,)", "200,832", "200,704"]
