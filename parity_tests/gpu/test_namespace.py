"""The namespaces gpu and gpu.on_numpy: imported anywhere, used where there is a GPU, and models moved between them."""

import subprocess
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import gpu
import scratch
from gpu import device
from scratch.array import to_host

ROOT = Path(__file__).parents[2]
ARRAY_CODE = ["gpu.on_numpy", pytest.param("gpu", marks=pytest.mark.gpu)]
X = np.arange(12, dtype=np.float32).reshape(1, 3, 2, 2)


def test_imported_and_used_without_cupy():
    code = "import sys; sys.modules['cupy'] = None; import gpu; print(gpu.on_numpy.Linear(3, 2), gpu.ReLU())"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("Linear(in_features=3, out_features=2, bias=True) ReLU()\n", "")


@pytest.mark.parametrize(
    "use",
    [
        lambda: gpu.asarray(X),
        gpu.array_type,
        lambda: gpu.Conv2d(3, 2, 1),
        lambda: gpu.Linear(3, 2),
        lambda: gpu.BatchNorm2d(3),
        lambda: gpu.ReLU()(X),
        lambda: gpu.MaxPool2d(2)(X),
        lambda: gpu.MSELoss()(X, X),
        lambda: gpu.images.correlate2d(X[0, 0], X[0, 0]),
        lambda: gpu.images.max_pool(X[0, 0]),
    ],
)
def test_use_without_a_gpu_names_the_rung_and_the_remedy(use, monkeypatch):
    monkeypatch.setattr(device, "why_not", lambda: "CuPy version: 13.6 is older than 14. Run `pip ...`.")
    with pytest.raises(gpu.NoDevice, match=r"CuPy version: 13\.6 is older than 14\. Run `pip \.\.\.`\."):
        use()


@pytest.mark.parametrize("name", ARRAY_CODE)
def test_arrays_of_the_host_are_refused(name):
    with pytest.raises(TypeError, match=rf"x is a numpy\.ndarray: {name} computes with arrays from {name}\.asarray"):
        import_module(name).ReLU()(X)


def model(nn):
    """One layer of each kind, and one that keeps what is no parameter."""
    return nn.Sequential(
        nn.Conv2d(2, 6, (3, 2), stride=(1, 2), padding=(1, 0), groups=2),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.MaxPool2d(2, padding=1),
        nn.Conv2d(6, 4, 1, bias=False),
        nn.AvgPool2d((2, 1)),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(4 * 2 * 3, 5),
    )


@pytest.mark.parametrize("name", ARRAY_CODE)
def test_a_model_moves_between_namespaces(name):
    namespaces = [scratch, import_module(name), scratch.naive]
    models = [model(nn).to(np.float64) for nn in namespaces]
    x = np.random.default_rng(0).standard_normal((4, 2, 7, 9))
    models[0](x)  # moves the running statistics away from those of a new model
    for one, other in pairwise(models):
        other.load_state_dict(one.state_dict())
    states = [each.state_dict() for each in models]
    outputs = [to_host(each.eval()(nn.asarray(x))) for nn, each in zip(namespaces, models, strict=True)]
    for state, output in zip(states[1:], outputs[1:], strict=True):
        assert list(state) == list(states[0])
        assert all(np.array_equal(state[key], states[0][key]) for key in state)
        np.testing.assert_allclose(output, outputs[0], rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", ARRAY_CODE)
def test_random_numbers_are_those_of_scratch(name):
    states = []
    for nn in (scratch, import_module(name)):
        nn.manual_seed(5)
        states.append(model(nn).state_dict())
    assert all(np.array_equal(states[0][key], states[1][key]) for key in states[0])


OPTIMIZERS = {
    "SGD": lambda optim, parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True),
    "Adam": lambda optim, parameters: optim.Adam(parameters, lr=0.01, weight_decay=0.01),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", ARRAY_CODE)
def test_training_is_that_of_scratch(name, optimizer):
    """Three steps in float64: what differs is the order of sums, a few rounding errors of numbers below 10."""
    generator = np.random.default_rng(1)
    batches = [(generator.standard_normal((4, 2, 7, 9)), generator.integers(0, 5, 4)) for _ in range(3)]
    finals = []
    for nn in (scratch, import_module(name)):
        nn.manual_seed(2)
        net, criterion = model(nn).to(np.float64), nn.CrossEntropyLoss(label_smoothing=0.1)
        steps = OPTIMIZERS[optimizer](nn.optim, net.parameters())
        losses = []
        for x, labels in batches:
            losses.append(float(criterion(net(nn.asarray(x)), nn.asarray(labels))))
            steps.zero_grad()
            net.backward(criterion.backward(), needs_dx=False)
            steps.step()
        finals.append(net.state_dict() | {"losses": to_host(losses)})
    ours, theirs = finals
    assert len(set(ours["losses"])) == 3
    for key in ours:
        np.testing.assert_allclose(theirs[key], ours[key], rtol=0, atol=1e-12, err_msg=key)
