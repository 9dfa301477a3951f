"""Module and Sequential: what they contain, modes, hooks, gradients, and how they print."""

from collections import OrderedDict
from importlib import import_module

import numpy as np
import pytest
import torch

from parity_tests.modules.models import BUILT, HOST_NAMESPACES, images
from scratch.array import to_host

each_namespace = pytest.mark.parametrize("namespace", HOST_NAMESPACES)
each_model = pytest.mark.parametrize("model", BUILT.values(), ids=BUILT)


@each_namespace
@each_model
def test_what_is_inside_is_as_in_torch(model, namespace):
    ours, theirs = model.build(import_module(namespace)), model.build(torch.nn)

    def described(named):
        return [(name, type(module).__name__) for name, module in named]

    assert described(ours.named_modules()) == described(theirs.named_modules())
    assert described(ours.named_children()) == described(theirs.named_children())
    assert [type(m).__name__ for m in ours.modules()] == [type(m).__name__ for m in theirs.modules()]
    assert len(ours) == len(theirs)
    assert [type(layer).__name__ for layer in ours] == [type(layer).__name__ for layer in theirs]
    assert ours[1] is list(ours)[1]
    assert ours[-1] is list(ours)[-1]


@each_namespace
def test_train_and_eval_reach_everything(namespace):
    ours, theirs = BUILT["nested"].build(import_module(namespace)), BUILT["nested"].build(torch.nn)
    for change in (lambda m: m.eval(), lambda m: m.train(), lambda m: m.train(False), lambda m: m.train(True)):
        assert change(ours) is ours
        change(theirs)
        assert [m.training for m in ours.modules()] == [m.training for m in theirs.modules()]
    ours[0].eval()
    theirs[0].eval()
    assert [m.training for m in ours.modules()] == [m.training for m in theirs.modules()]


@each_namespace
def test_modes_change_what_dropout_and_batch_norm_do(namespace):
    nn, model = import_module(namespace), BUILT["nested"]
    ours = model.build(nn)
    x = nn.asarray(images(model))
    before = ours.state_dict()
    resting = [to_host(ours.eval()(x)) for _ in range(2)]
    np.testing.assert_array_equal(*resting)
    np.testing.assert_equal(ours.state_dict(), before)
    working = [to_host(ours.train()(x)) for _ in range(2)]
    assert not np.array_equal(*working)  # Dropout has drawn twice
    assert ours.state_dict()["stem.1.num_batches_tracked"] == 2


@each_namespace
def test_gradients_are_forgotten_by_module_and_by_optimiser(namespace):
    nn = import_module(namespace)
    layer = nn.Linear(4, 3)
    optimizer = nn.optim.SGD(layer.parameters(), lr=0.1)
    x = nn.asarray(np.ones((2, 4), np.float32))
    for forget in (layer.zero_grad, optimizer.zero_grad):
        layer.backward(layer(x))
        assert all(parameter.grad is not None for parameter in layer.parameters())
        forget()
        assert all(parameter.grad is None for parameter in layer.parameters())


@each_namespace
def test_hooks_see_module_input_and_output_in_order(namespace):
    nn = import_module(namespace)
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    x = nn.asarray(np.ones((2, 4), np.float32))
    seen = []
    remove = [
        module.register_forward_hook(lambda module, args, y, name=name: seen.append((name, module, args, y)))
        for name, module in [("ReLU", model[1]), ("Linear", model[0]), ("model", model), ("Linear again", model[0])]
    ]
    y = model(x)
    assert [name for name, *_ in seen] == ["Linear", "Linear again", "ReLU", "model"]
    (_, first, args, hidden), _, (_, second, relu_args, _), (_, whole, whole_args, last) = seen
    assert (first, second, whole) == (model[0], model[1], model)
    assert args[0] is x
    assert whole_args[0] is x
    assert relu_args[0] is hidden
    assert last is y

    seen.clear()
    model.forward(x)
    assert [name for name, *_ in seen] == ["Linear", "Linear again", "ReLU"]  # forward itself has no hooks
    remove[1]()
    remove[2]()
    seen.clear()
    model(x)
    assert [name for name, *_ in seen] == ["Linear again", "ReLU"]


@each_namespace
def test_own_modules(namespace):
    """Parameters come first, then buffers, then what the children hold, in the order they were set; as in torch."""
    nn = import_module(namespace)

    def block(library, parameter, buffer):
        class Block(library.Module):
            def __init__(self):
                super().__init__()
                self.inner = library.Sequential(library.Linear(2, 2), library.ReLU())
                buffer(self)
                self.scale = parameter()
                self.note = "not a part"
                self.last = library.Linear(2, 3)

        return Block()

    from scratch.module import Buffer

    ours = block(
        nn,
        lambda: nn.Parameter(nn.asarray(np.ones(2, np.float32))),
        lambda self: setattr(self, "count", Buffer(nn.asarray(np.zeros(1, np.float32)))),
    )
    theirs = block(
        torch.nn,
        lambda: torch.nn.Parameter(torch.ones(2)),
        lambda self: self.register_buffer("count", torch.zeros(1)),
    )
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    with pytest.raises(NotImplementedError, match=r"Block\.forward"):
        ours(None)
    with pytest.raises(NotImplementedError, match=r"Block\.backward"):
        ours.backward(None)


