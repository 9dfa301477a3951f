"""Weaker ways of testing a layer, as one finds them in repositories.

Each runs on the suite's own cases where it can, so that it is weaker in one respect only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from parity_tests.harness.case import Case, Inputs, Spec, Tensors
from parity_tests.harness.cases import CASES
from parity_tests.harness.comparison import Verdict
from parity_tests.harness.finite_difference import along, directions, slope
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.referee import Reference, judge_tensor, refer, reference
from parity_tests.mutants.namespace import alone
from parity_tests.mutants.run.gather import against
from scratch.array import HostArray

STEP = 1e-6
"""Of the finite differences."""

CLOSE = 1e-4
"""How far apart, relative to their size, a gradient and a finite difference may be: what tutorials call safe."""

S = Spec.of
SYMMETRIC: Mapping[str, Case] = {
    "Conv2d": LayerCase(S("Conv2d", 1, 1, 3), (1, 1, 5, 5)),
    "ConvTranspose2d": LayerCase(S("ConvTranspose2d", 1, 1, 3), (1, 1, 5, 5)),
    "MaxPool2d": LayerCase(S("MaxPool2d", 3, stride=1), (1, 1, 5, 5)),
    "AvgPool2d": LayerCase(S("AvgPool2d", 3, stride=1), (1, 1, 5, 5)),
    "AdaptiveAvgPool2d": LayerCase(S("AdaptiveAvgPool2d", 3), (1, 1, 5, 5)),
    "AdaptiveMaxPool2d": LayerCase(S("AdaptiveMaxPool2d", 3), (1, 1, 5, 5)),
    "Upsample": LayerCase(S("Upsample", 10), (1, 1, 5, 5)),
    "Linear": LayerCase(S("Linear", 4, 4), (1, 4)),
    "ReLU": LayerCase(S("ReLU"), (1, 1, 5, 5)),
    "LeakyReLU": LayerCase(S("LeakyReLU"), (1, 1, 5, 5)),
    "Sigmoid": LayerCase(S("Sigmoid"), (1, 1, 5, 5)),
    "Tanh": LayerCase(S("Tanh"), (1, 1, 5, 5)),
    "SiLU": LayerCase(S("SiLU"), (1, 1, 5, 5)),
    "GELU": LayerCase(S("GELU"), (1, 1, 5, 5)),
    "ELU": LayerCase(S("ELU"), (1, 1, 5, 5)),
    "Softplus": LayerCase(S("Softplus"), (1, 1, 5, 5)),
    "LogSoftmax": LayerCase(S("LogSoftmax", dim=1), (1, 4)),
    "Softmax": LayerCase(S("Softmax", dim=1), (1, 4)),
    "BatchNorm2d": LayerCase(S("BatchNorm2d", 1), (1, 1, 5, 5)),
    "LayerNorm": LayerCase(S("LayerNorm", 4), (1, 4)),
    "GroupNorm": LayerCase(S("GroupNorm", 1, 1), (1, 1, 5, 5)),
    "CrossEntropyLoss": LossCase(S("CrossEntropyLoss"), (1, 4)),
    "MSELoss": LossCase(S("MSELoss"), (1, 4), "numbers"),
    "L1Loss": LossCase(S("L1Loss"), (1, 4), "numbers"),
    "NLLLoss": LossCase(S("NLLLoss"), (1, 4)),
    "BCEWithLogitsLoss": LossCase(S("BCEWithLogitsLoss"), (1, 4), "yes or no"),
    "SmoothL1Loss": LossCase(S("SmoothL1Loss"), (1, 4), "numbers"),
}


@dataclass(frozen=True)
class Way:
    """A way of testing.

    Attributes
    ----------
    name : a few words
    cases : what such a test of an operation runs on; nothing where there is no such test
    fails : whether a layer fails it in a case
    """

    name: str
    cases: Callable[[str], list[Case]]
    fails: Callable[[type, Case], bool]

    def notices(self, layer: type, op: str) -> bool:
        """Whether a layer fails anywhere; an exception is a failure, too."""
        return any(self.fails_or_raises(layer, case) for case in self.cases(op))

    def fails_or_raises(self, layer: type, case: Case) -> bool:
        """Whether a layer fails in a case."""
        try:
            return self.fails(layer, case)
        except Exception:  # noqa: BLE001  (a mutant may raise anything)
            return True


def everything(op: str) -> list[Case]:
    """The suite's cases."""
    return [case for case in CASES if case.op == op]


def there_and_back(op: str) -> list[Case]:
    """Those of layers and losses, which have a forward and a backward."""
    return [case for case in everything(op) if isinstance(case, LayerCase | LossCase)]


