"""A small report that was made up: every verdict, a layer that raised, a broken promise, a training that parts."""

from typing import Any

import numpy as np

from parity_tests.compare.steps import Together
from parity_tests.harness.comparison import EXACT, Comparison, Law, compare
from parity_tests.harness.implementations import Implementation
from parity_tests.harness.lockstep import FIGURES, Training
from parity_tests.harness.recording import LayerVerdict
from parity_tests.harness.referee import Finding
from parity_tests.report.gather import Choice, Report
from scratch.array import HostArray

SHAPE = (2, 3, 4, 5)
WANT = np.linspace(-1, 1, 120).reshape(SHAPE)
LAW = Law(np.full(SHAPE, 1e-5), np.full(SHAPE, 1e-6))
ENVIRONMENT = {"python": "3.11.7", "numpy": "2.4.6", "torch": "2.13.0", "scipy": "1.17.1", "machine": "Linux x86_64"}

HOSTILE = """<script>alert("1")</script>'"&amp;</title></style>"""


def hostile_text(name: str) -> str:
    """A name that breaks a page which does not escape it."""
    return name + HOSTILE


def off_by(error: float | HostArray, dtype: str = "float32") -> Comparison:
    """The verdict on everything being too large by so much, beside the rounding."""
    return compare((WANT + error).astype(dtype), WANT, LAW, dtype)


EXACTLY, CLOSE, FAR = off_by(0.0), off_by(3e-7), off_by(4e-6)
ONE_CORNER = off_by(np.where(np.arange(120).reshape(SHAPE) % 20 < 2, 0.5, 0.0))
NOT_ALLOWED = compare(np.where(WANT > 0.9, 2.0, WANT), WANT, EXACT, "float64")
ANOTHER_SHAPE = compare(WANT[0], WANT, LAW, "float64")


def found(who: str, op: str, case: str, tensor: str, ours: Comparison, dtype: str = "float32", **more: Any) -> Finding:
    """A finding; of torch's own results all are close."""
    return Finding(who, more.pop("algorithm", None), op, case, dtype, tensor, ours, CLOSE, **more)


def agreeing(who: str = "ours") -> list[Finding]:
    """Two tensors in two formats, and one of a method by its name."""
    case = "Conv2d(2, 3, 3) on 2x2x6x7"
    return [
        found(who, "Conv2d", case, "y", CLOSE),
        found(who, "Conv2d", case, "dx", EXACTLY, "float64"),
        found(who, "ReLU", "ReLU() on 2x3x4x5", "y", EXACTLY),
        found(who, "Conv2d", case, "y", CLOSE, algorithm="winograd"),
    ]


def disagreeing(who: str = "theirs") -> list[Finding]:
    """Every way not to agree."""
    raised = Comparison(ANOTHER_SHAPE.verdict, np.inf, np.inf, None, None, None, "raised ZeroDivisionError: by zero")
    return [
        found(who, "Conv2d", "Conv2d(2, 3, 3) on 2x2x6x7", "y", ONE_CORNER),
        found(who, "Conv2d", "Conv2d(2, 3, 3) on 2x2x6x7", "dx", FAR),
        found(who, "MaxPool2d", "MaxPool2d(2) on 2x3x8x10", "y", NOT_ALLOWED, "float64"),
        found(who, "MaxPool2d", "MaxPool2d(2) on 2x3x8x10", "dx", ANOTHER_SHAPE, "float64"),
        found(who, "Linear", "Linear(7, 5) on 3x7", "y", raised),
    ]


def report(bad: bool = True) -> Report:
    """The report of two implementations, one of them wrong; or of the right one alone."""
    names = ["ours", "theirs"] if bad else ["ours"]
    chosen = [Implementation(name) for name in names]
    of_ours, of_theirs = agreeing(), disagreeing() if bad else []
    filters = [
        found(name, "correlate2d", "correlate2d(border='zero') on 12x15, kernel 3x3", "y", CLOSE, referee=referee)
        for name in names
        for referee in ("scipy.ndimage", "torch")
    ]
    transforms = [found("ours", "fft2", "fft2() on 8x16", "y", CLOSE, algorithm="radix 2", referee="torch.fft")]
    layer = LayerVerdict("Conv2d(1, 4, 3)", [found("ours", "Conv2d", "0 Conv2d(1, 4, 3)", "y", CLOSE)], 1.5e-7, 0, 0)
    wrong = LayerVerdict("Conv2d(1, 4, 3)", [found("theirs", "Conv2d", "0 Conv2d(1, 4, 3)", "y", FAR)], 0.4, 12, 100)
    history = [FIGURES.get(epoch, FIGURES[1]) for epoch in range(1, 16)]
    parted = [*history[:-1], history[-1]._replace(loss=0.5)]
    return Report(
        Choice(chosen, {"gpu": "no device answers."}, ["float32", "float64"], 0, False),
        ENVIRONMENT,
        on_images=of_ours[:2] + of_theirs[:2],
        on_cases=of_ours[2:] + of_theirs[2:],
        on_filters=filters,
        on_transforms=transforms,
        promises=[("theirs", "Linear(7, 5) on 3x7", "changes x in place")] if bad else [],
        promises_tried=12,
        models={"overview_cnn": {"ours": [layer]} | ({"theirs": [wrong]} if bad else {})},
        lockstep={
            "overview_cnn": {"ours": Together("SGD", 0.01, [2.3, 2.1], [2.3, 2.1], [1e-16, 3e-15])}
            | ({"theirs": Together("SGD", 0.01, [2.3, 2.2], [2.3, 2.1], [1e-16, 0.2])} if bad else {})
        },
        training=[Training("torch", history, 1.0, 0.0), Training("ours", history, 1.0, 2e-16)]
        + ([Training("theirs", parted, 0.9, 3e-2)] if bad else []),
    )
