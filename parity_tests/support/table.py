"""The support table: operation x argument x dtype, for every implementation, each cell one of three words.

    like torch    cases of the suite try the argument in that implementation and dtype (or `derived` does), and agree
    refused       a TypeError or ValueError, in every implementation: the tests of this room call it
    differs       a known difference, which has a number

Nothing here is written down by hand but the few things that no case can try. The cases, and what they try, are those of
harness/coverage.py; the arguments are torch's own, and ours besides.
"""

from dataclasses import dataclass, replace
from functools import cache
from inspect import Parameter as Argument
from typing import Any

import torch

from parity_tests.harness.case import DTYPES, HALF, HALF_DATA, Case, signature_of
from parity_tests.harness.cases import CASES
from parity_tests.harness.coverage import CLIPPING, FILTERS, INTEGERS, SCHEDULERS, operations, planned, tried_by
from parity_tests.harness.implementations import IMPLEMENTATIONS, OPTIMISERS
from parity_tests.harness.layer_case import LayerCase

LIKE, REFUSED, UNKNOWN = "like torch", "refused", "?"
FORMATS = (HALF, *DTYPES, INTEGERS)

INTEGERS_OF = {
    "MaxPool2d": "int32",
    "AvgPool2d": "int64",
    "Upsample": "uint8",
    "Flatten": "int64",
    "ReLU": "int32",
    "Sigmoid": "int32",
    "Tanh": "int32",
    "Identity": "int64",
}
"""The layers that take integers as torch's do, and which ones a case of them has."""

NEWER = {"BatchNorm2d": ("bias",), "GroupNorm": ("bias",)}
"""Arguments that not all versions of torch have."""

OF_EVERY_CASE = ("params", "parameters", "optimizer")
"""What every case gives, so that none of them has it away from its default."""

NOT_OF_INTEGERS = (("Upsample", "mode"), ("Upsample", "align_corners"))
"""Arguments that an operation takes for floating numbers only: of integers, it interpolates none."""

CHECKED = ("dtype", "padding_mode")
"""Arguments that some operations have and no case tries: test_table.py does."""

WIDE = {
    "relu-negative-zero": ("ReLU",),
    "mse-of-two-shapes": ("L1Loss", "MSELoss", "SmoothL1Loss"),
    "no-channels": ("Conv2d", "ConvTranspose2d", "Linear", "BatchNorm2d"),
    "window-without-a-cell": ("MaxPool2d",),
    "an-impossible-class-that-is-not-wanted": ("CrossEntropyLoss",),
    "a-class-that-weighs-nothing": ("CrossEntropyLoss",),
}
"""Known differences of some inputs or values: the operations whose tables they stand below."""


OF_ALL = ("x-by-reference", "twice-in-one-model", "inplace", "device")
"""Known differences of all layers."""


@dataclass(frozen=True)
class Row:
    """One argument of one operation: implementation -> dtype -> its word."""

    op: str
    argument: str
    cells: dict[str, dict[str, str]]


def torch_callable(op: str) -> Any:
    """The class or function of torch that an operation is like."""
    places = (torch.nn, torch.optim, torch.optim.lr_scheduler, torch.nn.utils)
    return next(getattr(place, op) for place in places if hasattr(place, op))


def supported() -> dict[str, Any]:
    """The operations of the table: all but the image filters, which torch has not."""
    return {op: called for op, called in operations().items() if op not in FILTERS}


def names_of(called: Any) -> list[str]:
    """The arguments of a class or a function; those of any name, as Identity has, do not count."""
    given = signature_of(called).parameters.values()
    return [each.name for each in given if each.kind not in (Argument.VAR_POSITIONAL, Argument.VAR_KEYWORD)]


def only_torchs(op: str) -> list[str]:
    """The arguments that torch has and we have not."""
    theirs = dict.fromkeys([*names_of(torch_callable(op)), *NEWER.get(op, ())])
    return [name for name in theirs if name not in names_of(supported()[op])]


def arguments_of(op: str) -> list[str]:
    """All arguments: in torch's order, ours behind."""
    theirs = [*names_of(torch_callable(op)), *NEWER.get(op, ())]
    return list(dict.fromkeys([*theirs, *names_of(supported()[op])]))


def formats_of(op: str) -> tuple[str, ...]:
    """The dtypes of an operation: a schedule's are Python's floats; gradients and parameters are no integers."""
    if op in SCHEDULERS:
        return DTYPES[1:]
    return FORMATS[:-1] if op in (*OPTIMISERS, *CLIPPING) else FORMATS


@cache
def counted() -> dict[tuple[str, str, str, str], int]:
    """(operation, argument, implementation, dtype) -> how many cases of the suite try it."""
    found: dict[tuple[str, str, str, str], int] = {}
    for run in planned(IMPLEMENTATIONS.values()):
        tried = tried_by(run.case)
        dtype = INTEGERS if INTEGERS in tried else run.dtype
        for name in tried | set(OF_EVERY_CASE):
            key = (run.case.op, name, run.implementation, dtype)
            found[key] = found.get(key, 0) + 1
    return found


@cache
def derived(op: str, argument: str, dtype: str) -> tuple[Case, str] | None:
    """A case for a cell that no case of the suite tries: one that tries the argument, made one of that dtype.

    Returns
    -------
    the case and the dtype in which it runs; None if there is none
    """
    for case in CASES:
        if case.op != op or not (argument in tried_by(case) or argument in OF_EVERY_CASE):
            continue
        if getattr(case, "upstream", "normal") != "normal":
            continue
        if dtype == INTEGERS and op in INTEGERS_OF and isinstance(case, LayerCase) and case.data == "normal":
            return replace(case, integer=INTEGERS_OF[op]), DTYPES[0]
        if dtype != INTEGERS and getattr(case, "data", "normal") in HALF_DATA:
            return case, dtype
    return None


def refuses_integers(op: str, argument: str) -> bool:
    """Whether integers are refused, by the operation or with this argument."""
    return op not in INTEGERS_OF or (op, argument) in NOT_OF_INTEGERS


def word(op: str, argument: str, implementation: str, dtype: str) -> str:
    """What stands in a cell."""
    if argument in only_torchs(op) or (dtype == INTEGERS and refuses_integers(op, argument)):
        return REFUSED
    if argument in CHECKED or counted().get((op, argument, implementation, dtype)) or derived(op, argument, dtype):
        return LIKE
    return UNKNOWN


def rows(op: str) -> list[Row]:
    """The table of one operation."""
    return [
        Row(op, name, {impl: {d: word(op, name, impl, d) for d in formats_of(op)} for impl in IMPLEMENTATIONS})
        for name in arguments_of(op)
    ]