@each_namespace
def test_sequential_needs_no_dx_for_its_input(namespace):
    nn, model = import_module(namespace), BUILT["lines_cnn"]
    ours = model.build(nn)
    x = nn.asarray(images(model))
    y = ours(x)
    dx = ours.backward(y)
    grads = [to_host(parameter.grad) for parameter in ours.parameters()]
    ours.zero_grad()
    ours(x)
    assert ours.backward(y, needs_dx=False) is None
    assert dx.shape == x.shape
    for parameter, grad in zip(ours.parameters(), grads, strict=True):
        np.testing.assert_array_equal(to_host(parameter.grad), grad)


SAME_AS_TORCH = [
    lambda nn: nn.Conv2d(1, 4, 3),
    lambda nn: nn.Conv2d(4, 6, (3, 2), stride=2, padding=1, dilation=(1, 2), groups=2, bias=False),
    lambda nn: nn.Conv2d(1, 1, (3, 5), padding=(0, 2)),
    lambda nn: nn.Conv2d(1, 1, 3, padding="same"),
    lambda nn: nn.Conv2d(1, 1, 3, padding="valid"),
    lambda nn: nn.Conv2d(2, 4, 3, padding=1, groups=2, bias=False, padding_mode="reflect"),
    lambda nn: nn.ConvTranspose2d(1, 4, 3),
    lambda nn: nn.ConvTranspose2d(4, 6, (3, 2), 2, (1, 0), (1, 0), 2, False, (1, 2)),
    lambda nn: nn.Linear(36, 2),
    lambda nn: nn.Linear(36, 2, bias=False),
    lambda nn: nn.Flatten(),
    lambda nn: nn.Flatten(0, 2),
    lambda nn: nn.ReLU(),
    lambda nn: nn.Softmax(dim=-1),
    lambda nn: nn.LogSoftmax(dim=-1),
    lambda nn: nn.LogSoftmax(),
    lambda nn: nn.LeakyReLU(0.2),
    lambda nn: nn.Sigmoid(),
    lambda nn: nn.Tanh(),
    lambda nn: nn.SiLU(),
    lambda nn: nn.GELU(),
    lambda nn: nn.GELU("tanh"),
    lambda nn: nn.ELU(0.2),
    lambda nn: nn.Softplus(2, 3),
    lambda nn: nn.Identity(54, unused=0.1),
    lambda nn: nn.AdaptiveAvgPool2d((None, 3)),
    lambda nn: nn.AdaptiveMaxPool2d(2, return_indices=True),
    lambda nn: nn.MaxUnpool2d((3, 2), padding=(1, 0)),
    lambda nn: nn.Upsample((5, 7)),
    lambda nn: nn.Upsample(scale_factor=(2, 1.5), mode="bilinear", align_corners=True),
    lambda nn: nn.LayerNorm((3, 4)),
    lambda nn: nn.LayerNorm(4, elementwise_affine=False),
    lambda nn: nn.LayerNorm(4, bias=False),
    lambda nn: nn.CrossEntropyLoss(),
    lambda nn: nn.MSELoss(),
    lambda nn: nn.L1Loss(),
    lambda nn: nn.NLLLoss(),
    lambda nn: nn.BCEWithLogitsLoss(),
    lambda nn: nn.SmoothL1Loss(),
    lambda nn: nn.Sequential(),
    lambda nn: nn.Sequential(OrderedDict(first=nn.Sequential(nn.ReLU()), second=nn.Flatten())),
]


@each_namespace
@pytest.mark.parametrize("build", SAME_AS_TORCH, ids=lambda build: repr(build(torch.nn)).split("\n")[0])
def test_repr_is_torchs(build, namespace):
    assert repr(build(import_module(namespace))) == repr(build(torch.nn))


# torch says other things about these, and not the same ones in all versions.
TELL_ALL = [
    (
        "MaxPool2d(kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), ceil_mode=True, dilation=(1, 2), "
        "return_indices=True)"
    ),
    "AvgPool2d(kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), ceil_mode=True, count_include_pad=False)",
    (
        "AvgPool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), ceil_mode=False, count_include_pad=True, "
        "divisor_override=3)"
    ),
    "BatchNorm2d(5, eps=0.001, momentum=None, affine=False, track_running_stats=False)",
    "Dropout(p=0.25)",
    "Dropout2d(p=0.25)",
]


@each_namespace
@pytest.mark.parametrize("text", TELL_ALL, ids=lambda text: text.split("(")[0])
def test_repr_builds_the_layer_again(text, namespace):
    names = vars(import_module(namespace))
    assert repr(eval(text, dict(names))) == text


@each_namespace
def test_repr_of_what_is_held(namespace):
    layer = import_module(namespace).Linear(4, 3)
    assert repr(layer.weight) == "Parameter(shape=(3, 4), dtype=float32)"


@each_namespace
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16"])
@pytest.mark.parametrize("op", ["Sigmoid", "Tanh"])
def test_integers_and_booleans_become_float32(op, dtype, namespace):
    nn, x = import_module(namespace), np.array([[0, 1, 100]]).astype(dtype)
    y, want = to_host(getattr(nn, op)()(nn.asarray(x))), getattr(torch.nn, op)()(torch.tensor(x)).numpy()
    assert y.dtype == want.dtype == np.float32
    np.testing.assert_allclose(y, want, rtol=1e-6)
