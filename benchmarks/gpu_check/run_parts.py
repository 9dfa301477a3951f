"""Run the parts one after the other, each in children of its own, and keep what they have found."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.environment import clocks
from benchmarks.gpu_check.parts import AGAIN, ROOT, WEIGHTS, environment_of_children

LONGEST = 2000
"""Characters that are kept of what a child prints."""

CHILD = "benchmarks.gpu_check.child"
GRACE = 6.0
"""Seconds that a child has after its deadline, to end by itself."""

PATIENCE = 2.0
"""Seconds between the signal that asks a child to end and the one that makes it."""

LEAST_SHARE = 15.0
"""Seconds that each part gets, as long as there are any: the first would otherwise get too little to load."""

LEAST = 3.0
"""With less time no child begins: it would only load its libraries."""


@dataclass
class Outcome:
    """What became of a part.

    Attributes
    ----------
    part : its name
    state : "complete", "cut", "failed" or "not begun"
    seconds : how long it took
    records : what it found
    failures : {"item", "sentence", "traceback", "cut"} of what did not run to its end; `cut` if only for want of time
    clocks : what nvidia-smi said before and after
    """

    part: str
    state: str
    seconds: float = 0.0
    records: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def run_all(
    parts: Sequence[str],
    device: str,
    deadline: Deadline,
    keep: Callable[[list[Outcome]], None],
    weights: Mapping[str, int] = WEIGHTS,
) -> list[Outcome]:
    """Run parts until all are done or the time is over.

    Parameters
    ----------
    parts : their names, in order
    device : the name of the device's class, see `device.load`
    deadline : of all together
    keep : called with what there is after each part, and when somebody interrupts
    weights : how the time is shared

    Raises
    ------
    KeyboardInterrupt
        after what was found has been kept
    """
    outcomes = [Outcome(part, "not begun") for part in parts]
    for place, outcome in enumerate(outcomes):
        share = weights[outcome.part] / sum(weights[each.part] for each in outcomes[place:])
        try:
            run_one(outcome, device, min(deadline.left(), max(LEAST_SHARE, deadline.left() * share)), deadline)
        finally:
            keep(outcomes)
    return outcomes


def run_one(outcome: Outcome, device: str, seconds: float, overall: Deadline) -> None:
    """Run one part in as many children as it needs; `outcome` is filled as they report."""
    deadline = Deadline(seconds - GRACE if seconds > 2 * GRACE else seconds)
    start = overall.left()
    outcome.clocks.append(clocks())
    done: list[str] = []
    while deadline.left() > LEAST:
        outcome.state = "cut"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "lines")
            code, said = None, ""
            try:
                code, said = run_child([outcome.part, f"{deadline.left():.1f}", str(file), device, *done], deadline)
            finally:
                before = len(done)
                state = read_lines(file, outcome, done, code, said)
        outcome.state = state
        if state != "again" or len(done) == before:
            break
    if outcome.state == "again":
        outcome.state = "failed" if deadline.left() > LEAST else "cut"
    outcome.clocks.append(clocks())
    outcome.seconds = round(start - overall.left(), 1)


def run_child(arguments: Sequence[str], deadline: Deadline) -> tuple[int | None, str]:
    """The exit code of a child, None if it had to be ended; and the end of what it printed."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        process: subprocess.Popen[bytes] | None = None
        code = None
        try:
            with signals_wait():
                process = subprocess.Popen(
                    [sys.executable, "-m", CHILD, *arguments],
                    cwd=ROOT, env=environment_of_children(), stdout=log, stderr=log, process_group=0,
                )  # fmt: skip
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(deadline.left() + GRACE)
        finally:
            if process is not None:
                end_group(process)
        log.seek(0)
        return code, log.read()[-LONGEST:]


@contextlib.contextmanager
def signals_wait() -> Iterator[None]:
    """Let no signal come between a child's beginning and the one who would end it: it is raised afterwards."""
    came: list[int] = []
    before = {
        each: signal.signal(each, lambda which, _: came.append(which)) for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for which in came:
            signal.raise_signal(which)


def end_group(process: "subprocess.Popen[Any]") -> None:
    """End a child and whatever it has started; it may end in its own way before it is made to.

    One that the driver holds does not end at all; it is left behind then, so that the other parts can run.
    """
    for which, seconds in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 2 * PATIENCE)):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, which)
            process.wait(seconds)


def read_lines(file: Path, outcome: Outcome, done: list[str], code: int | None, said: str = "") -> str:
    """Take over what a child has written; `said` is what it has printed besides, its traceback perhaps.

    Returns
    -------
    "complete", "cut", "failed", or "again" if another child is to go on
    """
    begun, state = None, ""
    for line in file.read_text("utf-8").splitlines() if file.exists() else []:
        try:
            event = json.loads(line)
        except ValueError:  # the last line of a child that was ended
            continue
        begun, state = take_over(event, outcome, done, begun, state)
    if state:
        return state
    if code is None:
        if begun is not None:
            note_failure(outcome, begun, "its time was over", cut=True)
        return "cut"
    if begun is None:
        if code:
            note_failure(outcome, "", ended_with(code), said)
        return "failed"
    if code != AGAIN:
        note_failure(outcome, begun, ended_with(code), said)
    done.append(begun)
    return "again"


def take_over(
    event: dict[str, Any], outcome: Outcome, done: list[str], begun: str | None, state: str
) -> tuple[str | None, str]:
    """Take over one line; the item that has begun after it, and the state if it is the last."""
    match event["event"]:
        case "begin":
            return event["item"], state
        case "record":
            outcome.records.append(event["record"])
        case "failure":
            note_failure(outcome, event["item"], event["sentence"], event["traceback"])
        case "end":
            done.append(event["item"])
            return None, state
        case "done":
            return begun, "complete"
        case "cut":
            return begun, "cut"
    return begun, state


def note_failure(outcome: Outcome, item: str, sentence: str, traceback: str = "", cut: bool = False) -> None:
    """Note an item that did not come to its end; of one the first sentence counts, it is nearest to the cause."""
    if not any(failure["item"] == item for failure in outcome.failures):
        outcome.failures.append({"item": item, "sentence": sentence, "traceback": traceback, "cut": cut})


def ended_with(code: int) -> str:
    """How a process ended.

    >>> ended_with(-11), ended_with(1)
    ('its process died of SIGSEGV', 'its process ended with exit code 1')
    """
    if code < 0:
        return f"its process died of {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"
