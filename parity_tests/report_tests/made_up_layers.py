"""Layers of somebody's that were made up, as check found them: one with every defect, one that agrees, one unknown."""

from types import SimpleNamespace
from typing import Any

from parity_tests.check.examine import Examination
from parity_tests.check.process import Failure
from parity_tests.check.show import Checked
from parity_tests.diagnosis.outcome import Diagnosis, ErrorMap, Named
from parity_tests.report_tests.made_up import ANOTHER_SHAPE, CLOSE, EXACTLY, FAR, ONE_CORNER, found

PLAIN, EVEN = "Conv2d(2, 3, 3) on 2x2x6x7", "Conv2d(2, 3, 2) on 2x2x4x5"


def adapter(name: str, notes: list[str]) -> Any:
    """What the reports ask of an adapter."""
    return SimpleNamespace(
        op="Conv2d",
        name=name,
        array_module="numpy",
        backward=True,
        titled=lambda: "torch-like",
        assumed=lambda: [f"{name}(in_channels, out_channels, kernel_size)", "weight is .W, bias is .b"],
        notes=lambda: notes,
    )


def diagnosis() -> Diagnosis:
    """One error with a name, and a tensor that nothing explains."""
    named = Named("Conv2d", "kernel-flipped", "It turns the kernel by 180°.", ("y",), (PLAIN, EVEN), ("kernel-turned",))
    where = ErrorMap("dx", PLAIN, "float32", (1, 2), ((0, 0, 1, 2), (0, 3, 4, 0)))
    return Diagnosis(
        "Conv2d",
        [named],
        ["dx"],
        [
            f"y: in {PLAIN}, float32, at [1, 2, 0, 0] it has 1.18067229, torch has 0.680672269",
            "dx: wrong at the border",
        ],
        SimpleNamespace(case=EVEN, dtype="float32"),  # type: ignore[arg-type]
        f"# {EVEN}, float32: what torch gives\nimport torch\nprint(torch.nn.Conv2d(2, 3, 2)(torch.ones(2, 4, 5)))\n",
        where,
    )


def wrong() -> Checked:
    """A layer that does everything that may not be done."""
    findings = [
        found("Conv", "Conv2d", PLAIN, "y", ONE_CORNER),
        found("Conv", "Conv2d", PLAIN, "dx", FAR),
        found("Conv", "Conv2d", PLAIN, "dweight", CLOSE),
        found("Conv", "Conv2d", EVEN, "y", EXACTLY, "float64"),
        found("Conv", "Conv2d", EVEN, "dx", ANOTHER_SHAPE, "float64"),
    ]
    where = ("mine.py, line 12, in forward", "return x / 0")
    examined = Examination(
        adapter("Conv", ["The default of stride is 2, torch's is 1: torch's was passed."]),
        findings=findings,
        failures=[
            ("Conv2d(1, 1, 1) on 1x1x1x1", "float32", Failure("raises", " ZeroDivisionError: by zero", *where)),
            ("Conv2d(1, 1, 1) on 1x1x1x1", "float64", Failure("raises", " ZeroDivisionError: by zero", *where)),
            ("Conv2d(2, 3, 3) on 2x2x6x7 nan", "float32", Failure("hangs", ", giving no answer within 10 s")),
        ],
        again=[found("Conv", "Conv2d", PLAIN, "dx", ONE_CORNER)],
        lacks={"stride": "", "batch": "run sample by sample"},
        left_out={"Conv2d(2, 3, 3, stride=2) on 2x2x6x7"},
        not_run={"Conv2d(2, 3, 3) on 2x2x6x7 inf"},
        changed={"x"},
        coarse={"weight"},
        shapes={"bias": ((3, 1), (3,))},
        conversions={("float32", "float64"): {"y": None}},
    )
    examined.diagnosis = diagnosis()
    return Checked("mine.py:Conv", "Conv2d", examined, "", ["starting", "done"])


def right() -> Checked:
    """A layer that agrees."""
    examined = Examination(adapter("Right", []), findings=[found("Right", "Conv2d", PLAIN, "y", CLOSE)])
    return Checked("mine.py:Right", "Conv2d", examined)


def unknown() -> Checked:
    """Something that cannot be called."""
    return Checked("mine.py:Odd", "Linear", None, " is not like Linear: its constructor () takes no in_features")


def checked() -> list[Checked]:
    """All of them."""
    return [wrong(), right(), unknown()]
