"""Run a kernel several times, in ways that must not matter, and say what mattered.

Every run is guarded (see Module.launch). Between runs differ

- what the outputs and the shared memory hold before they are written: an element that still holds it was not written,
  and a result that changes with it was computed from memory that nobody had written;
- the order in which threads and blocks run: a result that changes with it depends on who comes first.
"""

from collections.abc import Sequence

import numpy as np

from gpu.emulator.module import (
    GUARDED_BEGINNING,
    GUARDED_END,
    NAN_BYTE,
    Argument,
    Dim3,
    EmulatorError,
    Finding,
    Module,
    place,
)
from scratch.array import HostArray

OTHER_BYTE, OTHER_SHARED_BYTE = 0xA5, 0x5A  # in floats, numbers of no special kind; apart, to tell one from the other
FORWARD, REVERSE, SEEDS = 0, 1, (2, 3)

UNWRITTEN = "unwritten output"
SHARED_UNSET = "shared memory read before it is written"
OUTPUT_UNSET = "output read before it is written"
ORDER = "result depends on the order of threads"
KINDS = (UNWRITTEN, SHARED_UNSET, OUTPUT_UNSET, ORDER)


def check(
    module: Module,
    expression: str,
    grid: Dim3,
    block: Dim3,
    arguments: Sequence[Argument],
    *,
    shared_bytes: int = 0,
    alignment: int = 1,
    updated: Sequence[int] = (),
) -> list[Finding]:
    """Run a kernel in every way that must give the same, and list what is wrong with it.

    Outputs are the arrays that the kernel does not take as const. They hold the results afterwards, if there are any.

    Parameters
    ----------
    module, expression, grid, block, arguments, shared_bytes, alignment : see `Module.launch`
    updated : the numbers of those arrays that the kernel reads before it writes, and that are no outputs therefore

    Returns
    -------
    findings : one of each kind at most; only the first error that stops a kernel

    Raises
    ------
    TypeError, ValueError
        if the arguments do not fit the kernel
    """
    parameters = module.parameters(expression)
    written = [
        number
        for number, (parameter, each) in enumerate(zip(parameters, arguments, strict=False))
        if isinstance(each, np.ndarray) and not parameter.is_const
    ]
    before = {number: as_array(arguments[number]).copy() for number in written}

    def run(
        order: int, shared: int, output: int, watched: tuple[int, int, int] | None = None
    ) -> tuple[dict[int, HostArray], Finding | None]:
        copies = list(arguments)
        for number in written:
            copies[number] = before[number].copy()
            if number not in updated:
                as_array(copies[number]).reshape(-1).view(np.uint8)[:] = output
        guarded = GUARDED_BEGINNING if order == REVERSE else GUARDED_END
        report = module.launch(
            expression, grid, block, copies, shared_bytes=shared_bytes,
            order=order, poison=shared, guarded=guarded, alignment=alignment, watched=watched,
        )  # fmt: skip
        writer = None
        if report.written:
            writer = Finding("", expression, "", place(report.writer_block), place(report.writer_thread))
        return {number: as_array(copies[number]) for number in written}, writer

    def blame(kind: str, number: int, different: HostArray, one: HostArray, other: HostArray) -> Finding:
        first = int(np.flatnonzero(different)[0])
        size = one.itemsize
        # Beforehand the output holds what no run of the comparison wrote: a change is seen even if that is a NaN.
        _, writer = run(FORWARD, NAN_BYTE, OTHER_BYTE, (number, first * size, size))
        values = f"{one.reshape(-1)[first]!s} or {other.reshape(-1)[first]!s}"
        name = module.words(expression, number)
        detail = f"{name} at {index(one, first)} is {values}; {different.sum()} of {one.size} differ"
        who = (None, None) if writer is None else (writer.block, writer.thread)
        return Finding(kind, expression, detail, *who)

    findings = []
    try:
        base, _ = run(FORWARD, NAN_BYTE, NAN_BYTE)
        poisoned, _ = run(FORWARD, OTHER_SHARED_BYTE, OTHER_BYTE)
        for number in written:
            unwritten = holds(base[number], NAN_BYTE) & holds(poisoned[number], OTHER_BYTE)
            if number not in updated and unwritten.any():
                first = int(np.flatnonzero(unwritten)[0])
                detail = f"{module.words(expression, number)}: {unwritten.sum()} of {unwritten.size} elements"
                findings.append(Finding(UNWRITTEN, expression, f"{detail}, the first at {index(base[number], first)}"))
            different = differs(base[number], poisoned[number]) & ~unwritten
            if different.any():
                only_shared, _ = run(FORWARD, OTHER_SHARED_BYTE, NAN_BYTE)
                kind = SHARED_UNSET if differs(base[number], only_shared[number]).any() else OUTPUT_UNSET
                findings.append(blame(kind, number, different, base[number], poisoned[number]))
        for order in (REVERSE, *SEEDS):
            again, _ = run(order, NAN_BYTE, NAN_BYTE)
            changed = [number for number in written if differs(base[number], again[number]).any()]
            if changed:
                number = changed[0]
                different = differs(base[number], again[number])
                findings.append(blame(ORDER, number, different, base[number], again[number]))
                break
    except EmulatorError as error:
        return [*findings, error.finding]
    for number in written:
        as_array(arguments[number])[...] = base[number]
    return findings


def as_array(argument: Argument) -> HostArray:
    """An argument that is known to be an array."""
    assert isinstance(argument, np.ndarray)
    return argument


def elements(array: HostArray) -> HostArray:
    """The bytes of an array, one row for each element."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).reshape(array.size, array.itemsize)


def differs(one: HostArray, other: HostArray) -> HostArray:
    """Which elements differ, bit by bit."""
    different: HostArray = (elements(one) != elements(other)).any(axis=1)
    return different


def holds(array: HostArray, byte: int) -> HostArray:
    """Which elements consist of one byte."""
    same: HostArray = (elements(array) == byte).all(axis=1)
    return same


def index(array: HostArray, number: int) -> tuple[int, ...]:
    """The index of an element that is counted in C order."""
    return tuple(int(each) for each in np.unravel_index(number, array.shape))
