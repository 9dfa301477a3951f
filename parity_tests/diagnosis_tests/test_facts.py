"""What no typical error explains is called unexplained, with what was seen."""

import re

import numpy as np
import pytest

from parity_tests.diagnosis import diagnose
from parity_tests.diagnosis.suspects import SUSPECTS
from parity_tests.diagnosis_tests.planting import cases_of, faulty, judged, of_layer, right
from parity_tests.harness.case import Spec
from parity_tests.harness.implementations import IMPLEMENTATIONS, OPTIMISERS
from parity_tests.harness.layer_case import LayerCase
from parity_tests.mutants.namespace import alone
from parity_tests.mutants.tables import CONTROLS

OPS = list(SUSPECTS)


def garbage(case, inputs, tensors):
    generator = np.random.default_rng(len(str(case)))
    return {name: generator.standard_normal(a.shape) for name, a in tensors.items() if a.dtype.kind == "f"}


GARBAGE = {
    "random": garbage,
    "1.1 times": lambda case, inputs, tensors: {n: 1.1 * a for n, a in tensors.items() if a.dtype.kind == "f"},
    "a little more": lambda case, inputs, tensors: {n: a + 1e-3 for n, a in tensors.items() if a.dtype.kind == "f"},
    "zeros": lambda case, inputs, tensors: {n: np.zeros_like(a) for n, a in tensors.items()},
    "NaN": lambda case, inputs, tensors: {n: a * np.nan for n, a in tensors.items() if a.dtype.kind == "f"},
    "infinite": lambda case, inputs, tensors: {n: a * 0 + np.inf for n, a in tensors.items() if a.dtype.kind == "f"},
    "a scalar": lambda case, inputs, tensors: dict.fromkeys(tensors, np.float64(1)),
    "noise": lambda case, inputs, tensors: {
        n: a * (1 + 1e-4 * np.random.default_rng(0).standard_normal(a.shape))
        for n, a in tensors.items()
        if a.dtype.kind == "f"
    },
}


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_gets_no_name(op, what):
    evidence = faulty(op, GARBAGE[what], ["float32"])
    found = diagnose(evidence)
    wrong = {finding.tensor for each in evidence for finding in each.findings if not finding.ours.verdict.agrees}
    gradients = {"dx", "dweight", "dbias"}  # where y has another shape, they mean nothing
    assert not found.named
    assert set(found.unexplained) | gradients == wrong | gradients
    assert found.facts
    assert found.script


@pytest.mark.parametrize("op", OPS)
def test_what_is_right_gets_no_name(op):
    found = diagnose(faulty(op, lambda case, inputs, tensors: {}))
    assert (found.named, found.unexplained, found.facts, found.smallest, found.script) == ([], [], [], None, "")


ELEMENTWISE = [control for control in CONTROLS if not control.normwise]


@pytest.mark.parametrize("control", ELEMENTWISE, ids=lambda control: control.name)
def test_what_is_only_different_gets_no_name(control):
    found = diagnose(of_layer(alone(control.layer, control.op).nn, control.op))
    assert not found.named
    assert not found.unexplained


@pytest.mark.parametrize("op", [op for op in OPS if op not in OPTIMISERS])
def test_our_own_layers_get_no_name(op):
    found = diagnose(of_layer(IMPLEMENTATIONS["scratch"].nn, op, ["float32"]))
    assert not found.named
    assert not found.unexplained


def told(op, fault, tensor, dtypes=("float32",), cases=()):
    """The facts about one tensor, as one text."""
    found = diagnose(faulty(op, fault, dtypes, cases))
    return "\n".join(fact for fact in found.facts if fact.startswith(f"{tensor}: "))


def scaled(tensor, factor):
    return lambda case, inputs, tensors: {tensor: tensors[tensor] * factor(case, inputs)} if tensor in tensors else {}


