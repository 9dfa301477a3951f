from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pytest

from parity_tests.bad_input.arrays import NOT_ASKED, TORCH, converted
from parity_tests.bad_input.calls import SUBJECTS
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host


class Spoilt(NamedTuple):
    """What is done to a good state_dict, and what is said to that."""

    wrong: str
    spoil: Callable[[dict[str, Any]], Any]
    error: type[Exception]
    words: str
    torch: str = ""


def without(name):
    return lambda state: {key: value for key, value in state.items() if key != name}


def with_value(name, change):
    return lambda state: state | {name: change(state.get(name))}


CONVERTS = NOT_ASKED + "it takes the real part, with a warning"

CASES = [
    Spoilt("empty", lambda _: {}, KeyError, "missing keys ['0.bias', '0.weight', '1.bias',"),
    Spoilt("a bias less", without("0.bias"), KeyError, "missing keys ['0.bias'], unexpected keys []"),
    Spoilt("a buffer less", without("1.running_var"), KeyError, "missing keys ['1.running_var']"),
    Spoilt("one more", with_value("7.bias", lambda _: np.zeros(3)), KeyError, "unexpected keys ['7.bias']"),
    Spoilt("other names", lambda s: {"net." + k: v for k, v in s.items()}, KeyError, "unexpected keys ['net.0.bias'"),
    Spoilt(
        "turned", with_value("5.weight", np.transpose), ValueError, "'5.weight' has shape (18, 5), here it is (5, 18)"
    ),
    Spoilt("one row", with_value("0.bias", lambda v: v[:1]), ValueError, "'0.bias' has shape (1,), here it is (3,)"),
    Spoilt("flat", with_value("0.weight", np.ravel), ValueError, "'0.weight' has shape (108,)"),
    Spoilt("None", with_value("0.bias", lambda _: None), ValueError, "'0.bias' has shape ()"),
    Spoilt("complex", with_value("0.bias", lambda v: v + 1j), TypeError, "'0.bias' has dtype complex", CONVERTS),
    Spoilt("words", with_value("0.bias", lambda _: np.array(["a", "b", "c"])), TypeError, "'0.bias' has dtype <U1"),
    Spoilt("a list of pairs", lambda state: list(state.items()), TypeError, "state_dict is a list"),
    Spoilt("None instead", lambda _: None, TypeError, "state_dict is a NoneType"),
]


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("case", CASES, ids=[case.wrong for case in CASES])
def test_refused_and_nothing_loaded(case, namespace):
    nn = import_module(namespace)
    model = SUBJECTS["model"].build(nn)
    x = converted(nn, SUBJECTS["model"].good[0])
    y = model(x)
    model.backward(y)
    before = model.state_dict(), {name: to_host(p.grad) for name, p in model.named_parameters()}
    model(x)
    before[0].update(model.state_dict())
    others = {name: value + 1 for name, value in model.state_dict().items()}  # nothing of these may come in
    with pytest.raises(case.error) as caught:
        model.load_state_dict(case.spoil(others))
    assert case.words in str(caught.value)
    after = model.state_dict(), {name: to_host(p.grad) for name, p in model.named_parameters()}
    np.testing.assert_equal(after, before)
    model.backward(y)


@pytest.mark.parametrize("case", [case for case in CASES if not case.torch], ids=lambda case: case.wrong)
def test_torch_refuses_too(case):
    model = SUBJECTS["model"].build(TORCH)
    spoilt = case.spoil({name: value.numpy() for name, value in model.state_dict().items()})
    if isinstance(spoilt, dict):
        spoilt = {
            n: TORCH.asarray(v) if isinstance(v, np.ndarray) and v.dtype.kind != "U" else v for n, v in spoilt.items()
        }
    with pytest.raises(Exception):  # noqa: B017, PT011 - which one is torch's own affair
        model.load_state_dict(spoilt)
