"""Our layers inside torch: gradcheck, state both ways, a model moved over one layer at a time."""

import copy
from importlib import import_module

import numpy as np
import pytest
import torch

import scratch
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.interop import as_torch
from scratch.models import overview_cnn

RNG = np.random.default_rng()


@pytest.fixture(autouse=True)
def same_numbers_in_every_test():
    """What a test draws does not depend on the tests before it."""
    RNG.bit_generator.state = np.random.default_rng(0).bit_generator.state


def numbers(*shape: int) -> torch.Tensor:
    """float64 tensors that want a gradient; no two values are near enough to change places in a maximum."""
    values = RNG.permutation(int(np.prod(shape))).reshape(shape) * 0.1 - 1.23
    return torch.tensor(values, requires_grad=True)


LAYERS = {
    "Conv2d": (lambda nn: nn.Conv2d(4, 6, (2, 3), stride=(2, 1), padding=(1, 0), groups=2), (2, 4, 5, 4)),
    "Conv2d without a bias": (lambda nn: nn.Conv2d(2, 1, (2, 1), dilation=(2, 1), bias=False), (1, 2, 5, 3)),
    "MaxPool2d": (lambda nn: nn.MaxPool2d((2, 3), stride=(1, 2), padding=(1, 0)), (2, 2, 4, 5)),
    "AvgPool2d": (lambda nn: nn.AvgPool2d((2, 3), stride=(2, 1), ceil_mode=True), (2, 2, 5, 4)),
    "AdaptiveAvgPool2d": (lambda nn: nn.AdaptiveAvgPool2d((2, 3)), (2, 2, 5, 4)),
    "AdaptiveMaxPool2d": (lambda nn: nn.AdaptiveMaxPool2d((3, 2)), (2, 2, 4, 5)),
    "Upsample": (lambda nn: nn.Upsample((3, 5)), (2, 2, 2, 4)),
    "Upsample, bilinear": (lambda nn: nn.Upsample(scale_factor=1.5, mode="bilinear"), (2, 2, 2, 4)),
    "Linear": (lambda nn: nn.Linear(4, 3), (2, 5, 4)),
    "ReLU": (lambda nn: nn.ReLU(), (3, 4)),
    "LogSoftmax": (lambda nn: nn.LogSoftmax(dim=0), (3, 4)),
    "LeakyReLU": (lambda nn: nn.LeakyReLU(0.3), (3, 4)),
    "GELU": (lambda nn: nn.GELU(), (3, 4)),
    "GELU by tanh": (lambda nn: nn.GELU("tanh"), (3, 4)),
    "ELU": (lambda nn: nn.ELU(0.3), (3, 4)),
    "Softplus": (lambda nn: nn.Softplus(2), (3, 4)),
    "SiLU": (lambda nn: nn.SiLU(), (3, 4)),
    "Softmax": (lambda nn: nn.Softmax(dim=0), (3, 4)),
    "Flatten": (lambda nn: nn.Flatten(), (2, 3, 2)),
    "BatchNorm2d": (lambda nn: nn.BatchNorm2d(3, momentum=0.0), (3, 3, 2, 4)),
    "BatchNorm2d in evaluation": (lambda nn: nn.BatchNorm2d(3).eval(), (3, 3, 2, 4)),
    "a model": (
        lambda nn: nn.Sequential(nn.Conv2d(1, 2, (2, 3)), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 2)),
        (1, 1, 5, 7),
    ),
}


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("name", LAYERS)
def test_gradcheck(name, namespace):
    build, shape = LAYERS[name]
    layer = build(import_module(namespace)).to(np.float64)
    wrapped = as_torch(layer).train(layer.training)
    assert torch.autograd.gradcheck(wrapped, numbers(*shape))
    arguments = [numbers(*p.shape) for p in wrapped.parameters()]
    if arguments:
        state = dict(zip(dict(wrapped.named_parameters()), arguments, strict=True))
        x = numbers(*shape).detach()
        assert torch.autograd.gradcheck(lambda *_: torch.func.functional_call(wrapped, state, x), arguments)


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
def test_losses(namespace):
    nn = import_module(namespace)
    labels = torch.tensor([0, 3, 1])
    assert torch.autograd.gradcheck(lambda x: as_torch(nn.CrossEntropyLoss())(x, labels), numbers(3, 4))
    target = torch.ones(3, 4, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: as_torch(nn.MSELoss(reduction="sum"))(x, target), numbers(3, 4))


