"""gpu.optim with "fused": what the array code gives, to the bit, whatever happens to the parameters between steps.

The arithmetic of one step is compared with torch's in the parity suite.
"""

import copy
import pickle

import numpy as np
import pytest

from gpu import emulated as nn
from gpu import flat
from gpu.kernels import optimiser
from gpu.runtime import launch
from scratch.array import to_host

pytestmark = pytest.mark.gxx

SHAPES = [(3, 4), (), (300,), (0, 2), (5,), (2, 3, 2)]  # of several blocks together; a number; none at all
BUILT = {
    "SGD": lambda p: nn.optim.SGD(p, lr=0.1, weight_decay=0.05, maximize=True),
    "SGD, momentum": lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.1),
    "SGD, nesterov": lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "SGD, 1 for True": lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=1, maximize=1),
    "Adam": lambda p: nn.optim.Adam(p, lr=0.01, betas=(0.8, 0.95), weight_decay=0.01),
}
each_optimiser = pytest.mark.parametrize("build", BUILT.values(), ids=BUILT)


class Pair:
    """The same parameters, stepped by array code and by the kernel."""

    def __init__(self, build, dtypes=("float32",)):
        self.generator = np.random.default_rng(0)
        first = [self.numbers(shape, dtypes[i % len(dtypes)]) for i, shape in enumerate(SHAPES)]
        self.optimisers = [build([nn.Parameter(nn.asarray(value.copy())) for value in first]) for _ in range(2)]
        for each, name in zip(self.optimisers, ("arrays", "fused"), strict=True):
            each.algorithm = name

    def numbers(self, shape, dtype):
        return np.asarray(self.generator.standard_normal(shape)).astype(dtype)

    def step(self, without=()):
        """One step with new gradients, the same for both; compared afterwards."""
        for i, like in enumerate(self.optimisers[0].parameters):
            g = None if i in without else self.numbers(like.shape, like.dtype)
            for each in self.optimisers:
                each.parameters[i].grad = None if g is None else nn.asarray(g.copy())
        for each in self.optimisers:
            each.step()
        self.compare()

    def compare(self):
        ours, theirs = ([contents(p, s) for p, s in zip(o.parameters, o.state, strict=True)] for o in self.optimisers)
        for one, other in zip(ours, theirs, strict=True):
            assert one.keys() == other.keys()
            for name in one:
                np.testing.assert_array_equal(one[name], other[name], strict=True, err_msg=name)


def contents(parameter, state):
    """A parameter's numbers and those of its state, on the host."""
    return {"data": to_host(parameter.data)} | {name: to_host(value) for name, value in state.items()}


@each_optimiser
def test_steps_with_gaps(build):
    """Whoever had no gradient has taken fewer steps than its neighbours, and goes on from there."""
    pair = Pair(build)
    for without in [(5,), (), (0,), (2, 3), (), (0, 1, 2, 3, 4, 5), (), (1, 3, 5)]:
        pair.step(without)


@each_optimiser
def test_two_dtypes(build):
    pair = Pair(build, ("float32", "float64"))
    for without in [(1, 3, 5), (), (0,), ()]:
        pair.step(without)


def new_data(each):
    each.parameters[2].data = each.parameters[2].data * 2


def data_in_place(each):
    each.parameters[2].data *= 2


def data_out_of_order(each):
    each.parameters[0].data = nn.asarray(np.arange(12, dtype=np.float32).reshape(4, 3)).T


def new_state(each):
    each.state[2] = {name: value if name == "step" else value * 2 for name, value in each.state[2].items()}


def state_in_place(each):
    for name, value in each.state[2].items():
        if name != "step":
            value[...] = value * 2


def no_state(each):
    each.state[0] = {}


def one_state_less(each):
    each.state[4].pop("exp_avg", None)


def other_settings(each):
    each.lr = 0.5
    each.weight_decay = 0.3


def with_momentum(each):
    each.momentum = 0.5


def without_momentum(each):
    each.momentum, each.nesterov = 0.0, False


def arrays_for_a_step(each):
    each.algorithm, name = "arrays", each.algorithm
    each.step()
    each.algorithm = name


EVENTS = [
    new_data, data_in_place, data_out_of_order, new_state, state_in_place, no_state, one_state_less, other_settings,
    with_momentum, without_momentum, arrays_for_a_step,
]  # fmt: skip


@each_optimiser
@pytest.mark.parametrize("event", EVENTS)
def test_what_happens_between_steps(build, event):
    pair = Pair(build)
    pair.step()
    pair.step()
    for each in pair.optimisers:
        event(each)
    for without in [(2,), (), (0,), ()]:  # what it happened to may have no gradient at first
        pair.step(without)


@each_optimiser
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_goes_on_by_itself(build, copied):
    pair = Pair(build)
    pair.step()
    originals = pair.optimisers
    before = [contents(p, s) for p, s in zip(originals[1].parameters, originals[1].state, strict=True)]
    pair.optimisers = [copied(each) for each in originals]
    pair.step((1,))
    pair.step()
    after = [contents(p, s) for p, s in zip(originals[1].parameters, originals[1].state, strict=True)]
    np.testing.assert_equal(after, before)
    pair.optimisers = originals
    pair.step()


