"""A case that fails is made smaller, and the script of any case runs."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from parity_tests.diagnosis import Evidence, script, shrink
from parity_tests.diagnosis.scene import window_of
from parity_tests.diagnosis_tests.planting import cases_of, judged, right
from parity_tests.harness.case import Case, Spec
from parity_tests.harness.cases import CASES
from parity_tests.harness.layer_case import LayerCase, quiet
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.optimiser_case import OptimiserCase
from parity_tests.harness.referee import reference

S = Spec.of
LARGE = LayerCase(
    S("Conv2d", 4, 6, (2, 3), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2), (2, 4, 7, 9), "images"
)


@pytest.mark.parametrize(
    ("case", "fails", "smallest"),
    [
        (LARGE, lambda case: True, "Conv2d(1, 1, (1, 1)) on 1x1x1x1"),
        (LARGE, lambda case: case.arguments["groups"] > 1, "Conv2d(2, 2, (1, 1), groups=2) on 1x2x1x1"),
        (
            LARGE,
            lambda case: window_of(case.arguments).stride[0] > 1,
            "Conv2d(1, 1, (1, 1), stride=(2, 1)) on 1x1x1x1",
        ),
        (LARGE, lambda case: case.shape[0] > 1 and case.data == "images", "Conv2d(1, 1, (1, 1)) on 2x1x1x1 images"),
        (LARGE, lambda case: case.shape[-1] >= 4, "Conv2d(1, 1, (1, 1)) on 1x1x1x4"),
        (
            LayerCase(
                S("MaxPool2d", (4, 3), stride=(1, 2), padding=(2, 1), dilation=(1, 2), ceil_mode=True), (2, 2, 7, 10)
            ),
            lambda case: window_of(case.arguments).padding[0] != (0, 0),
            "MaxPool2d((2, 1), padding=(1, 0)) on 1x1x1x1",
        ),
        (LayerCase(S("Linear", 7, 5), (2, 3, 4, 7), "large mean"), lambda case: True, "Linear(1, 1) on 1x1x1x1"),
        (
            LayerCase(S("BatchNorm2d", 3, momentum=0.3, eps=0.1), (4, 3, 5, 6)),
            lambda case: "eps" in dict(case.spec.settings),
            "BatchNorm2d(1, eps=0.1) on 1x1x1x2",
        ),
        (
            LossCase(
                S("CrossEntropyLoss", label_smoothing=0.2, reduction="none"), (5, 4), "some ignored", weighted=True
            ),
            lambda case: case.settings["label_smoothing"] > 0,
            "CrossEntropyLoss(label_smoothing=0.2) on 1 some ignored",
        ),
        (
            OptimiserCase(S("SGD", lr=0.03, momentum=0.8, weight_decay=0.2, nesterov=True, maximize=True)),
            lambda case: "weight_decay" in case.settings,
            "SGD(weight_decay=0.2), 50 steps",
        ),
    ],
)
def test_shrinks(case, fails, smallest):
    found = shrink(case, fails)
    assert fails(found)
    assert str(found).startswith(smallest.split(" on ")[0])
    assert str(found) == smallest or np.prod(getattr(found, "shape", ())) <= 4


def test_what_cannot_be_smaller_stays():
    case = cases_of("Conv2d")[1]
    assert shrink(case, lambda other: other == case) == case


def test_only_what_torch_serves_is_tried():
    tried = []

    def fails(case: Case) -> bool:
        tried.append(case)
        case.run_torch(case.draw(np.dtype("float32"), 0), np.float64)
        return True

    for op in ("Conv2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d", "Softmax", "CrossEntropyLoss"):
        for case in cases_of(op)[::6]:
            shrink(case, fails)
    assert len(tried) > 100


def test_time_is_bounded():
    def slow(case: Case) -> bool:
        time.sleep(0.05)
        return case == LARGE

    start = time.monotonic()
    assert shrink(LARGE, slow, seconds=0.3) == LARGE
    assert time.monotonic() - start < 3


SHOWN = [
    case
    for case in CASES
    if isinstance(case, LayerCase | LossCase | OptimiserCase)
    and case.op not in ("Dropout", "Dropout2d")  # which draw their own mask
]


@pytest.mark.parametrize("case", SHOWN, ids=str)
def test_script_runs(case, capsys):
    """The same numbers as torch has in the suite where the inputs are written out, other numbers of that shape else."""
    text = script(Evidence(case, "float32", {}, []))
    variables: dict[str, object] = {}
    with quiet():
        exec(compile(text, "script", "exec"), variables)
    assert capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    if isinstance(case, OptimiserCase):
        theta = variables["theta"].detach().numpy()
        steps = converted_steps(case)
        np.testing.assert_allclose(theta, steps, rtol=1e-4, atol=1e-6)
        return
    should = reference(case, "float32", 0)
    result = variables["loss" if isinstance(case, LossCase) else "y"]
    result = result[0] if isinstance(result, tuple) else result
    want = should.oracle["loss" if isinstance(case, LossCase) else "y"]
    assert result.shape == want.shape
    if "others of the kind" not in text:
        same_dtype = case.run_torch(should.inputs, np.dtype("float32"))
        got = {("loss" if isinstance(case, LossCase) else "y"): result, "dx": variables["x"].grad}
        for name, value in got.items():
            if name in same_dtype:
                np.testing.assert_array_equal(value.detach().numpy(), same_dtype[name])


def converted_steps(case: OptimiserCase):
    """Where torch's optimiser gets in as many steps as the script shows, in float64."""
    inputs = reference(case, "float32", 0).inputs
    theta = torch.nn.Parameter(torch.tensor(inputs["theta"][0], dtype=torch.float64))
    optimiser = getattr(torch.optim, case.op)([theta], **case.settings)
    for g in inputs["g"][:3]:
        theta.grad = torch.tensor(g, dtype=torch.float64)
        optimiser.step()
    return theta.detach().numpy()


def test_script_says_what_the_layer_gave():
    case = cases_of("Linear")[1]
    tensors = right(case, "float32")
    wrong = tensors["y"].copy()
    wrong[1, 2] += 1
    text = script(judged(case, "float32", {**tensors, "y": wrong}))
    assert f"# yours gave y[1, 2] = {wrong[1, 2]:.9g}, torch " in text
    assert "torch.nn.Linear(7, 5)" in text


def test_script_of_infinite_and_empty_inputs():
    for case in (replace(LARGE, shape=(0, 4, 7, 9)), LayerCase(S("ReLU"), (2, 3), "inf")):
        exec(compile(script(Evidence(case, "float64", {}, [])), "script", "exec"), {})