def test_ratio():
    assert "1.1 times torch's, every element" in told("Conv2d", scaled("y", lambda case, inputs: 1.1), "y")
    of_x = scaled("y", lambda case, inputs: inputs["x"].size)
    assert "the numbers in x times torch's" in told("Linear", of_x, "y")
    of_n = scaled("y", lambda case, inputs: len(inputs["x"]))
    cases = [LayerCase(Spec.of("Conv2d", 1, 2, 2), (N, 1, 3, 3)) for N in (2, 3)]
    assert "y: the number of samples times torch's" in told("Conv2d", of_n, "y", cases=cases)
    assert "y: 3, that is the number of samples, times torch's" in told("Conv2d", of_n, "y", cases=cases[1:])
    different = scaled("y", lambda case, inputs: len(str(case)))
    assert "a constant factor in every run" in told("Conv2d", different, "y")


def test_nan():
    assert "NaN everywhere" in told("Conv2d", lambda case, inputs, tensors: {"y": tensors["y"] * np.nan}, "y")

    def passed_over(case, inputs, tensors):
        return {"y": np.nan_to_num(tensors["y"], nan=0.5, posinf=0.5, neginf=0.5)}

    found = re.search(
        r"a number where torch has NaN or an infinity, in (\d+) of (\d+) runs", told("Conv2d", passed_over, "y")
    )
    assert found is not None
    assert found[1] == found[2]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ((..., 0, slice(None)), "only at the border (first row, first column, last column)"),
        ((..., slice(None), -1), "only at the border (first row, last row, last column)"),
        ((..., slice(1, -1), slice(1, -1)), "only in the interior, never at the border"),
        ((0,), "only in the first sample"),
        ((-1,), "only in the last sample"),
        ((slice(None), 0), "only in the first channel"),
        ((slice(None), -1), "only in the last channel"),
    ],
)
def test_place(where, words):
    def fault(case, inputs, tensors):
        y = tensors["y"].copy()
        y[where] += 1.5
        return {"y": y}

    large = [case for case in cases_of("Conv2d") if len(case.shape) == 4 and min(case.shape) > 1]
    large = [case for case in large if min(right(case, "float32")["y"].shape) > 1]
    planes = [case for case in large if min(right(case, "float32")["y"].shape[-2:]) > 2]
    assert words in told("Conv2d", fault, "y", cases=planes)


def test_all_samples_but_the_first():
    def fault(case, inputs, tensors):
        return {"y": tensors["y"] + np.array([0.0, 1.5, 2.5])[:, None, None, None]}

    case = LayerCase(Spec.of("Conv2d", 2, 3, 2), (3, 2, 4, 5))
    assert "never in the first sample" in told("Conv2d", fault, "y", cases=[case])


@pytest.mark.parametrize(
    ("op", "applies", "words"),
    [
        ("Conv2d", lambda case: case.arguments["groups"] > 1, "groups"),
        ("Conv2d", lambda case: case.arguments["dilation"] != 1, "dilation"),
        ("MaxPool2d", lambda case: case.arguments["ceil_mode"], "ceil_mode=True"),
        ("AvgPool2d", lambda case: case.arguments["divisor_override"] is not None, "divisor_override"),
        ("BatchNorm2d", lambda case: not case.training, "evaluation"),
        ("BatchNorm2d", lambda case: case.data == "large mean", "numbers far from 0 (around 1000)"),
        ("Linear", lambda case: len(case.shape) == 1, "no batch"),
        ("CrossEntropyLoss", lambda case: case.settings["label_smoothing"] > 0, "label_smoothing"),
        ("Adam", lambda case: "weight_decay" in case.settings, "weight_decay"),
    ],
)
def test_options(op, applies, words):
    def fault(case, inputs, tensors):
        name = next(iter(tensors))
        return {name: tensors[name] * 1.1 + 0.3} if applies(case) else {}

    facts = "\n".join(diagnose(faulty(op, fault, ["float32"])).facts)
    assert f"wrong only with {words}" in facts or f"(or {words})" in facts


