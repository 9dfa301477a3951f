"""Whatever a layer returns, the diagnosis does not raise, and its text fits."""

from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from parity_tests.diagnosis import diagnose
from parity_tests.diagnosis.text import render
from parity_tests.diagnosis_tests.planting import judged, right
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from parity_tests.harness.optimiser_case import OptimiserCase

S = Spec.of
CASES = [
    LayerCase(S("Conv2d", 2, 2, (3, 2), stride=(2, 1), padding=1, groups=2), (2, 2, 5, 4)),
    LayerCase(S("Conv2d", 1, 1, 1), (1, 1, 1, 1)),
    LayerCase(S("Conv2d", 2, 3, (3, 2), padding="same"), (0, 2, 3, 4)),
    LayerCase(S("MaxPool2d", 2, stride=1, padding=1, return_indices=True), (2, 2, 3, 4), "nan"),
    LayerCase(S("MaxPool2d", (2, 3), ceil_mode=True, return_indices=True), (1, 2, 3, 4), integer="int8"),
    LayerCase(S("AvgPool2d", 2, ceil_mode=True), (2, 2, 3, 5)),
    LayerCase(S("Linear", 3, 2), (2, 3)),
    LayerCase(S("Linear", 3, 2), (3,), "inf"),
    LayerCase(S("ReLU"), ()),
    LayerCase(S("ReLU"), (2, 3), "ties"),
    LayerCase(S("Softmax", dim=1), (2, 3), "large"),
    LayerCase(S("BatchNorm2d", 2), (2, 2, 2, 1)),
    LayerCase(S("BatchNorm2d", 2), (2, 2, 2, 1), training=False),
    LossCase(S("CrossEntropyLoss", label_smoothing=0.1), (3, 2), "some ignored", weighted=True),
    LossCase(S("CrossEntropyLoss"), (0, 2)),
    LossCase(S("MSELoss"), (2, 3), "numbers"),
    OptimiserCase(S("SGD", momentum=0.9)),
    OptimiserCase(S("Adam", weight_decay=0.1)),
]
DTYPES = hnp.boolean_dtypes() | hnp.floating_dtypes() | hnp.integer_dtypes() | hnp.unsigned_integer_dtypes()


@st.composite
def tensors_of(draw: Any, case: Any) -> Any:
    """The right tensors, some of them in another dtype, of another shape, or with any numbers."""
    found = right(case, "float32")
    for name, value in list(found.items()):
        shapes = st.just(value.shape) | hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)
        arrays = hnp.arrays(DTYPES, shapes) | hnp.arrays(np.float32, value.shape)
        what = draw(st.sampled_from(["right", "any", "elements", "nothing", "an object"]))
        if what == "any":
            found[name] = draw(arrays)
        elif what == "elements" and value.size:
            found[name] = value.copy()
            at = draw(st.integers(0, value.size - 1))
            found[name].reshape(-1)[at] = draw(st.sampled_from([0, 1, -1])) if value.dtype.kind != "f" else np.nan
        elif what == "nothing":
            found[name] = None  # type: ignore[assignment]
        elif what == "an object":
            found[name] = np.array(["a", None], object)
    return found


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_never_raises(data: st.DataObject):
    case = data.draw(st.sampled_from(CASES))
    given_arrays = [data.draw(tensors_of(case)) for _ in range(data.draw(st.integers(1, 3)))]
    found = diagnose([judged(case, "float32", tensors, ["x"]) for tensors in given_arrays])
    text = render(found)
    assert text.startswith("inputs-modified: ")
    assert max(map(len, text.splitlines())) <= 80


def test_read_only_and_reversed_arrays():
    for case in CASES:
        tensors = {name: value[::-1][::-1] if value.ndim else value for name, value in right(case, "float32").items()}
        for value in tensors.values():
            value.setflags(write=False)
        assert not diagnose([judged(case, "float32", tensors)]).unexplained