def with_a_slope(op: str) -> list[Case]:
    """Those of them in which there is something to differentiate, and no kink."""
    found = []
    for case in everything(op):
        if isinstance(case, LayerCase):
            fitting = case.integer is None and case.upstream == "normal"
        else:
            fitting = isinstance(case, LossCase) and case.target != "all ignored" and case.weighted != "zero"
        if fitting and getattr(case, "data", "") == "normal" and 0 not in getattr(case, "shape", ()):
            found.append(case)
    return found


def one_symmetric(op: str) -> list[Case]:
    """One shape, as symmetric as can be, and no argument."""
    return [SYMMETRIC[op]] if op in SYMMETRIC else []


def in_full(layer: type, case: Case) -> bool:
    """By the suite's laws, and its promises."""
    return bool(against(case, alone(layer, case.op)))


def run(layer: type, case: Case, inputs: Inputs) -> Tensors:
    """What a layer computes."""
    return case.run(alone(layer, case.op).nn, inputs)


def verdicts(should: Reference, tensors: Tensors, dtype: str) -> list[Verdict]:
    """The verdict on each tensor that is there, by its law."""
    return [judge_tensor(got, should.oracle[name], should.laws, name, dtype).verdict for name, got in tensors.items()]


def forward_only(layer: type, case: Case) -> bool:
    """By the suite's laws, but only what forward returns."""
    for dtype in case.dtypes:
        should = reference(case, dtype, 0)
        tensors = run(layer, case, {name: value for name, value in should.inputs.items() if name != "dy"})
        returned = {name: tensors[name] for name in RESULTS if name in tensors}
        if not all(verdict.agrees for verdict in verdicts(should, returned, dtype)):
            return True
    return False


def upstream_of_ones(layer: type, case: Case) -> bool:
    """By the suite's laws, but the gradients are those of y.sum().

    The precision index does not count: sums of equal numbers round all the same way.
    """
    for dtype in case.dtypes:
        should = reference_of_sum(case, dtype)
        if Verdict.WRONG in verdicts(should, run(layer, case, should.inputs), dtype):
            return True
    return False


@lru_cache(maxsize=4096)
def reference_of_sum(case: Case, dtype: str) -> Reference:
    """What torch gives with an upstream gradient of ones."""
    inputs = reference(case, dtype, 0).inputs
    ones = {name: np.ones_like(inputs[name]) for name in UPSTREAM if name in inputs}
    return refer(case, {**inputs, **ones}, dtype)


def finite_differences(layer: type, case: Case) -> bool:
    """The layer's gradients against differences of its own forward, in float64, along a random direction."""
    assert isinstance(case, LayerCase | LossCase)
    nn = alone(layer, case.op).nn
    inputs: dict[str, HostArray] = dict(reference(case, "float64", 0).inputs)
    if isinstance(case, LayerCase):  # nobody else knows which shape y should have
        y = run(layer, case, {name: value for name, value in inputs.items() if name != "dy"})["y"]
        inputs["dy"] = np.random.default_rng(1).standard_normal(y.shape)
    gradients = run(layer, case, inputs)
    direction = directions(case, gradients, inputs, seed=2)
    analytic, numeric = along(gradients, direction), slope(case, nn, inputs, direction, STEP)
    return not abs(analytic - numeric) <= CLOSE * max(abs(analytic), abs(numeric))


def tolerant(layer: type, case: Case) -> bool:
    """In float32 against torch in float64, with a tolerance of a hundredth."""
    should = reference(case, "float32", 0)
    return far(run(layer, case, should.inputs), should.oracle, rtol=1e-2)


def by_laws(layer: type, case: Case) -> bool:
    """By the suite's laws, in full."""
    for dtype in case.dtypes:
        should = reference(case, dtype, 0)
        if not all(verdict.agrees for verdict in verdicts(should, run(layer, case, should.inputs), dtype)):
            return True
    return False


def allclose(layer: type, case: Case) -> bool:
    """In float32 against torch in float32, with the tolerances that np.allclose has by itself."""
    return far(run(layer, case, reference(case, "float32", 0).inputs), torch_in_float32(case))


@lru_cache(maxsize=4096)
def torch_in_float32(case: Case) -> Tensors:
    """What torch gives."""
    return case.run_torch(reference(case, "float32", 0).inputs, np.float32)


def far(got: Tensors, want: Tensors, **tolerance: float) -> bool:
    """Whether np.allclose finds a difference."""
    return any(not np.allclose(got[name], value, equal_nan=True, **tolerance) for name, value in want.items())


RESULTS = ("y", "indices", "loss")
UPSTREAM = ("dy", "dloss")


WAYS = [
    Way("the whole suite", everything, in_full),
    Way("forward only", there_and_back, forward_only),
    Way("upstream gradient of ones, y.sum()", there_and_back, upstream_of_ones),
    Way("finite differences of its own forward", with_a_slope, finite_differences),
    Way("np.allclose with rtol=1e-2", everything, tolerant),
    Way("one symmetric shape", one_symmetric, by_laws),
    Way("np.allclose, float32 against float32", everything, allclose),
]
