"""Planted errors are named, and nothing else is."""

import numpy as np
import pytest

from parity_tests.diagnosis import diagnose
from parity_tests.diagnosis.suspects import SUSPECTS, suspects_of
from parity_tests.diagnosis_tests.faults import FAULTS, without_bias
from parity_tests.diagnosis_tests.planting import Fault, cases_of, faulty, judged, of_layer, right
from parity_tests.mutants.namespace import alone
from parity_tests.mutants.table import Mutant
from parity_tests.mutants.tables import MUTANTS

ONLY_IN_A_SECOND_CALL = {"depends-on-earlier-call", "inputs-modified"}
"""These are not predicted from one case: tests of their own below."""

TWINS = {
    ("Conv2d", "output-channels-of-groups-mixed"): {"channels-permuted"},
    ("Conv2d", "arithmetic-in-tf32"): {"arithmetic-in-float16"},
}
"""Errors that give the same numbers in all cases, so that both are told."""

NAMED = [mutant for mutant in MUTANTS if mutant.suspects and not ONLY_IN_A_SECOND_CALL & {*mutant.suspects}]


@pytest.mark.parametrize("mutant", NAMED, ids=lambda mutant: mutant.name)
def test_mutants(mutant: Mutant):
    """In float32 alone, for time's sake, if that shows it."""
    dtypes = ["float64" if "arithmetic-in-float32" in mutant.suspects else "float32"]
    found = diagnose(of_layer(alone(mutant.layer, mutant.op).nn, mutant.op, dtypes))
    told = {each.suspect for each in found.named}
    twins = {twin for name in told for twin in TWINS.get((mutant.op, name), ())}
    assert told & {*mutant.suspects}
    assert told <= {*mutant.suspects} | twins
    assert not found.unexplained


@pytest.mark.parametrize(
    ("op", "name", "fault"), FAULTS, ids=[f"{op}: {name} {n}" for n, (op, name, _) in enumerate(FAULTS)]
)
def test_faults(op: str, name: str, fault: Fault):
    found = diagnose(faulty(op, fault))
    assert {each.suspect for each in found.named} == {name}
    assert not found.unexplained


@pytest.mark.parametrize("op", SUSPECTS)
def test_every_suspect_is_tried(op: str):
    """Those of one operation are planted in it; the others somewhere."""
    planted = {(mutant.op, name) for mutant in MUTANTS for name in mutant.suspects}
    planted |= {(of, name) for of, name, _ in FAULTS}
    own = {each.id for each in SUSPECTS[op]} - {
        "arithmetic-in-float16",
        "arithmetic-in-bfloat16",
        "arithmetic-in-float32",
    }
    assert not {name for name in own if (op, name) not in planted}
    assert not {each.id for each in suspects_of(op)} - {name for _, name in planted}


def test_two_errors_at_once():
    """y by one, dbias by the other."""

    def fault(case, inputs, tensors):
        if "dbias" not in tensors:
            return {}
        count = max(len(inputs["x"]), 1) if inputs["x"].ndim == 4 else 1
        return {**without_bias(case, inputs, tensors), "dbias": tensors["dbias"] / count}

    found = diagnose(faulty("Conv2d", fault))
    assert {(each.suspect, each.tensors) for each in found.named} == {
        ("bias-missing", ("y",)),
        ("dbias-averaged", ("dbias",)),
    }


def test_one_error_for_some_options_and_another_for_others():
    """dx of one tensor, wrong in two ways in cases of two kinds."""

    def fault(case, inputs, tensors):
        if "dx" not in tensors:
            return {}
        x, dy = inputs["x"], inputs["dy"]
        dx = np.where(x < 0, 0, dy) if (x == 0).any() else dy  # the mask is forgotten where x has no zero
        return {"dx": dx.astype(dy.dtype)}

    cases = [case for case in cases_of("ReLU") if case.shape != () and not case.integer]
    found = diagnose(faulty("ReLU", fault, cases=cases))
    assert found.unexplained == ["dx"]  # each of the two is contradicted by the other's cases
    assert not found.named


def test_what_is_told_of_a_name():
    found = diagnose(faulty("Conv2d", lambda case, inputs, tensors: {"dx": -tensors["dx"]}))
    (named,) = found.named
    assert (named.op, named.tensors, named.twins) == ("Conv2d", ("dx",), ())
    assert "sign" in named.sentence
    zero = [str(case) for case in cases_of("Conv2d") if 0 in case.shape]
    assert {*named.cases} == {str(case) for case in cases_of("Conv2d")} - {*zero}


def test_twins_name_each_other():
    def fault(case, inputs, tensors):
        groups = case.arguments["groups"]
        O = tensors["y"].shape[-3]
        return {"y": tensors["y"][..., np.arange(O).reshape(groups, -1).T.ravel(), :, :]}

    found = diagnose(faulty("Conv2d", fault))
    names = {each.suspect: set(each.twins) for each in found.named}
    assert names == {
        "output-channels-of-groups-mixed": {"channels-permuted"},
        "channels-permuted": {"output-channels-of-groups-mixed"},
    }


def test_float64():
    evidence = []
    for case in cases_of("MaxPool2d"):
        tensors = right(case, "float32")
        leak = {"dx": tensors["dx"].astype(np.float64)} if "dx" in tensors else {}
        evidence.append(judged(case, "float32", tensors | leak))
    found = diagnose(evidence)
    assert [each.suspect for each in found.named] == ["float64-leaks"]


def test_what_is_changed_in_place():
    case = cases_of("Linear")[1]
    found = diagnose([judged(case, "float32", right(case, "float32"), changed=["x", "dy"])])
    assert [(each.suspect, each.tensors, each.cases) for each in found.named] == [("inputs-modified", (), (str(case),))]
    assert "dy and x" in found.named[0].sentence


def test_what_depends_on_earlier_calls():
    """The second call of a case gives twice the gradient: it was added to the first."""
    case = cases_of("Linear")[1]
    tensors = right(case, "float32")
    twice = tensors | {"dweight": tensors["dweight"] * 2}
    found = diagnose([judged(case, "float32", tensors), judged(case, "float32", twice)])
    assert [(each.suspect, each.tensors) for each in found.named] == [("depends-on-earlier-call", ("dweight",))]
    assert not found.unexplained


def test_a_wider_law_than_that_of_the_dtype():
    """A layer that keeps its weight in float32 is judged by float32's law in float64, too."""
    evidence = []
    for case in cases_of("Linear"):
        exact = right(case, "float64")
        coarse = {name: value.astype(np.float32).astype(np.float64) for name, value in exact.items()}
        sums = {"dweight": coarse["dweight"][::-1]}
        narrow = judged(case, "float64", coarse | sums)
        wide = judged(case, "float32", {n: v.astype(np.float32) for n, v in (coarse | sums).items()})
        comparisons = {each.tensor: each.ours for each in wide.findings}
        findings = [
            type(each)(*(comparisons[each.tensor] if field == "ours" else getattr(each, field) for field in FIELDS))
            for each in narrow.findings
        ]
        evidence.append(type(narrow)(case, "float64", coarse | sums, findings))
    named = [each.suspect for each in diagnose(evidence).named]
    assert named == ["channels-permuted"]


FIELDS = ("implementation", "algorithm", "op", "case", "dtype", "tensor", "ours", "torch", "referee")
