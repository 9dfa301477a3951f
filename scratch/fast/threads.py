"""The batch in as many parts as there are cores, each in a thread of its own.

Half of the work outside matrix products is copying, in which NumPy uses one core only. So a large batch is cut, and
each part goes its whole way alone, its matrix products on one core:

    BLAS alone      copy  GEMM  copy  GEMM        parts    copy GEMM copy GEMM      (N / 2 images)
                          GEMM        GEMM                 copy GEMM copy GEMM      (N / 2 images)

How many threads BLAS takes is a setting of the whole process. It is set to one when the first caller enters, and back
when the last one leaves; callers in several threads are counted. threadpoolctl finds the switch; without it, or where
BLAS has one thread anyway, there is one part. A part that depends on no other gives the same result in whichever
thread it runs.

Linux likes to wake a thread on the core of the one that wakes it, and moves it to an idle core only after some
milliseconds: so long both parts take turns. So while parts run, the caller stays on its core, and the others on any
other. y = x * a + b for 16x64x56x56, milliseconds in one thread, in two, and in two that stay: 2.1, 2.15, 1.2 (two
cores of a Xeon at 2.3 GHz).
"""

import ctypes
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any, TypeVar

Result = TypeVar("Result")

LEAST_FLOPS = 4e7
"""Less work than this is not cut: it consists of operations of a few microseconds, between which the threads would wait
for Python's lock. (LeNet's forward, batch 64, took 40 ms in two threads and 7 in one on a busy two-core Xeon.)"""


def parts(N: int, flops: float) -> list[slice]:
    """Cut N images, whose work is so many floating-point operations in all, into as many runs as there are cores.

    >>> parts(5, flops=1000)
    [slice(0, 5, None)]
    """
    if flops < LEAST_FLOPS or N < 2 or _inside.part:
        return [slice(0, N)]
    count = min(_limit.cores(), N)
    cuts = [N * i // count for i in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def run(function: Callable[[slice], Result], parts: Sequence[slice]) -> list[Result]:
    """Call `function(part)` for each part, all at the same time; the results in the order of the parts.

    The first part runs in the thread that asks. Context variables (the precision, np.errstate) are the same in all.

    Raises
    ------
    whatever the first part that failed raises, after all of them have ended
    """
    if len(parts) == 1:
        return [function(parts[0])]
    with _limit.one_thread_each():
        executor = _executor(_limit.cores())
        core, mine = _here()
        for thread in _waiting:
            _keep(thread, mine - core)
        others: list[Future[Result]] = [
            executor.submit(copy_context().run, _within, function, part) for part in parts[1:]
        ]
        _keep(0, core)
        try:
            first = _within(function, parts[0])
        finally:
            _keep(0, mine)
            errors = [other.exception() for other in others]
        for error in errors:
            if error is not None:
                raise error
        return [first, *(other.result() for other in others)]


class _Inside(threading.local):
    """Whether this thread works on a part: parts are not cut again."""

    part = False


_inside = _Inside()


def _within(function: Callable[[slice], Result], part: slice) -> Result:
    """Call the function, and know meanwhile that this is a part."""
    _inside.part = True
    try:
        return function(part)
    finally:
        _inside.part = False


class _Limit:
    """The setting of how many threads BLAS takes, and who wants it to be one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.callers = 0
        self.before: list[int] = []

    def cores(self) -> int:
        """How many threads BLAS may use when nobody limits it here; 1 where that cannot be changed."""
        with self.lock:
            return max(self.before if self.callers else [each.num_threads for each in _blas()], default=1)

    @contextmanager
    def one_thread_each(self) -> Iterator[None]:
        """Within it, a matrix product takes one core."""
        with self.lock:
            if self.callers == 0:
                self.before = [each.num_threads for each in _blas()]
                for each in _blas():
                    each.set_num_threads(1)
            self.callers += 1
        try:
            yield
        finally:
            with self.lock:
                self.callers -= 1
                if self.callers == 0:
                    self.restore()

    def restore(self) -> None:
        """Give BLAS the threads back that it had."""
        for each, count in zip(_blas(), self.before, strict=True):
            each.set_num_threads(count)


_limit = _Limit()


@cache
def _blas() -> list[Any]:
    """The BLAS libraries that are loaded, NumPy's among them, as threadpoolctl knows them; none without it."""
    try:
        threadpoolctl = import_module("threadpoolctl")
    except ImportError:
        return []
    return list(threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers)


@cache
def _executor(count: int) -> ThreadPoolExecutor:
    """The threads that wait for parts."""
    return ThreadPoolExecutor(count, "scratch", lambda: _waiting.append(threading.get_native_id()))


_waiting: list[int] = []
"""The system's numbers of those threads."""


def _here() -> tuple[set[int], set[int]]:
    """The core on which this thread runs, and all that it may use; none of either where nobody can choose."""
    mine = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    core = {_current_core()()} if len(mine) > 1 else set()
    return (core, mine) if core < mine else (set(), set())


def _keep(thread: int, cores: set[int]) -> None:
    """Have a thread (0: this one) run on some cores; where it runs already, if there are none."""
    if cores:
        with suppress(OSError):  # where that is forbidden, it runs where it likes
            os.sched_setaffinity(thread, cores)


@cache
def _current_core() -> Callable[[], int]:
    """The C library's function that says on which core a thread runs; -1, which is none, where it has no such one."""
    found: Callable[[], int] = getattr(ctypes.CDLL(None), "sched_getcpu", lambda: -1)
    return found


def _forked() -> None:
    """Begin anew: a child process has none of its parent's threads, and nobody in it holds the limit."""
    _executor.cache_clear()
    _waiting.clear()
    _limit.lock = threading.Lock()
    if _limit.callers:
        _limit.callers = 0
        _limit.restore()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
