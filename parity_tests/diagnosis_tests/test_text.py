"""The text of a diagnosis: 80 columns, the name of the error first."""

import numpy as np

from parity_tests.diagnosis import Diagnosis, Named, diagnose
from parity_tests.diagnosis.text import render
from parity_tests.diagnosis_tests.planting import cases_of, faulty
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

CASES = [LayerCase(Spec.of("Linear", 2, 1), (2, 2)), LayerCase(Spec.of("Linear", 3, 2), (3, 3))]


def test_golden():
    def fault(case, inputs, tensors):
        return {"dbias": tensors["dbias"] / len(inputs["x"])}

    assert render(diagnose(faulty("Linear", fault, ["float32"], CASES))) == GOLDEN


GOLDEN = """\
dbias-averaged: The gradient of the bias is divided by the number of samples; it
  is a sum, and the loss alone takes the mean. This gives exactly its dbias, in
  2 cases.

dbias: in Linear(2, 1) on 2x2, float32, at [0] it has 0.892042398, torch has
  1.78408474

What torch gives in the smallest case that disagrees:

    # Linear(2, 1) on 2x2, float32: what torch gives
    # yours gave dbias[0] = 0.892042398, torch 1.78408474
    import torch
    x = torch.tensor([[1.4670683, -0.81173986], [-0.475815, -0.684821]],
        dtype=torch.float32)
    x.requires_grad_()
    layer = torch.nn.Linear(2, 1)
    layer.to(torch.float32)
    layer.load_state_dict({
        'weight': torch.tensor([[-0.31546885, 0.9638084]], dtype=torch.float32),
        'bias': torch.tensor([0.45483273], dtype=torch.float32),
    })
    y = layer(x)
    print('y', y)
    dy = torch.tensor([[0.56067723], [1.2234075]], dtype=torch.float32)
    y.backward(dy)
    print('dx', x.grad)
    for name, parameter in layer.named_parameters():
        print('d' + name, parameter.grad)
"""


def test_nothing_is_wrong():
    assert render(Diagnosis("Linear")) == ""


def test_in_80_columns():
    def fault(case, inputs, tensors):
        return {name: value * 1.5 + 0.25 for name, value in tensors.items()}

    for op in ("Conv2d", "MaxPool2d", "BatchNorm2d", "CrossEntropyLoss", "Adam"):
        text = render(diagnose(faulty(op, fault)))
        assert "no typical error gives exactly these numbers" in text.replace("\n  ", " ")
        assert max(map(len, text.splitlines())) <= 80


def test_the_name_comes_first():
    text = render(diagnose(faulty("Conv2d", lambda case, inputs, tensors: {"dx": -tensors["dx"]})))
    assert text.startswith("negated: The sign is turned: multiply by -1. This gives exactly its dx, in ")


def test_twins_stand_together():
    named = [
        Named("Conv2d", "one", "This is wrong.", ("y",), ("a", "b"), ("two",)),
        Named("Conv2d", "other", "That is wrong.", ("dbias",), ("a",)),
        Named("Conv2d", "two", "Something else is wrong.", ("y",), ("a", "b"), ("one",)),
    ]
    assert render(Diagnosis("Conv2d", named)) == (
        "one: This is wrong. This gives exactly its y, in 2 cases.\n"
        "Or two, the same in every case that ran: Something else is wrong.\n"
        "other: That is wrong. This gives exactly its dbias, in 1 case.\n"
    )


def test_what_may_follow_from_a_change_in_place():
    named = [Named("ReLU", "inputs-modified", "It changes x.", (), ("a",))]
    text = render(Diagnosis("ReLU", named, ["y"], ["y: something"]))
    assert "It may follow from what is changed in place." in text.replace("\n  ", " ")


def test_the_map_is_drawn():
    def fault(case, inputs, tensors):
        y = tensors["y"].copy()
        y[..., 0, 0] = np.nan
        return {"y": y}

    case = next(case for case in cases_of("AvgPool2d") if len(case.shape) == 4 and case.shape[0] > 1)
    text = render(diagnose(faulty("AvgPool2d", fault, ["float32"], [case])))
    assert "Where y[0, 0] is wrong in " in text
    assert "\n!" in text