def test_dtype():
    case = LayerCase(Spec.of("Conv2d", 1, 1, 3), (1, 1, 3, 3))
    tensors = right(case, "float32")
    wrong = {"y": (tensors["y"] * 1.1).astype(np.float64)}
    assert "y: is float64, should be float32" in diagnose([judged(case, "float32", tensors | wrong)]).facts


def test_precision():
    """Nobody's name, but the size of the errors tells the format."""

    def fault(case, inputs, tensors):
        noise = np.random.default_rng(0).uniform(-1, 1, tensors["y"].shape)
        return {"y": tensors["y"] * (1 + 2.0**-11 * noise)}

    cases = [case for case in cases_of("AvgPool2d") if not case.integer and case.data == "normal"]
    facts = told("AvgPool2d", fault, "y", cases=cases)
    assert "the size that arithmetic in float16 or TF32 has" in facts


def test_what_is_missing():
    case = LayerCase(Spec.of("Conv2d", 1, 1, 3), (1, 1, 3, 3))
    evidence = judged(case, "float32", right(case, "float32") | {"dx": None})
    found = diagnose([evidence])
    assert found.unexplained == ["dx"]
    assert "is a NoneType, not an array" in found.facts[0]


def test_worst_element():
    def fault(case, inputs, tensors):
        y = tensors["y"].copy()
        y[..., -1] += 2.5
        return {"y": y}

    case = LayerCase(Spec.of("Linear", 3, 2), (2, 3))
    fact = told("Linear", fault, "y", cases=[case]).splitlines()[0]
    found = re.fullmatch(r"y: in Linear\(3, 2\) on 2x3, float32, at \[(\d), 1\] it has (.*), torch has (.*)", fact)
    want = right(case, "float32")["y"][int(found[1]), 1]
    assert (float(found[2]), float(found[3])) == (pytest.approx(want + 2.5), pytest.approx(want))


def test_half_explained():
    """Some cases of a tensor are as a typical error has them, the others are not: that is no name, but a fact."""

    def fault(case, inputs, tensors):
        return {"y": tensors["y"] * (-1 if case.data == "normal" else 1.7)}

    found = diagnose(faulty("Linear", fault, ["float32"]))
    assert not found.named
    assert found.unexplained == ["y"]
    clean = diagnose(faulty("Linear", fault, ["float32"], [c for c in cases_of("Linear") if c.data == "normal"]))
    assert [each.suspect for each in clean.named] == ["negated"]


def test_the_smallest_case():
    found = diagnose(faulty("Conv2d", lambda case, inputs, tensors: {"y": tensors["y"] + 1}))
    assert str(found.smallest.case) == "Conv2d(1, 1, 1) on 1x1x1x1"


def test_the_map():
    def fault(case, inputs, tensors):
        y = tensors["y"].copy()
        largest = np.abs(y[1, 2].ravel()[1:]).max()
        y[1, 2, 0, 0] = np.nan
        y[1, 2, 1, 1] += 1e-3 * largest
        y[1, 2, 1, 2] += 0.5 * largest
        y[1, 2, -1, -1] += 5 * largest
        return {"y": y}

    case = LayerCase(Spec.of("Conv2d", 2, 3, 2), (2, 2, 4, 5))
    found = diagnose(faulty("Conv2d", fault, ["float32"], [case])).map
    assert (found.tensor, found.case, found.dtype, found.plane) == ("y", str(case), "float32", (1, 2))
    assert found.levels == ((4, 0, 0, 0), (0, 1, 2, 0), (0, 0, 0, 3))


def test_evidence_of_nothing():
    with pytest.raises(ValueError, match="none"):
        diagnose([])
    both = [judged(case, "float32", right(case, "float32")) for op in ("ReLU", "Linear") for case in cases_of(op)[:1]]
    with pytest.raises(ValueError, match="Linear"):
        diagnose(both)
