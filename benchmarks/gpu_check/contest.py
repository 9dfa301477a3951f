"""Times: every algorithm beside torch, row by row and direction by direction, after all have been judged.

    judge everybody, run twice   a wrong algorithm of ours is not timed, other bits in the second run are told
    warm up, count calls         so many that a sample lasts some milliseconds
    rounds                       the order is drawn anew in each: what the clock does, it does to everybody

Two times are taken: of calls as Python makes them, one after the other; and of the device alone, with calls that were
queued up while it was kept busy. The second is compared with the roofline. What a call waits for (cross entropy looks
whether all labels are possible), it waits for in both.

The referee is torch in float64, on the device for layers and losses (on the CPU it would take longer than all the rest;
the suite compares with the CPU). Inputs are random, and take turns, so that they come from memory and not from a cache.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from benchmarks.filter import Filter, FilterTrial
from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.device import Device
from benchmarks.gpu_check.entrant import Calls, Entrant, of_row
from benchmarks.gpu_check.faults import checked, reason
from benchmarks.gpu_check.row import Row
from benchmarks.gpu_check.torch_mode import STRICT
from benchmarks.gpu_check.work import Work, least_work
from benchmarks.problem import Trial
from benchmarks.step import Step
from parity_tests.harness.case import Inputs, Tensors
from parity_tests.harness.comparison import Comparison, Verdict
from parity_tests.harness.referee import Reference, judge_tensor, refer

ROUNDS, LEAST_ROUNDS = 15, 5
MOST_COPIES = 32
MOST_CALLS = 200
MOST_QUEUED = 10  # the driver takes about a thousand launches before it makes the caller wait
LONGEST_WAIT = 0.05
THREADS = 8  # that compare with the referee, tensor by tensor
ROUND_SECONDS = 2.5  # for all rounds of one direction of a row, unless the least take longer


@dataclass(frozen=True)
class Judgement:
    """What is known of an entrant before it is timed.

    Attributes
    ----------
    verdict : the worst of all tensors; None if nothing was judged
    law : the largest error of all, as a fraction of the hard bound
    index : for each direction the worst precision index, of y alone for forward; none in float64
    same : whether a second run gave the same bits; torch is not asked
    """

    verdict: Verdict | None
    law: float | None
    index: dict[str, float | None]
    same: bool


@dataclass(frozen=True)
class Task:
    """A row with its numbers.

    Attributes
    ----------
    inputs : on the host
    should : the referee's answer, where the row does not judge itself
    trial : the row as the benchmark on the CPU has it, if it is one of its own
    """

    row: Row
    inputs: Inputs
    should: Reference | None
    trial: Trial | None


def items(device: Device) -> Sequence[str]:
    """The rows."""
    return [row.name for row in device.sizes().rows]


def run(item: str, device: Device, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Time one row; a record for each entrant, and for each that is timed one for each direction."""
    [row] = [row for row in device.sizes().rows if row.name == item]
    device.free()
    task = drawn(row, device)
    copies = copies_past(device.sizes().l2_bytes, task.inputs)
    able: dict[str, tuple[Entrant, Judgement]] = {}
    for entrant in of_row(row.what, task.inputs, task.trial, device, copies):
        if deadline.over:
            return
        about: dict[str, Any] = {"row": row.name, "who": entrant.name}
        try:
            with entrant.applied():
                judgement = judged(task, entrant)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is no right answer)
            yield about | {"refused": reason(error), "agrees": not entrant.ours}
            checked(device, error, list)
            continue
        wrong = entrant.ours and judgement.verdict is Verdict.WRONG
        if wrong:
            yield about | {"refused": f"wrong: {judgement.law} of its law", "agrees": False}
            continue
        if entrant.ours and not judgement.same:
            yield about | {"refused": "other bits in a second run", "agrees": False}
        able[entrant.name] = entrant, judgement
    yield from times(task, able, device, deadline)


def drawn(row: Row, device: Device) -> Task:
    """Draw the numbers of a row, and let the referee answer."""
    what = row.what
    if isinstance(what, Filter):
        trial = what.draw()
        assert isinstance(trial, FilterTrial)
        return Task(row, trial.should.inputs, None, trial)
    if isinstance(what, Step):
        return Task(row, {}, None, what.draw())
    with torch.device(device.torch_device), STRICT.applied():
        inputs = what.draw(np.dtype("float32"), 0)
        should = refer(what, inputs, "float32")
    return Task(row, inputs, should, None)


