"""What optimisers keep, and whom they change. Their arithmetic is compared step by step in the parity suite."""

from importlib import import_module

import numpy as np
import pytest
import torch

from parity_tests.harness.torch_side import host, tensor
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host

each_algorithm = pytest.mark.parametrize(
    ("namespace", "algorithm"),
    [(namespace, name) for namespace in HOST_NAMESPACES for name in import_module(namespace).optim.SGD.algorithms],
)

OPTIMISERS = {
    "SGD": lambda optim, p: optim.SGD(p, lr=0.1),
    "SGD, momentum": lambda optim, p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.5),
    "SGD, nesterov": lambda optim, p: optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True),
    "SGD, maximize": lambda optim, p: optim.SGD(p, lr=0.1, maximize=True),
    "Adam, amsgrad": lambda optim, p: optim.Adam(p, lr=0.1, amsgrad=True, maximize=True),
    "AdamW": lambda optim, p: optim.AdamW(p, lr=0.1, betas=(0.8, 0.95), weight_decay=0.1),
    "Adam": lambda optim, p: optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.01),
}


@each_algorithm
@pytest.mark.parametrize("build", OPTIMISERS.values(), ids=OPTIMISERS)
def test_state_has_torchs_names_and_values(build, namespace, algorithm):
    nn = import_module(namespace)
    nn.manual_seed(0)  # of random weights one is 1e-7 now and then, and cancels
    ours, theirs = nn.Linear(4, 3, dtype=np.float64), torch.nn.Linear(4, 3, dtype=torch.float64)
    theirs.load_state_dict({name: tensor(value) for name, value in ours.state_dict().items()})
    our_optimiser, their_optimiser = build(nn.optim, ours.parameters()), build(torch.optim, theirs.parameters())
    our_optimiser.algorithm = algorithm
    assert our_optimiser.state == [{}, {}]
    generator = np.random.default_rng(0)
    for _ in range(3):
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            gradient = generator.standard_normal(mine.shape)
            mine.grad, other.grad = nn.asarray(gradient), tensor(gradient)
        our_optimiser.step()
        their_optimiser.step()
    assert our_optimiser.ran == algorithm
    for mine, other, state in zip(ours.parameters(), theirs.parameters(), our_optimiser.state, strict=True):
        np.testing.assert_allclose(to_host(mine.data), host(other), rtol=1e-12)
        wanted = {name: value for name, value in their_optimiser.state[other].items() if value is not None}
        assert sorted(state) == sorted(wanted)
        for name, value in wanted.items():
            np.testing.assert_allclose(to_host(state[name]), host(value), rtol=1e-12)


@each_algorithm
@pytest.mark.parametrize("build", OPTIMISERS.values(), ids=OPTIMISERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_step_is_in_place_and_keeps_the_dtype(build, dtype, namespace, algorithm):
    nn = import_module(namespace)
    layer = nn.Linear(4, 3, dtype=dtype)
    optimiser = build(nn.optim, layer.parameters())
    optimiser.algorithm = algorithm
    layer.backward(layer(nn.asarray(np.ones((2, 4), dtype))))
    if algorithm == "fused":
        optimiser.step()  # moves the parameters into one buffer
    held = [parameter.data for parameter in layer.parameters()]
    before = [to_host(array) for array in held]
    optimiser.step()
    for parameter, array, old in zip(layer.parameters(), held, before, strict=True):
        assert parameter.data is array
        assert array.dtype == dtype
        assert not np.array_equal(to_host(array), old)
    for state in optimiser.state:
        assert all(value.dtype == dtype for name, value in state.items() if name != "step")


@each_algorithm
@pytest.mark.parametrize("build", OPTIMISERS.values(), ids=OPTIMISERS)
def test_without_a_gradient_nothing_happens(build, namespace, algorithm):
    nn = import_module(namespace)
    layer = nn.Linear(4, 3)
    optimiser = build(nn.optim, layer.parameters())
    optimiser.algorithm = algorithm
    layer.backward(layer(nn.asarray(np.ones((2, 4), np.float32))))
    layer.bias.grad = None
    before = layer.state_dict()
    optimiser.step()
    assert not np.array_equal(layer.state_dict()["weight"], before["weight"])
    np.testing.assert_array_equal(layer.state_dict()["bias"], before["bias"])
    assert optimiser.state[1] == {}
    optimiser.zero_grad()
    before = layer.state_dict()
    optimiser.step()  # not even by momentum, as in torch
    np.testing.assert_equal(layer.state_dict(), before)


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
def test_an_unknown_algorithm(namespace):
    nn = import_module(namespace)
    layer = nn.Linear(4, 3)
    optimiser = nn.optim.SGD(layer.parameters())
    layer.backward(layer(nn.asarray(np.ones((2, 4), np.float32))))
    optimiser.algorithm = "foreach"
    before = layer.state_dict()
    with pytest.raises(ValueError, match=r"algorithm='foreach': [a-z.]+\.SGD has .*arrays"):
        optimiser.step()
    np.testing.assert_equal(layer.state_dict(), before)
    assert optimiser.ran is None
