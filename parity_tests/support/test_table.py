"""Every cell of the support table is true, and docs/support.md is in step with it."""

import tomllib
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch

from parity_tests.harness.case import DTYPES, HALF, Case
from parity_tests.harness.cases import CASES
from parity_tests.harness.coverage import CLIPPING, INTEGERS, SCHEDULERS
from parity_tests.harness.implementations import IMPLEMENTATIONS, OPTIMISERS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.referee import judge
from parity_tests.modules.models import HOST_NAMESPACES
from parity_tests.support.page import NUMBERS, PAGE, page, section
from parity_tests.support.table import (
    CHECKED,
    LIKE,
    NOT_OF_INTEGERS,
    REFUSED,
    UNKNOWN,
    counted,
    derived,
    formats_of,
    names_of,
    only_torchs,
    refuses_integers,
    rows,
    supported,
    torch_callable,
    word,
)
from scratch.module import Parameter

pytestmark = [
    pytest.mark.filterwarnings("ignore:(Log)?Softmax.dim=None"),
    pytest.mark.filterwarnings("ignore:size_average and reduce"),
]

FIRST: dict[str, Case] = {}
for _case in CASES:
    FIRST.setdefault(_case.op, _case)

HERE = [each for each in IMPLEMENTATIONS.values() if each.why_not() is None]
VALUES = {
    "bias": True, "capturable": False, "device": "cpu", "differentiable": False, "foreach": False, "fused": False,
    "inplace": False, "last_epoch": -1, "reduce": True, "size_average": True,
}  # fmt: skip
"""What torch's own arguments are given: what torch takes."""

ONLY_TORCHS = [(op, name) for op in supported() for name in only_torchs(op)]
OF_CASES = [
    (op, row.argument, dtype)
    for op in supported()
    for row in rows(op)
    for dtype in formats_of(op)
    if row.argument not in CHECKED and row.cells[HERE[0].name][dtype] == LIKE
]
DERIVED = [key for key in OF_CASES if not all(counted().get((*key[:2], name, key[2])) for name in IMPLEMENTATIONS)]


def test_no_cell_is_unknown():
    found = [(row, word) for op in supported() for row in rows(op) for d in row.cells.values() for word in d.values()]
    assert [row for row, word in found if word == UNKNOWN] == []


def test_the_page_is_in_step():
    assert PAGE.read_text(encoding="utf-8") == page(), "python3 run.py support --write writes it anew"


def test_every_known_difference_is_on_the_page():
    known = tomllib.loads((PAGE.parent.parent / "parity_tests" / "known_differences.toml").read_text(encoding="utf-8"))
    assert sorted(NUMBERS) == sorted(known)


def test_the_page_has_every_operation_and_80_columns():
    written = page()
    assert all(f"\n## {op}\n" in written for op in supported())
    assert [line for line in written.splitlines() if len(line) > 80] == []


def call(nn: Any, op: str, **more: Any) -> Any:
    """Call an operation with the arguments of its first case, and others."""
    case = FIRST[op]
    settings = dict(case.spec.settings) | more
    layer = nn.Linear(2, 1)
    if op in OPTIMISERS:
        return getattr(nn.optim, op)(layer.parameters(), **settings)
    if op in CLIPPING:
        return getattr(nn.optim, op)(layer.parameters(), **settings)
    if op in SCHEDULERS:
        return getattr(nn.optim.lr_scheduler, op)(nn.optim.SGD(layer.parameters(), lr=0.1, momentum=0.5), **settings)
    return getattr(nn, op)(*case.spec.args, **settings)


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize(("op", "name"), ONLY_TORCHS)
def test_what_only_torch_has_is_refused(op: str, name: str, namespace: str):
    nn = import_module(namespace)
    call(nn, op)
    with pytest.raises(TypeError, match=name):
        call(nn, op, **{name: VALUES[name]})