def copies_past(cache: int, inputs: Inputs) -> int:
    """How many copies of the inputs are more than twice what the cache holds.

    >>> copies_past(100, {"x": np.zeros(10, np.float32), "dy": np.zeros(15, np.float32)})
    3
    """
    each = sum(value.nbytes for name, value in inputs.items() if name in ("x", "dy", "target"))
    return min(MOST_COPIES, 2 * cache // max(1, each) + 1)


def judged(task: Task, entrant: Entrant) -> Judgement:
    """Compute everything, and compare it with the referee; what is ours twice, and compare the bits."""
    first = entrant.results()
    if entrant.judged is not None:
        found = {f"{each.where}, {each.tensor}": each.comparison for each in entrant.judged()}
    else:
        found = compared(task.should, first, entrant.algorithm)
    second = entrant.results() if entrant.ours else first
    same = all(first[name].tobytes() == second[name].tobytes() for name in first)
    verdict = max((each.verdict for each in found.values()), key=list(Verdict).index, default=None)
    forward = [each.index for name, each in found.items() if name.split(", ")[-1] in ("y", "loss")]
    everything = max((each.index for each in found.values()), default=None)
    index = {"forward": max(forward, default=None), "forward+backward": everything, "step": everything}
    if isinstance(task.row.what, Filter) and task.row.what.dtype == "float64":
        index = {}  # the referee is no finer
    return Judgement(verdict, max((each.worst for each in found.values()), default=None), index, same)


def compared(should: Reference | None, got: Tensors, algorithm: str | None) -> dict[str, Comparison]:
    """Judge all tensors, several at once: they are large, and NumPy leaves the other cores alone."""
    assert should is not None
    laws = should.laws_of(algorithm)

    def one(name: str) -> Comparison:
        return judge_tensor(got.get(name), should.oracle[name], laws, name, "float32")

    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(should.oracle, pool.map(one, should.oracle), strict=True))


def times(
    task: Task, able: dict[str, tuple[Entrant, Judgement]], device: Device, deadline: Deadline
) -> Iterator[dict[str, Any]]:
    """Time all entrants in all directions of the row."""
    works = least_work(task.row.what, task.inputs)
    calls: dict[str, Calls] = {}
    for name, (entrant, _) in able.items():
        with entrant.applied():
            calls[name] = entrant.calls()
    for direction in next(iter(calls.values()), {}):
        ready: dict[str, Ready] = {}
        for name, (entrant, _) in able.items():
            if deadline.over:
                return
            try:
                ready[name] = warm(entrant, calls[name][direction], device)
            except Exception as error:  # noqa: BLE001 (out of memory, perhaps)
                refused = f"{direction}: {reason(error)}"
                yield {"row": task.row.name, "who": name, "refused": refused, "agrees": not entrant.ours}
                checked(device, error, list)
        samples = rounds(ready, device, deadline)
        base = samples.get(STRICT.name)
        for name, its in samples.items():
            if its.called:
                yield record(task.row, direction, able[name], its, base, works.get(direction))


@dataclass(frozen=True)
class Ready:
    """A call that is warmed up.

    Attributes
    ----------
    count : how many calls last long enough to be timed
    queued : how many are queued up, to time the device alone
    ahead : seconds in which they surely are
    """

    entrant: Entrant
    call: Callable[[], object]
    count: int
    queued: int
    ahead: float


@dataclass(frozen=True)
class Samples:
    """Seconds of a call, for each round: called one after the other as Python does it, and queued up."""

    called: list[float]
    queued: list[float]


def warm(entrant: Entrant, call: Callable[[], object], device: Device) -> Ready:
    """Warm up, and find out how many calls make a sample."""
    with entrant.applied():
        device.seconds(call, 2)  # compiles, chooses, allocates
        once = max(device.seconds(call, 1), 1e-7)
    count = max(1, min(MOST_CALLS, int(device.sizes().sample / once) + 1))
    queued = min(count, MOST_QUEUED)
    return Ready(entrant, call, count, queued, min(LONGEST_WAIT, 1.5 * once * queued + 5e-4))


def rounds(ready: dict[str, Ready], device: Device, deadline: Deadline) -> dict[str, Samples]:
    """Time everybody in each round. A round that has begun is finished, so that everybody has as many."""
    samples = {name: Samples([], []) for name in ready}
    order, names = random.Random(0), list(ready)
    start = time.monotonic()
    for done in range(ROUNDS):
        if deadline.over or (done >= LEAST_ROUNDS and time.monotonic() - start > ROUND_SECONDS):
            break
        order.shuffle(names)
        for name in names:
            its = ready[name]
            with its.entrant.applied():
                device.seconds(its.call, 1)
                samples[name].called.append(device.seconds(its.call, its.count) / its.count)
                samples[name].queued.append(device.seconds(its.call, its.queued, its.ahead) / its.queued)
    return samples


def record(
    row: Row,
    direction: str,
    who: tuple[Entrant, Judgement],
    samples: Samples,
    base: Samples | None,
    work: Work | None,
) -> dict[str, Any]:
    """What is kept of one time; `base` is that of torch in its strict mode."""
    entrant, judgement = who
    called, queued = middle(samples.called), middle(samples.queued)
    return {
        "row": row.name,
        "direction": direction,
        "who": entrant.name,
        "ms": called[1],
        "10-90 %": [called[0], called[2]],
        "device ms": queued[1],
        "device 10-90 %": [queued[0], queued[2]],
        "samples": len(samples.called),
        "torch / this": None if base is None else middle(base.called)[1] / called[1],
        "torch / this, device": None if base is None else middle(base.queued)[1] / queued[1],
        "verdict": None if judgement.verdict is None else str(judgement.verdict),
        "law": judgement.law,
        "index": judgement.index.get(direction),
        "same bits": judgement.same if entrant.ours else None,
        "bytes": None if work is None else work.bytes,
        "flops": None if work is None else work.flops,
        "TF32": entrant.mode is not None and entrant.mode.tf32,
    }


def middle(seconds: Sequence[float]) -> tuple[float, float, float]:
    """The median in milliseconds, between those that 8 of 10 are between."""
    low, median, high = (1e3 * float(value) for value in np.percentile(seconds, [10, 50, 90]))
    return low, median, high
