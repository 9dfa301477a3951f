"""The coverage matrix: operation x argument x implementation x dtype, and the kinds of input beside the arguments.

It is counted from the cases that run, not written down: an argument that the signature of a constructor or of a filter
has and no case gives another value than its default is an empty cell. (1 counts as the default of a size that has none,
such as kernel_size.) An empty cell needs a reason, in REASONS.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from inspect import Parameter as Argument
from typing import Any, NamedTuple

from tabulate import tabulate

from parity_tests.harness.case import DTYPES, HALF, Case, signature_of
from parity_tests.harness.cases import CASES
from parity_tests.harness.filter_case import FilterCase
from parity_tests.harness.implementations import OPTIMISERS, Implementation
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from scratch import images, layers, optim
from scratch.layers.loss import Loss

INTEGERS = "integers"

WINDOWED = ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d")
OF_IMAGES = (*WINDOWED, "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "MaxUnpool2d")
OF_BOTH = ("photographs", "NaN", "infinities", "empty batch", "no batch")
OF_LAYERS = (*OF_BOTH, "infinite dy")
FILTERS = ("correlate2d", "convolve2d")
CLIPPING = ("clip_grad_norm_", "clip_grad_value_")
SCHEDULERS = ("StepLR", "LinearLR", "CosineAnnealingLR", "OneCycleLR")
OF_FILTERS = (*OF_BOTH[:-1], "colour", "batches", "even kernel", "separable", INTEGERS)
ALSO = {
    "MaxPool2d": (INTEGERS,),
    "AvgPool2d": (INTEGERS,),
    "Upsample": (INTEGERS,),
    "ReLU": (INTEGERS,),
    "Sigmoid": (INTEGERS,),
    "Tanh": (INTEGERS,),
    "Identity": (INTEGERS,),
    "Dropout": ("evaluation",),
    "Dropout2d": ("evaluation",),
    "BatchNorm2d": ("evaluation",),
}
"""What only some layers know."""

NO_DTYPE = "every case runs in both by layer.to(dtype); the argument itself is tested in parity_tests/modules"
ROW_LOST = (
    "nothing of a row is finite then; what is infinite and what NaN, torch decides by the signs of x and of its mean: "
    "tested in parity_tests/fast/test_layer_norm.py"
)
NO_PARAMETERS = "what is trained, not an option"
EVERY_METHOD = "every case runs by every method that can serve it"
FILTERED = "what is filtered, not an option"
REASONS = {
    ("Conv2d", "dtype"): NO_DTYPE,
    ("ConvTranspose2d", "dtype"): NO_DTYPE,
    ("ConvTranspose2d", "padding_mode"): "zeros is the only one; others are refused: see parity_tests/bad_input",
    ("Linear", "dtype"): NO_DTYPE,
    ("BatchNorm2d", "dtype"): NO_DTYPE,
    ("Upsample", "no batch"): "refused, for torch resamples one axis of (N, C, L): see parity_tests/bad_input",
    ("BatchNorm2d", "no batch"): "refused, as torch does: tested in parity_tests/bad_input",
    ("Dropout2d", "no batch"): "as in torch, there is always one: three dimensions are (N, C, L)",
    ("GroupNorm", "dtype"): NO_DTYPE,
    ("GroupNorm", "infinite dy"): ROW_LOST,
    ("GroupNorm", "no batch"): "refused, as torch does: tested in parity_tests/bad_input",
    ("LayerNorm", "dtype"): NO_DTYPE,
    ("LayerNorm", "infinite dy"): ROW_LOST,
    **{(op, "params"): NO_PARAMETERS for op in OPTIMISERS},
    **{(op, "parameters"): NO_PARAMETERS for op in CLIPPING},
    **{(op, "optimizer"): "every case has one" for op in SCHEDULERS},
    **{(op, name): FILTERED for op in FILTERS for name in ("image", "kernel")},
    **{(op, "method"): EVERY_METHOD for op in FILTERS},
}
"""Why a cell may be empty."""


class Run(NamedTuple):
    """A case that runs in an implementation in one format; a case of integers counts as one in one of them."""

    case: Case
    implementation: str
    dtype: str


def planned(implementations: Iterable[Implementation], cases: Iterable[Case] = tuple(CASES)) -> list[Run]:
    """List what the suite runs: every case, in every implementation, in all its formats."""
    names = [each.name for each in implementations]
    return [Run(case, name, dtype) for case in cases for name in names for dtype in case.formats]


def operations() -> dict[str, Any]:
    """Everything that has to be covered: layers, losses, optimisers (classes), filters (functions)."""
    found = {name: getattr(layers, name) for name in layers.__all__}
    found |= {name: getattr(optim, name) for name in (*OPTIMISERS, *CLIPPING)}
    found |= {name: getattr(optim.lr_scheduler, name) for name in SCHEDULERS}
    return found | {name: getattr(images, name) for name in FILTERS}


def arguments(called: Any) -> dict[str, Any]:
    """The arguments of a constructor or a function with their defaults; 1 for a size that has none."""
    given = signature_of(called).parameters.values()
    return {each.name: 1 if each.default is Argument.empty else each.default for each in given}


def tried_by(case: Case) -> set[str]:
    """What a case tries: arguments away from their defaults, and kinds of input."""
    called = operations()[case.op]
    defaults, spec = arguments(called), case.spec
    given = signature_of(called).bind_partial(*spec.args, **dict(spec.settings)).arguments
    tried = {name for name, value in given.items() if value != defaults[name]}
    data, shape = getattr(case, "data", ""), getattr(case, "shape", (1, 1))
    kinds = {
        "photographs": data in ("images", "digits"),
        "NaN": data == "nan",
        "infinities": data == "inf",
        "infinite dy": getattr(case, "upstream", "") == "inf",
        "empty batch": 0 in shape[:1],
        "no batch": len(shape) == 3 if case.op in OF_IMAGES else len(shape) < 2,
        "weight": isinstance(case, LossCase) and case.weighted,
        "pos_weight": isinstance(case, LossCase) and case.pos_weighted,
        "evaluation": isinstance(case, LayerCase) and not case.training,
        INTEGERS: getattr(case, "integer", None) is not None,
        HALF: case.half,
    }
    if isinstance(case, FilterCase):
        kinds |= {"colour": len(shape) == 3, "batches": len(shape) == 4}
        kinds |= {"even kernel": case.even, "separable": case.separable}
    return tried | {kind for kind, here in kinds.items() if here}


def wanted(op: str, called: Any) -> list[str]:
    """What has to be tried: every argument, and the kinds of input that the operation takes."""
    if op in FILTERS:
        return [*arguments(called), *OF_FILTERS]
    if op in (*OPTIMISERS, *CLIPPING, *SCHEDULERS):
        return [*arguments(called), *([HALF] if op in OPTIMISERS else [])]
    return [*arguments(called), *(OF_BOTH if issubclass(called, Loss) else OF_LAYERS), HALF, *ALSO.get(op, ())]


def formats(op: str, what: str) -> tuple[str, ...]:
    """In which dtypes something has to be tried: integers in one, for filters that in which they are computed."""
    if op in SCHEDULERS:
        return DTYPES[1:]
    if what == HALF:
        return (HALF,)
    if what != INTEGERS:
        return DTYPES
    return DTYPES[1:] if op in FILTERS else DTYPES[:1]


@dataclass(frozen=True)
class Row:
    """One thing to try of one operation.

    Attributes
    ----------
    op, what : of which operation, and which argument or kind of input
    runs : implementation -> dtype -> how many cases tried it
    reason : why there need be none
    """

    op: str
    what: str
    runs: dict[str, dict[str, int]]
    reason: str | None

    @property
    def empty(self) -> list[str]:
        """The cells without a case and without a reason."""
        if self.reason is not None:
            return []
        cells = [(name, dtype, count) for name, counts in self.runs.items() for dtype, count in counts.items()]
        return [f"{self.op}, {self.what}: no case in {name}, {dtype}" for name, dtype, count in cells if count == 0]


def matrix(runs: Iterable[Run]) -> list[Row]:
    """Count, for everything that has to be tried, the cases that tried it."""
    runs = list(runs)
    tried = {case: tried_by(case) for case in {run.case for run in runs}}
    names = list(dict.fromkeys(run.implementation for run in runs))
    count = Counter((run.case.op, what, run.implementation, run.dtype) for run in runs for what in tried[run.case])
    return [
        Row(
            op,
            what,
            {name: {dtype: count[op, what, name, dtype] for dtype in formats(op, what)} for name in names},
            REASONS.get((op, what)),
        )
        for op, called in operations().items()
        for what in wanted(op, called)
    ]


def never_left_alone(cases: Iterable[Case] = tuple(CASES)) -> list[str]:
    """List the arguments whose default no case uses."""
    cases = list(cases)
    return [
        f"{op}, {name}: no case leaves the default {default!r}"
        for op, called in operations().items()
        for name, default in arguments(called).items()
        if (op, name) not in REASONS and all(name in tried_by(case) for case in cases if case.op == op)
    ]


def in_full(runs: Iterable[Run]) -> str:
    """Write the matrix: a row for each argument, in 80 columns; below it, the reasons."""
    rows = matrix(runs)
    reasons = list(dict.fromkeys(row.reason for row in rows if row.reason))
    lines = []
    for before, row in zip([None, *rows], rows, strict=False):
        mark = f"[{reasons.index(row.reason) + 1}]" if row.reason else ""
        cells = {name: mark or " ".join(map(str, counts.values())) for name, counts in row.runs.items()}
        lines.append([row.op if before is None or before.op != row.op else "", row.what, cells])
    title = "How many cases try what, in float32 and float64 (float16, integers: once)"
    notes = [textwrap.fill(f"[{n}] {reason}", 80, subsequent_indent="    ") for n, reason in enumerate(reasons, 1)]
    return "\n".join([title, "", _table(["", "tried"], lines), "", *notes])


def in_short(runs: Iterable[Run]) -> str:
    """Write one line for each operation: how many of its arguments and kinds of input were tried, in how many runs."""
    runs = list(runs)
    rows = matrix(runs)
    names = list(rows[0].runs)
    lines = []
    for op, called in operations().items():
        needed = [row for row in rows if row.op == op and row.reason is None]
        options = [row for row in needed if row.what in arguments(called)]
        inputs = [row for row in needed if row.what not in arguments(called)]
        done = [f"{sum(not row.empty for row in some)}/{len(some)}" if some else "" for some in (options, inputs)]
        counts = {name: sum(run.case.op == op and run.implementation == name for run in runs) for name in names}
        lines.append([op, *done, counts])
    return _table(["", "options", "inputs"], lines)


def narrow(names: Iterable[str]) -> list[str]:
    """Names in two lines, for the head of a column."""
    return [name.replace(".", "\n.").replace(" ", "\n") for name in names]


def _table(heads: list[str], lines: list[list[Any]]) -> str:
    """Write a table; the last cell of a line has a value for each implementation, and equal columns become one."""
    columns: dict[tuple[Any, ...], list[str]] = {}
    for name in lines[0][-1]:
        columns.setdefault(tuple(line[-1][name] for line in lines), []).append(name)
    rows = [[*line[:-1], *(column[i] for column in columns)] for i, line in enumerate(lines)]
    headers = [*heads, *("\n".join(names) for names in columns.values())]
    return tabulate(rows, headers, tablefmt="simple", disable_numparse=True)
