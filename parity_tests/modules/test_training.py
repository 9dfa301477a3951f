"""The tutorial's training, its figures, and the pieces it is made of."""

from importlib import import_module

import numpy as np
import pytest
import torch

import scratch
from parity_tests.harness.torch_side import host, tensor
from parity_tests.modules.models import BUILT, HOST_NAMESPACES, copied_to_torch, images
from scratch.array import to_host
from scratch.train import Epoch, evaluate, fit, lines_weights, train_lines, train_step

each_namespace = pytest.mark.parametrize("namespace", HOST_NAMESPACES)


def test_figures_of_the_tutorial():
    run = train_lines(scratch)
    said = {number: f"{run.history[number - 1].loss:.4f} {run.history[number - 1].accuracy:.1%}" for number in FIGURES}
    assert said == FIGURES
    assert run.test.accuracy == 1.0
    first_filter = [[0.473, 0.376, 0.545], [-0.251, -0.493, -0.414], [0.080, 0.447, 0.232]]
    np.testing.assert_array_equal(run.model[0].weight.data[0, 0].round(3), first_filter)
    assert {value.dtype.name for value in run.model.state_dict().values()} == {"float64"}


FIGURES = {
    1: "0.7045 56.5%",
    3: "0.4631 86.0%",
    6: "0.1892 94.5%",
    9: "0.0999 97.5%",
    12: "0.0619 100.0%",
    15: "0.0415 100.0%",
}


@each_namespace
def test_one_epoch_is_the_same_everywhere(namespace):
    run, other = train_lines(import_module(namespace), epochs=1), train_lines(scratch, epochs=1)
    np.testing.assert_allclose(run.history, other.history, rtol=1e-12)
    np.testing.assert_allclose(run.test, other.test, rtol=1e-12)
    for name, value in run.model.state_dict().items():
        np.testing.assert_allclose(value, other.model.state_dict()[name], rtol=1e-10, atol=1e-13)


def test_first_weights():
    generator = np.random.RandomState(7)
    weights = lines_weights(generator)
    again = np.random.RandomState(7)
    np.testing.assert_array_equal(weights["0.weight"], again.randn(4, 1, 3, 3) * np.sqrt(2 / 9))
    dense = again.randn(36, 2) * np.sqrt(2 / 36)  # the tutorial's is (in, out)
    np.testing.assert_array_equal(weights["4.weight"], dense.T)
    assert not weights["0.bias"].any()
    assert not weights["4.bias"].any()
    assert generator.randint(2**31) == again.randint(2**31)  # nothing more has been drawn
    torch_model = BUILT["lines_cnn"].build(torch.nn).double()
    torch_model.load_state_dict({name: tensor(value) for name, value in weights.items()}, strict=True)


@each_namespace
@pytest.mark.parametrize("name", ["lines_cnn", "framework_cnn"])
def test_a_step_is_torchs(name, namespace):
    nn, model = import_module(namespace), BUILT[name]
    ours = model.build(nn).to(np.float64)
    theirs = copied_to_torch(model, ours.to(np.float64)).double()
    theirs.load_state_dict({name: tensor(value) for name, value in ours.state_dict().items()})
    x, target = images(model, 5, np.float64), np.array([1, 0, 0, 1, 0])
    our_optimiser = nn.optim.Adam(ours.parameters(), lr=0.001)
    their_optimiser = torch.optim.Adam(theirs.parameters(), lr=0.001)
    for _ in range(3):
        loss, logits = train_step(ours, nn.CrossEntropyLoss(), our_optimiser, nn.asarray(x), nn.asarray(target))
        want = theirs(tensor(x))
        their_loss = torch.nn.CrossEntropyLoss()(want, tensor(target))
        their_optimiser.zero_grad()
        their_loss.backward()
        their_optimiser.step()
        np.testing.assert_allclose(to_host(logits), host(want), rtol=1e-11)
        np.testing.assert_allclose(float(loss), their_loss.item(), rtol=1e-12)
    for ours_now, theirs_now in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        np.testing.assert_allclose(ours_now, host(theirs_now), rtol=1e-10, atol=1e-12)


@each_namespace
def test_an_epoch_counts_every_image_once_and_before_the_step(namespace):
    """With a learning rate of 0 nothing is learned, so mean and accuracy must be those of all images at once."""
    nn, model = import_module(namespace), BUILT["lines_cnn"]
    ours = model.build(nn).eval()
    x, target = nn.asarray(images(model, 7)), nn.asarray(np.array([1, 0, 0, 1, 0, 1, 1]))
    criterion, optimizer = nn.CrossEntropyLoss(), nn.optim.SGD(ours.parameters(), lr=0.0)
    whole = evaluate(ours, criterion, x, target)
    for batch_size in (1, 3, 7, 100):  # 3 leaves one image for the last batch
        history = fit(ours, criterion, optimizer, x, target, 2, batch_size, np.random.RandomState(1))
        np.testing.assert_allclose(history, [whole, whole], rtol=1e-5)
        assert ours.training
    assert fit(ours, criterion, optimizer, x, target, 0, 1, np.random.RandomState(1)) == []


def test_images_come_in_a_new_order_each_epoch():
    seen = []

    class Spy(scratch.Linear):
        def forward(self, x):
            seen.append(x[:, 0].tolist())
            return super().forward(x)

    layer = Spy(2, 2)
    x = np.stack([np.arange(5), np.zeros(5)], axis=1).astype(np.float32)
    optimizer = scratch.optim.SGD(layer.parameters(), lr=0.1)
    labels = np.array([0, 1, 0, 1, 0])
    fit(layer, scratch.CrossEntropyLoss(), optimizer, x, labels, 2, 2, np.random.RandomState(8))
    again = np.random.RandomState(8)
    orders = [again.permutation(5).tolist() for _ in range(2)]
    assert orders[0] != orders[1]
    assert seen == [order[start : start + 2] for order in orders for start in (0, 2, 4)]


@each_namespace
def test_evaluate_changes_nothing(namespace):
    nn, model = import_module(namespace), BUILT["nested"]
    ours = model.build(nn)
    x, target = nn.asarray(images(model)), nn.asarray(np.array([4, 0, 2]))
    nn.manual_seed(1)
    ours(x)
    before = [dict(vars(module)) for module in ours.modules()]
    state = ours.state_dict()
    epoch = evaluate(ours, nn.CrossEntropyLoss(), x, target)
    assert isinstance(epoch, Epoch)
    np.testing.assert_equal(ours.state_dict(), state)
    for module, attributes in zip(ours.modules(), before, strict=True):
        assert all(vars(module)[name] is value for name, value in attributes.items())
    logits = ours.eval()(x)
    assert epoch.loss == float(nn.CrossEntropyLoss()(logits, target))
    assert epoch.accuracy == (to_host(logits).argmax(axis=1) == [4, 0, 2]).mean()