@each_optimiser
def test_another_dtype(build):
    """The state follows the parameter, so from here on the two may differ by what float32 rounds."""
    pair = Pair(build)
    pair.step()
    for each in pair.optimisers:
        for parameter in each.parameters:
            parameter.data, parameter.grad = parameter.data.astype("float64"), parameter.grad.astype("float64")
        each.step()
    arrays, fused = pair.optimisers
    for i, parameter in enumerate(fused.parameters):
        assert parameter.dtype == np.float64
        np.testing.assert_allclose(to_host(parameter.data), to_host(arrays.parameters[i].data), rtol=0, atol=1e-6)
        assert all(value.dtype == np.float64 for name, value in fused.state[i].items() if name != "step")


def test_load_state_dict_is_taken_over():
    model = nn.Linear(4, 3)
    optimizer = nn.optim.SGD(model.parameters(), lr=1.0)
    model.backward(model(nn.asarray(np.ones((1, 4), np.float32))))
    optimizer.step()
    model.load_state_dict({"weight": np.full((3, 4), 2.0), "bias": np.zeros(3)})
    optimizer.step()
    np.testing.assert_array_equal(model.state_dict()["weight"], 2 - to_host(model.weight.grad))


@pytest.mark.parametrize(
    ("without", "launches"),
    [((), 1), ((0,), 1), ((2,), 2), ((1, 3), 3), ((0, 1, 2, 3, 4, 5), 0)],
)
def test_one_launch_for_what_stands_side_by_side(without, launches, monkeypatch):
    pair, launched, gathered = Pair(BUILT["Adam"]), [], []
    pair.step()
    joined = flat.joined
    monkeypatch.setattr(flat, "joined", lambda arrays: gathered.append(len(arrays)) or joined(arrays))
    monkeypatch.setattr(optimiser, "launch", lambda *a, **k: launched.append(k["count"]) or launch(*a, **k))
    pair.step(without)
    assert len(launched) == launches
    stepped = [i for i in range(len(SHAPES)) if i not in without]
    assert gathered == [len(stepped)] * bool(stepped)
    assert sum(launched) == sum(int(np.prod(SHAPES[i])) for i in stepped)


def test_the_first_step_moves_and_later_ones_stay():
    parameter = nn.Parameter(nn.asarray(np.ones(3, np.float32)))
    before, parameter.grad = parameter.data, nn.asarray(np.ones(3, np.float32))
    optimizer = nn.optim.SGD([parameter], lr=0.5)
    optimizer.step()
    np.testing.assert_array_equal(to_host(before), np.ones(3))
    moved = parameter.data
    optimizer.step()
    assert parameter.data is moved
    np.testing.assert_array_equal(to_host(moved), np.zeros(3))


def replaced(i, **attributes):
    """An event that gives a parameter another `data` or `grad`, of NumPy's numbers."""

    def change(optimizer):
        for name, value in attributes.items():
            setattr(optimizer.parameters[i], name, value)

    return change


def float64(*shape):
    return nn.asarray(np.ones(shape))


def float32(*shape):
    return nn.asarray(np.ones(shape, np.float32))


def twice(optimizer):
    optimizer.parameters.append(optimizer.parameters[0])
    optimizer.state.append({})


def one_array_for_two(optimizer):
    optimizer.parameters[1].data = optimizer.parameters[0].data


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (replaced(2, grad=float64(300)), TypeError, "parameters[2] has dtype float32, its grad has float64"),
        (replaced(2, data=float64(300)), TypeError, "parameters[2] has dtype float64, its grad has float32"),
        (replaced(4, grad=float32(1)), ValueError, "parameters[4] has shape (5,), its grad has (1,)"),
        (replaced(4, data=float32(6)), ValueError, "parameters[4] has shape (6,), its grad has (5,)"),
        (
            replaced(4, data=float32(6), grad=float32(6)),
            ValueError,
            "parameters[4] has shape (6,), its exp_avg has (5,)",
        ),
        (replaced(4, data=float32(6), grad=None), ValueError, "parameters[4] has shape (6,), its exp_avg has (5,)"),
        (
            replaced(4, grad=np.ones(5, np.float32)),
            TypeError,
            "parameters[4] is a gpu.on_numpy.stand_in.ndarray, its grad a numpy.ndarray",
        ),
        (
            replaced(4, data=float32(5).astype("float16"), grad=float32(5).astype("float16")),
            TypeError,
            "parameters[4] has dtype float16; the kernel is for float32 and float64",
        ),
        (
            replaced(4, data=np.ones(5, np.float32), grad=None),
            TypeError,
            "parameters[4] is a numpy.ndarray, those before are of another namespace",
        ),
        (twice, ValueError, "parameters: one of them is there twice"),
        (one_array_for_two, ValueError, "parameters: two of them hold the same array"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_changed(spoil, error, words):
    pair = Pair(BUILT["Adam"])
    pair.step()
    optimizer = pair.optimisers[1]
    spoil(optimizer)
    before = [contents(p, s) for p, s in zip(optimizer.parameters, optimizer.state, strict=True)]
    with pytest.raises(error) as caught:
        optimizer.step()
    assert words in str(caught.value)
    after = [contents(p, s) for p, s in zip(optimizer.parameters, optimizer.state, strict=True)]
    np.testing.assert_equal(after, before)


def test_parameters_of_another_namespace():
    parameter = nn.Parameter(np.ones(3, np.float32))
    before, parameter.grad = parameter.data, np.ones(3, np.float32)
    optimizer = nn.optim.SGD([parameter])
    with pytest.raises(TypeError, match=r"sgd: g is a numpy\.ndarray; a kernel computes with arrays of the GPU"):
        optimizer.step()
    assert parameter.data is before
    assert (before == 1).all()