def test_the_names_and_the_state_are_torch_s_and_the_module_stays_as_it_was():
    module, theirs = overview_cnn(scratch), overview_cnn(torch.nn)
    before = module.state_dict()
    wrapped = as_torch(module)
    assert list(wrapped.state_dict()) == list(theirs.state_dict())
    wrapped.load_state_dict(theirs.state_dict())
    x = torch.tensor(RNG.standard_normal((4, 1, 28, 28)), dtype=torch.float32)
    optimizer = torch.optim.SGD(wrapped.parameters(), lr=0.1)
    wrapped(x).square().sum().backward()
    optimizer.step()
    np.testing.assert_equal(module.state_dict(), before)
    assert all(parameter.grad is None for parameter in module.parameters())
    assert not torch.equal(wrapped.state_dict()["0.weight"], theirs.state_dict()["0.weight"])
    module.load_state_dict(wrapped.state_dict())
    assert torch.equal(torch.from_numpy(module(x.numpy())), wrapped(x))


def test_a_model_moves_over_one_layer_at_a_time():
    """Training goes on as before, whichever layers are ours.

    Plain SGD: a bias before BatchNorm has a gradient of 0 and some rounding, which Adam would blow up to full steps.
    """
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(72, 2)
    ).double()
    ours = [scratch.Conv2d(1, 3, 3), scratch.BatchNorm2d(3), scratch.ReLU(), scratch.Flatten(), scratch.Linear(72, 2)]
    x, labels = torch.tensor(RNG.standard_normal((5, 1, 8, 6))), torch.tensor([0, 1, 1, 0, 1])

    def trained(model: torch.nn.Module) -> dict[str, torch.Tensor]:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), labels).backward()
            optimizer.step()
        return model.state_dict()

    want = trained(copy.deepcopy(theirs))
    for count in range(1, len(ours) + 1):
        mixed = copy.deepcopy(theirs)
        for position, layer in enumerate(ours[:count]):
            wrapped = as_torch(layer).double()
            wrapped.load_state_dict(theirs[position].state_dict())
            mixed[position] = wrapped
        got = trained(mixed)
        assert got.keys() == want.keys()
        assert all(torch.allclose(got[name], want[name], rtol=1e-9, atol=1e-12) for name in want)


def test_twice_in_one_graph_and_backward_twice():
    layer = as_torch(scratch.Linear(3, 3).to(np.float64))
    x = numbers(2, 3)
    y = layer(layer(x))
    first = torch.autograd.grad(y.sum(), [x, *layer.parameters()], retain_graph=True)
    again = torch.autograd.grad(y.sum(), [x, *layer.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    weight, bias = (p.detach() for p in layer.parameters())
    want = torch.autograd.functional.jacobian(lambda x: (x @ weight.T + bias) @ weight.T + bias, x.detach())
    assert torch.allclose(first[0], want.sum((0, 1)))


def test_any_memory_layout_in_and_indices_out():
    x = numbers(2, 3, 5, 4)
    want = torch.nn.functional.max_pool2d(x, 2, return_indices=True)
    pool = as_torch(scratch.MaxPool2d(2, return_indices=True))
    for image in (x, x.to(memory_format=torch.channels_last), x.transpose(2, 3).contiguous().transpose(2, 3)):
        y, indices = pool(image)
        assert torch.equal(y, want[0])
        assert torch.equal(indices, want[1])
        (dx,) = torch.autograd.grad(y.transpose(2, 3).flip(3).sum(), image)
        assert dx.sum() == y.numel()


def test_overwriting_between_forward_and_backward_is_noticed():
    layer = as_torch(scratch.Linear(3, 2))
    y = layer(torch.ones(1, 3))
    with torch.no_grad():
        layer.weight.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_a_second_derivative_is_refused():
    x = numbers(3)
    (dx,) = torch.autograd.grad(as_torch(scratch.ReLU())(x).square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        dx.sum().backward()


@pytest.mark.parametrize("wrong", [torch.nn.ReLU(), scratch.ReLU, scratch.Sequential(), None])
def test_refused(wrong):
    with pytest.raises(TypeError, match="module"):
        as_torch(wrong)


def test_what_the_layer_refuses_comes_through():
    with pytest.raises(ValueError, match="in_features=4"):
        as_torch(scratch.Linear(4, 2))(torch.zeros(2, 3))