@pytest.mark.parametrize(("op", "name"), ONLY_TORCHS)
def test_torch_takes_it(op: str, name: str):
    """So that a refusal is a difference from torch, and not a mistake in the call."""
    if name not in names_of(torch_callable(op)):
        pytest.skip(f"this version of torch has no {name}")
    called, case, layer = torch_callable(op), FIRST[op], torch.nn.Linear(2, 1)
    given: list[Any] = list(case.spec.args)
    if op in OPTIMISERS or op in CLIPPING:
        layer(torch.ones(1, 2)).sum().backward()
        given = [layer.parameters()]
    if op in SCHEDULERS:
        given = [torch.optim.SGD(layer.parameters(), lr=0.1, momentum=0.5)]
    called(*given, **dict(case.spec.settings), **{name: VALUES[name]})


@pytest.mark.parametrize("implementation", HERE, ids=lambda each: each.name)
@pytest.mark.parametrize(("op", "name", "dtype"), DERIVED)
def test_what_no_case_tries_agrees_with_torch(op: str, name: str, dtype: str, implementation: Any):
    made = derived(op, name, dtype)
    assert made is not None
    findings = judge(made[0], implementation, made[1])
    assert findings
    assert [str(found) for found in findings if not found.ours.verdict.agrees] == []


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("op", [op for op in supported() if INTEGERS in formats_of(op) and refuses_integers(op, "")])
def test_integers_are_refused(op: str, namespace: str):
    nn, case = import_module(namespace), FIRST[op]
    assert isinstance(case, LayerCase | LossCase)
    inputs = case.draw(np.float32, 0)
    x, *others = [nn.asarray(inputs[n]) for n in ("x", "indices", "target") if n in inputs]
    layer = call(nn, op)
    layer(x, *others)
    with pytest.raises((TypeError, ValueError), match="dtype"):
        layer(x.astype(np.int64), *(each if each.dtype.kind in "iu" else each.astype(np.int64) for each in others))


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize(("op", "name"), NOT_OF_INTEGERS)
def test_integers_are_refused_with_this_argument(op: str, name: str, namespace: str):
    made = derived(op, name, INTEGERS)
    assert made is not None
    with pytest.raises(TypeError, match="dtype"):
        made[0].run(import_module(namespace), made[0].draw(np.float32, 0))


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("op", OPTIMISERS)
def test_integer_parameters_are_refused(op: str, namespace: str):
    nn = import_module(namespace)
    parameter = Parameter(nn.asarray(np.ones(3, np.int64)))
    parameter.grad = nn.asarray(np.ones(3, np.int64))
    with pytest.raises(TypeError):
        getattr(nn.optim, op)([parameter], lr=0.1).step()


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("op", [op for op, called in supported().items() if "dtype" in names_of(called)])
def test_the_dtype_is_torchs(op: str, namespace: str):
    nn = import_module(namespace)
    case = FIRST[op]
    for dtype in (HALF, *DTYPES):
        theirs = getattr(torch.nn, op)(*case.spec.args, dtype=getattr(torch, dtype), **dict(case.spec.settings))
        wanted = {name: str(value.dtype).removeprefix("torch.") for name, value in theirs.state_dict().items()}
        assert {name: value.dtype.name for name, value in call(nn, op, dtype=dtype).state_dict().items()} == wanted
    with pytest.raises(TypeError, match="dtype"):
        call(nn, op, dtype="int64")
    with pytest.raises((TypeError, RuntimeError)):
        getattr(torch.nn, op)(*case.spec.args, dtype=torch.int64, **dict(case.spec.settings))


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
def test_a_transposed_convolution_pads_with_zeros_only_as_in_torch(namespace: str):
    for nn in (import_module(namespace), torch.nn):
        nn.ConvTranspose2d(1, 1, 3, padding_mode="zeros")
        with pytest.raises(ValueError, match="zeros"):
            nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect")


def test_a_case_that_is_taken_away_changes_the_table(monkeypatch: pytest.MonkeyPatch):
    key = next(key for key in OF_CASES if key not in DERIVED and key[2] == "float64")
    monkeypatch.setattr("parity_tests.support.table.counted", dict)
    monkeypatch.setattr("parity_tests.support.table.derived", lambda *_: None)
    assert word(*key[:2], HERE[0].name, key[2]) == UNKNOWN
    assert word(*ONLY_TORCHS[0], HERE[0].name, "float64") == REFUSED
    assert UNKNOWN in section(key[0])
