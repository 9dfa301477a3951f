"""Parameters, buffers and state_dict: names, order, values, both ways between the namespaces and torch."""

import copy
import pickle
from importlib import import_module

import numpy as np
import pytest
import torch

from parity_tests.harness.torch_side import host, tensor
from parity_tests.modules.models import BUILT, HOST_NAMESPACES, copied_to_torch, images
from scratch.array import to_host

each_namespace = pytest.mark.parametrize("namespace", HOST_NAMESPACES)
each_model = pytest.mark.parametrize("model", BUILT.values(), ids=BUILT)


@each_namespace
@each_model
def test_names_shapes_and_order_are_torchs(model, namespace):
    ours, theirs = model.build(import_module(namespace)), model.build(torch.nn)

    def described(named):
        return [(name, tuple(held.shape), str(held.dtype).removeprefix("torch.")) for name, held in named]

    assert described(ours.state_dict().items()) == described(theirs.state_dict().items())
    assert described(ours.named_parameters()) == described(theirs.named_parameters())
    assert described(ours.named_buffers()) == described(theirs.named_buffers())
    assert [tuple(p.shape) for p in ours.parameters()] == [tuple(p.shape) for p in theirs.parameters()]
    assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in theirs.parameters())


@each_namespace
@each_model
def test_from_torch_and_back(model, namespace):
    nn = import_module(namespace)
    torch.manual_seed(5)
    theirs = model.build(torch.nn)
    theirs(tensor(images(model)))  # moves the running statistics
    ours = model.build(nn)
    ours.load_state_dict(theirs.state_dict())  # torch tensors, as they are
    back = copied_to_torch(model, ours)  # NumPy arrays, strictly
    assert list(back.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        assert torch.equal(back.state_dict()[name], value), name
    x = images(model)
    y, want = ours.eval()(nn.asarray(x)), back.eval()(tensor(x))
    np.testing.assert_allclose(to_host(y), host(want), rtol=1e-4, atol=1e-5)


@each_namespace
def test_from_every_namespace_to_every_other(namespace):
    model = BUILT["nested"]
    first = model.build(import_module(namespace))
    for other in HOST_NAMESPACES:
        second = model.build(import_module(other))
        second.load_state_dict(first.state_dict())
        np.testing.assert_equal(second.state_dict(), first.state_dict())


@each_namespace
def test_state_dict_is_a_copy_and_so_is_what_is_loaded(namespace):
    nn = import_module(namespace)
    layer = nn.Linear(4, 3)
    before = layer.state_dict()
    layer.state_dict()["weight"][:] = 7
    np.testing.assert_equal(layer.state_dict(), before)
    given = {name: value + 1 for name, value in before.items()}
    kept = {name: value.copy() for name, value in given.items()}
    layer.load_state_dict(given)
    given["weight"][:] = 7
    np.testing.assert_equal(layer.state_dict(), kept)
    layer.backward(layer(nn.asarray(np.ones((2, 4), np.float32))))
    nn.optim.SGD(layer.parameters(), lr=1.0).step()
    np.testing.assert_equal(given["bias"], kept["bias"])  # a step in place stays at home


@each_namespace
def test_values_become_the_dtype_they_meet(namespace):
    nn = import_module(namespace)
    layer = nn.BatchNorm2d(3)
    state = {name: (np.arange(3) if value.ndim else np.array(7)) for name, value in layer.state_dict().items()}
    layer.load_state_dict(state | {"weight": np.array([1 / 3, 0.5, 2.0], np.float64)})
    got = layer.state_dict()
    dtypes = {name: value.dtype.name for name, value in got.items()}
    assert dtypes == dict.fromkeys(got, "float32") | {"num_batches_tracked": "int64"}
    np.testing.assert_array_equal(got["weight"], np.array([1 / 3, 0.5, 2.0], np.float32))
    assert got["num_batches_tracked"] == 7


@each_namespace
def test_to_converts_parameters_gradients_and_buffers(namespace):
    nn, model = import_module(namespace), BUILT["nested"]
    ours = model.build(nn)
    y = ours(nn.asarray(images(model)))
    ours.backward(y)
    before = ours.state_dict(), {name: to_host(p.grad) for name, p in ours.named_parameters()}
    for dtype in (np.float64, "float32"):
        assert ours.to(dtype) is ours
        wanted = np.dtype(dtype)
        for name, value in ours.state_dict().items():
            assert value.dtype == (np.int64 if name.endswith("num_batches_tracked") else wanted), name
            np.testing.assert_array_equal(value, before[0][name])  # every float32 is a float64
        for name, parameter in ours.named_parameters():
            assert parameter.grad.dtype == wanted
            np.testing.assert_array_equal(to_host(parameter.grad), before[1][name])
        assert ours.eval()(nn.asarray(images(model, dtype=wanted))).dtype == wanted


@each_namespace
def test_dtype_of_constructors(namespace):
    nn = import_module(namespace)
    for layer in (
        nn.Conv2d(2, 3, 2, dtype=np.float64),
        nn.Linear(2, 3, dtype="float64"),
        nn.BatchNorm2d(2, dtype=float),
    ):
        kinds = {value.dtype.name for name, value in layer.state_dict().items() if name != "num_batches_tracked"}
        assert kinds == {"float64"}


@each_namespace
def test_a_shared_parameter_is_one_parameter(namespace):
    nn = import_module(namespace)

    def tied(library):
        model = library.Sequential(library.Linear(4, 4), library.ReLU(), library.Linear(4, 4, bias=False))
        model[2].weight = model[0].weight
        return model

    ours, theirs = tied(nn), tied(torch.nn)
    assert (
        [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()] == ["0.weight", "0.bias"]
    )
    assert list(ours.state_dict()) == list(theirs.state_dict()) == ["0.weight", "0.bias", "2.weight"]
    x = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
    theirs.load_state_dict({name: tensor(value) for name, value in ours.state_dict().items()})
    y = ours(nn.asarray(x))
    ours.backward(y)
    want = theirs(tensor(x))
    want.backward(want.detach())
    nn.optim.SGD(ours.parameters(), lr=0.1).step()
    torch.optim.SGD(theirs.parameters(), lr=0.1).step()
    np.testing.assert_allclose(ours.state_dict()["0.weight"], host(theirs[0].weight), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(ours.state_dict()["0.weight"], ours.state_dict()["2.weight"])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
@each_namespace
def test_a_copy_has_its_own_parameters_and_no_forward_to_go_back_to(namespace, duplicate):
    nn, model = import_module(namespace), BUILT["nested"]
    ours = model.build(nn)
    x = nn.asarray(images(model))
    y = ours(x)
    twin = duplicate(ours)
    np.testing.assert_equal(twin.state_dict(), ours.state_dict())
    with pytest.raises(RuntimeError, match="needs a forward"):
        twin.backward(y)
    ours.backward(y)
    assert all(parameter.grad is None for parameter in twin.parameters())
    nn.optim.SGD(ours.parameters(), lr=1.0).step()
    assert not np.array_equal(twin.state_dict()["stem.0.weight"], ours.state_dict()["stem.0.weight"])
    np.testing.assert_array_equal(to_host(twin.eval()(x)), to_host(twin(x)))
