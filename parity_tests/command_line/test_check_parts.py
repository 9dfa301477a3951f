"""The parts of `check`: the child, the laws, the gradient of an update, the names of arguments, what is like what."""

import ast
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratch
from parity_tests.check import child
from parity_tests.check.adapters import STYLES, Hints, Unmatched
from parity_tests.check.adapters.in_a_row import InARow
from parity_tests.check.adapters.options import LEARNING_RATE, match
from parity_tests.check.adapters.state import Held, find_state, gradient_places, recovered
from parity_tests.check.cases import LAYERS, OPS, PLAIN, cases_for
from parity_tests.check.target import guess, partner
from parity_tests.harness.case import Spec
from parity_tests.harness.comparison import compare
from parity_tests.harness.implementations import OPTIMISERS
from parity_tests.harness.laws.layers import LAYER_LAWS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.referee import reference

CHILD = Path(child.__file__).read_text("utf-8")

# The child


def test_the_child_needs_nothing_but_numpy():
    """torch and CuPy are imported where somebody's layer takes their arrays."""
    tree = ast.parse(CHILD)
    imports = [alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
    imports += [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in imports} - sys.stdlib_module_names == {"numpy"}


def test_the_child_is_python_3_8():
    ast.parse(CHILD, feature_version=(3, 8))
    assert "from __future__ import annotations" in CHILD
    assert not re.search(r"removeprefix|removesuffix|strict=|math\.prod|\bmatch ", CHILD)


@pytest.mark.parametrize(
    ("path", "found"),
    [("W", 1), ("grads.W", 2), ("lists.1", 4), ("inner.b", 5), ("grads.V", None), ("lists.7", None), ("none", None)],
)
def test_a_path_leads_through_attributes_keys_and_indices(path, found):
    thing = SimpleNamespace(W=1, grads={"W": 2}, lists=[3, 4], inner=SimpleNamespace(b=5), none=None)
    if found is None and path != "none":
        with pytest.raises((KeyError, IndexError)):
            child.follow(thing, path)
    else:
        assert child.follow(thing, path) == found


def test_options_remember_what_was_looked_up():
    options = child.Options({"stride": 1, "pad": 2, "dilation": 3, "groups": 4})
    assert options["stride"] == 1
    assert options.get("pad") == 2
    assert "eps" not in options
    assert options.setdefault("velocity", 0) == 0
    assert options.read == {"stride", "pad", "eps", "velocity"}
    child.Options.pop(options, "groups")
    assert "groups" in options.read
    spread = child.Options({"a": 1, "b": 2})
    assert dict(**spread) == {"a": 1, "b": 2}


# The laws


def test_every_layer_has_a_law_and_a_plain_case():
    assert set(LAYERS) <= LAYER_LAWS.keys()
    assert PLAIN.keys() == set(OPS)


@pytest.mark.parametrize("op", LAYERS)
def test_no_axes_of_a_plain_case_can_be_confused(op):
    shape = PLAIN[op].shape
    assert len(set(shape)) == len(shape)
    assert cases_for(op)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_the_gradient_of_an_update_keeps_its_law(dtype, data):
    """|(before - after) / r - g| <= eps (|g| + |w| / r), as state.py derives it."""
    numbers = st.floats(-1e6, 1e6, width=32).filter(lambda x: x == 0 or abs(x) > 1e-6)
    w, g = (np.array([data.draw(numbers)], dtype) for _ in range(2))
    found = recovered(w, w - dtype(LEARNING_RATE) * g)
    assert found.dtype == dtype
    error = abs(float(found[0]) - float(g[0]))
    assert error <= np.finfo(dtype).eps * (abs(float(g[0])) + abs(float(w[0])) / LEARNING_RATE)


IN_A_ROW = [InARow(case.spec) for op in OPTIMISERS for case in cases_for(op)]


@pytest.mark.parametrize("case", IN_A_ROW, ids=str)
def test_steps_in_a_row_are_torchs_and_keep_their_law(case):
    """In float64 they are torch's own; in float32 torch and our own optimisers stay within what piles up."""
    should = reference(case, "float64", 0)
    np.testing.assert_allclose(should.oracle["theta"][:-1], should.inputs["theta"][1:], rtol=1e-12)
    np.testing.assert_allclose(should.laws["theta"].value, should.oracle["theta"], rtol=1e-12)
    single = reference(case, "float32", 0)
    assert single.torch["theta"].verdict.agrees
    ours = case.run(scratch, single.inputs)["theta"]
    assert compare(ours, single.oracle["theta"], single.laws["theta"], np.float32).verdict.agrees


@pytest.mark.parametrize("case", [case for case in IN_A_ROW if case.settings.get("momentum")], ids=str)
def test_a_state_that_is_a_little_wrong_breaks_the_law(case):
    settings = dict(case.spec.settings) | {"momentum": case.settings["momentum"] * (1 + 1e-4)}
    other = InARow(Spec(case.op, (), tuple(settings.items())))
    should = reference(case, "float32", 0)
    got = other.run(scratch, should.inputs)["theta"]
    assert not compare(got, should.oracle["theta"], should.laws["theta"], np.float32).verdict.agrees


# Names


@pytest.mark.parametrize(
    ("found", "held"),
    [
        ({"weight": (5, 7), "bias": (5,)}, {"weight": "weight OI", "bias": "bias "}),
        ({"W": (7, 5), "b": (1, 5)}, {"weight": "W IO", "bias": "b "}),
        ({"params.W": (7, 5), "params.b": (5,), "grads.W": (7, 5)}, {"weight": "params.W IO", "bias": "params.b "}),
        ({"theta": (7, 5), "offset": (5,), "x": (3, 7)}, {"weight": "theta IO", "bias": "offset "}),
        ({"first": (7, 5), "dfirst": (7, 5)}, {"weight": "first IO"}),
        ({"W": (5, 7), "params.W": (5, 7)}, {"weight": "W OI"}),
        ({"first": (7, 5), "second": (5, 7)}, "its weight may be any of .first, .second"),
        ({"W": (7, 6)}, "no attribute of it has the shape (5, 7) of torch's weight; it holds .W (7, 6)"),
        ({}, "no attribute of it has the shape (5, 7) of torch's weight; it holds no arrays at all"),
    ],
)
def test_where_the_weights_are(found, held):
    wanted = {"weight": (5, 7), "bias": (5,)}
    if isinstance(held, str):
        with pytest.raises(Unmatched, match=re.escape(held)):
            find_state("Linear", wanted, found, Hints())
    else:
        state = find_state("Linear", wanted, found, Hints())
        assert {name: f"{each.path} {each.axes[1]}" for name, each in state.items()} == held


@pytest.mark.parametrize("order", ["OIHW", "HWIO", "OHWI", "IOHW"])
def test_the_order_of_a_weights_axes_is_found_and_undone(order):
    shape = dict(zip("OIHW", (4, 5, 3, 3), strict=True))
    found = find_state("Conv2d", {"weight": (4, 5, 3, 3)}, {"W": tuple(shape[axis] for axis in order)}, Hints())
    weight = np.arange(180.0).reshape(4, 5, 3, 3)
    inward = found["weight"].inward(weight)
    assert inward.shape == tuple(shape[axis] for axis in order)
    np.testing.assert_array_equal(found["weight"].outward(inward, weight.shape), weight)


def test_a_gradient_in_another_order_than_its_weight_is_not_turned_round():
    held = Held("W", ("OI", "IO"))
    assert held.outward(np.zeros((5, 7)), (5, 7)) == "has shape (5, 7), the parameter has (7, 5)"


@pytest.mark.parametrize(
    "place",
    ["W.grad", "dW", "d_W", "grad_W", "gW", "grads.W", "grads.dW", "d_weights", "grad_weights", "weights_grad",
     "dweight", "gradients.weight", "grads.weight", "dL_dW", "grad.W"],
)  # fmt: skip
def test_where_the_gradient_of_a_weight_is_looked_for(place):
    assert place in gradient_places("weight", "W", Hints())


def test_the_gradient_beside_its_own_weight_goes_first():
    places = gradient_places("weight", "inner.kernel", Hints())
    assert places.index("inner.dkernel") < places.index("dW")


def test_arguments_are_passed_under_their_own_names_and_with_torchs_defaults():
    options = match("AvgPool2d", "its constructor", child.arguments_of(Pool, "Pool"), Hints())
    call = options.call(LayerCase(Spec.of("AvgPool2d", 3), (1, 1, 9, 9)), {})
    assert call == {"window": 3, "step": 3, "padding": 0}
    call = options.call(LayerCase(Spec.of("AvgPool2d", 3, padding=1, stride=2), (1, 1, 9, 9)), {})
    assert call == {"window": 3, "step": 2, "padding": 1}


class Pool:
    def __init__(self, window, padding, step=2, ceil_mode=False):
        pass


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("Conv", "Conv2d"), ("ConvLayer", "Conv2d"), ("MyConv2D", "Conv2d"), ("conv_forward_naive", "Conv2d"),
        ("convolution2d", "Conv2d"), ("max_pool_forward", "MaxPool2d"), ("MaxPool2", "MaxPool2d"), ("Dense", "Linear"),
        ("FullyConnectedLayer", "Linear"), ("affine_forward", "Linear"), ("Pool", None), ("Network", None),
        ("BatchNorm2d", "BatchNorm2d"), ("SoftmaxCrossEntropy", "CrossEntropyLoss"), ("mse_loss", "MSELoss"),
        ("AdamOptimizer", "Adam"), ("relu", "ReLU"), ("lrelu", "LeakyReLU"), ("swish", "SiLU"), ("Softmax", "Softmax"),
        ("elu_forward", "ELU"), ("my_softplus", "Softplus"), ("mae", "L1Loss"), ("softmax_loss", "CrossEntropyLoss"),
    ],
)  # fmt: skip
def test_what_something_is_like_by_its_name(name, like):
    assert guess(name) == like


@pytest.mark.parametrize(
    ("name", "functions", "back"),
    [
        ("conv_forward", ["conv_forward", "conv_backward"], "conv_backward"),
        ("conv_fwd", ["conv_bwd"], "conv_bwd"),
        ("forward_conv", ["backward_conv"], "backward_conv"),
        ("mse", ["mse_prime", "relu"], "mse_prime"),
        ("relu", ["relu_backward", "drelu"], "relu_backward"),
        ("conv", ["conv", "linear_backward"], None),
    ],
)
def test_the_partner_of_a_function_by_its_name(name, functions, back):
    assert partner(name, functions) == back


def test_a_style_for_each_file_of_samples():
    assert set(STYLES) == {"class", "torch Module", "function", "image function", "loss", "optimiser"}
