"""Time several contenders side by side, so that all of them meet the same machine.

torch.utils.benchmark and pytest-benchmark time one thing until they are done with it, and then the next: neither
interleaves, and what the machine does meanwhile (its clock, its neighbours) lands on one of the two. Hence this loop:

    round 0:   torch   scratch            each is   sleep | one call | n calls, timed
    round 1:   scratch torch
    round 2:   torch   scratch            ratio = median over the rounds of  scratch / torch

The sleep lets the threads of the one before come to rest: idle threads of BLAS and OpenMP spin for a while after a
call, in case another one follows, and take the cores from whoever comes next. The untimed call warms the caches.
"""

import gc
import math
import time
from collections.abc import Callable, Container, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from parity_tests.harness.case import Tensors

REST = 0.02
"""Seconds of sleep: idle, OpenMP's threads spin for 8 ms, OpenBLAS' for less than 1 ms (see `machine`)."""


@dataclass(frozen=True)
class Arm:
    """What one contender does in one row.

    Attributes
    ----------
    calls : for each direction ("forward", ...) the function that is timed
    work : how much that is, to be compared with another arm's: a number of outputs, or of images
    results : does everything once, and gives the tensors to be judged
    finish : waits until the device has done what it was told
    setting : within it the calls are made: a precision, perhaps
    ran : names the algorithms of the latest call; "" where there is nothing to choose
    """

    calls: Mapping[str, Callable[[], object]]
    work: int
    results: Callable[[], Tensors]
    finish: Callable[[], None]
    setting: Callable[[], AbstractContextManager[None]] = nullcontext
    ran: Callable[[], str] = str


@dataclass(frozen=True)
class Budget:
    """How long to time one direction of one row.

    Attributes
    ----------
    seconds : no new round begins after that
    least, most : rounds at least and at most
    few : rounds of those that are too slow for more
    block : seconds that a block of calls should last, so that the clock's own error does not matter
    """

    seconds: float = 2.0
    least: int = 5
    most: int = 25
    few: int = 3
    block: float = 0.01


QUICK = Budget(seconds=0.1, least=3, most=3, few=1, block=0.002)


def interleave(arms: Mapping[str, Arm], direction: str, budget: Budget, slow: Container[str]) -> dict[str, list[float]]:
    """Time one direction of all arms, in rounds.

    Parameters
    ----------
    arms : by the names of the contenders
    direction : a key of every arm's `calls`
    budget : how long
    slow : those that do a few rounds only

    Returns
    -------
    seconds per call, one number for each round
    """
    repeats = {name: repeats_that_fill(budget.block, arm, direction) for name, arm in arms.items()}
    seconds: dict[str, list[float]] = {name: [] for name in arms}
    collects = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        end = time.perf_counter() + budget.seconds
        for done in range(budget.most):
            if done >= budget.least and time.perf_counter() > end:
                break
            for name in list(arms) if done % 2 == 0 else reversed(list(arms)):
                if done < budget.few or name not in slow:
                    seconds[name].append(block(arms[name], direction, repeats[name]))
    finally:
        if collects:
            gc.enable()
    return seconds


def repeats_that_fill(seconds: float, arm: Arm, direction: str) -> int:
    """How many calls last about that long."""
    return max(1, math.ceil(seconds / max(block(arm, direction, 1), 1e-7)))


def block(arm: Arm, direction: str, repeats: int) -> float:
    """Seconds per call, of some calls in a row; before them a rest and one call that is not timed."""
    call = arm.calls[direction]
    time.sleep(REST)
    with arm.setting():
        call()
        arm.finish()
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        arm.finish()
        return (time.perf_counter() - start) / repeats
