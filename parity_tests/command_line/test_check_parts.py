"""The parts of `check`: the child, the laws, the gradient of an update, the arguments."""

import ast
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tests.check import child, process
from parity_tests.check.adapter import LEARNING_RATE, Unmatched, match, with_state
from parity_tests.check.cases import LAYERS
from parity_tests.harness.case import Spec
from parity_tests.harness.laws import LAYER_LAWS
from parity_tests.harness.layer_case import LayerCase

ROOT = Path(__file__).parents[2]


def test_a_python_that_does_not_start_is_the_environments_fault(check, monkeypatch):
    interpreter = (sys.executable, "-c", "raise SystemExit('no NumPy here')")
    monkeypatch.setattr(process.Process.__init__, "__defaults__", (interpreter,))
    code, out, err = check("misbehaving.py:ReLU", "--like", "ReLU")
    assert (code, out) == (3, "")
    assert err.endswith("does not start a process for the layer, it says: no NumPy here\n")


def test_the_child_needs_nothing_but_numpy():
    tree = ast.parse(Path(child.__file__).read_text("utf-8"))
    imports = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imports += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in imports} - sys.stdlib_module_names == {"numpy"}


def test_every_layer_has_a_law():
    assert set(LAYERS) <= LAYER_LAWS.keys()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_the_gradient_of_an_update_keeps_its_law(dtype, data):
    """|(before - after) / r - g| <= eps (|g| + |w| / r), as adapter.py derives it."""
    numbers = st.floats(-1e6, 1e6, width=32).filter(lambda x: x == 0 or abs(x) > 1e-6)
    w, g = (np.array([data.draw(numbers)], dtype) for _ in range(2))
    rate = {"lr": LEARNING_RATE}
    layer = SimpleNamespace(w=w - dtype(LEARNING_RATE) * g)
    found = child.gradient(layer, "w", w, w, rate)
    assert found.dtype == dtype
    error = abs(float(found[0]) - float(g[0]))
    assert error <= np.finfo(dtype).eps * (abs(float(g[0])) + abs(float(w[0])) / LEARNING_RATE)


@pytest.mark.parametrize(
    ("found", "held"),
    [
        ({"weight": (5, 7), "bias": (5,)}, {"weight": "weight", "bias": "bias"}),
        ({"W": (7, 5), "b": (1, 5)}, {"weight": "W", "bias": "b"}),
        ({"theta": (7, 5), "offset": (5,), "x": (3, 7)}, {"weight": "theta", "bias": "offset"}),
        ({"theta": (7, 5), "dtheta": (7, 5)}, {"weight": "theta"}),
        ({"theta": (7, 5), "phi": (5, 7)}, "its weight may be any of .theta, .phi"),
        ({"W": (7, 6)}, "no attribute of it has the shape (5, 7) of torch's weight; it holds .W (7, 6)"),
    ],
)
def test_where_the_weights_are(found, held):
    adapter = match("Linear", "Dense", child.describe(SimpleNamespace(Dense=Dense), "Dense"))
    wanted = {"weight": (5, 7), "bias": (5,)}
    if isinstance(held, str):
        with pytest.raises(Unmatched, match=re.escape(held)):
            with_state(adapter, wanted, found)
    else:
        assert with_state(adapter, wanted, found).held == held


def test_arguments_are_passed_under_their_own_names_and_with_torchs_defaults():
    adapter = match("AvgPool2d", "Pool", child.describe(SimpleNamespace(Pool=Pool), "Pool"))
    call = adapter.constructor_call(LayerCase(Spec.of("AvgPool2d", 3), (1, 1, 9, 9)), "float32")
    assert call == {"window": 3, "step": 3, "padding": 0}
    call = adapter.constructor_call(LayerCase(Spec.of("AvgPool2d", 3, padding=1, stride=2), (1, 1, 9, 9)), "float32")
    assert call == {"window": 3, "step": 2, "padding": 1}


class Pool:
    def __init__(self, window, padding, step=2, ceil_mode=False):
        pass

    def forward(self, x):
        pass


class Dense:
    def __init__(self, n_in, n_out):
        pass

    def forward(self, x):
        pass
