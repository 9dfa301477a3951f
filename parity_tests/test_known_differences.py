"""Every difference that is meant (known_differences.toml) still exists, on both sides, and the README names it."""

import re
import tomllib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import run
from parity_tests.bad_input.arrays import TORCH
from parity_tests.harness.implementations import IMPLEMENTATIONS
from scratch.array import to_host

DIFFERENCES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("known_differences.toml").read_text(encoding="utf-8")
)
KEYS = {"what", "why", "link", "run", "ours", "torch"}
README = " ".join((Path(run.__file__).parent / "README.md").read_text(encoding="utf-8").split())
RUNS = [
    pytest.param(name, entry, marks=pytest.mark.gpu if name == "gpu" else (), id=f"{key} {name}")
    for key, entry in DIFFERENCES.items()
    for name in entry.get("only", IMPLEMENTATIONS)
    if name == "gpu" or IMPLEMENTATIONS[name].why_not() is None
]


def overwritten(layer: Any, x: Any) -> Any:
    """The gradient of a dense layer's weight, where x is overwritten by 5 between forward and backward."""
    y = layer(x)
    x[...] = 5
    if isinstance(y, torch.Tensor):
        y.backward(torch.ones(1, 1))
    else:
        layer.backward(y * 0 + 1)
    return layer.weight.grad


def twice(layer: Any, x: Any) -> Any:
    """dx of a layer that is applied to its own result."""
    if isinstance(x, torch.Tensor):
        x.requires_grad_()
        layer(layer(x)).sum().backward()
        return x.grad
    y = layer(layer(x))
    return layer.backward(layer.backward(y * 0 + 1))


def outcome(expression: str, nn: Any) -> Any:
    """What an expression gives in a namespace: a list of numbers, or which exception it raises."""
    names = {"nn": nn, "np": np, "tensor": lambda v: nn.asarray(np.array(v, np.float32))}
    try:
        with warnings.catch_warnings(), np.errstate(divide="ignore"):
            warnings.simplefilter("ignore")
            result = eval(expression, names | {"overwritten": overwritten, "twice": twice})
    except Exception as error:  # noqa: BLE001 - which one it is, is the result
        return f"raises {type(error).__name__}"
    return to_host(result).tolist()


def same(a: Any, b: Any) -> bool:
    """Whether two outcomes are the same; NaN is."""
    if isinstance(a, str) or isinstance(b, str):
        return bool(a == b)
    return np.array_equal(np.asarray(a, float), np.asarray(b, float), equal_nan=True)


@pytest.mark.parametrize(("name", "entry"), RUNS)
def test_ours_is_as_it_is_written(name: str, entry: dict[str, Any]):
    assert same(outcome(entry["run"], IMPLEMENTATIONS[name].nn), entry["ours"])


@pytest.mark.parametrize(
    "key", [key for key, e in DIFFERENCES.items() if not str(e["torch"]).startswith("not asked: ")]
)
def test_torch_is_as_it_is_written(key: str):
    entry = DIFFERENCES[key]
    found = outcome(entry["run"], TORCH)
    release = tuple(map(int, re.findall(r"\d+", torch.__version__)[:2]))
    if release < tuple(map(int, entry.get("since", "0.0").split("."))):
        assert same(found, entry["ours"]), "since is too late: the difference is older than that"
    else:
        assert same(found, entry["torch"])


@pytest.mark.parametrize("key", DIFFERENCES)
def test_an_entry_is_complete_and_in_the_readme(key: str):
    entry = DIFFERENCES[key]
    assert entry.keys() - {"only", "since"} == KEYS
    assert not same(entry["ours"], entry["torch"])
    assert entry["what"] in README
    assert all(name in IMPLEMENTATIONS for name in entry.get("only", ()))
