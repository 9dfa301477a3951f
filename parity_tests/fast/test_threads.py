"""Parts of a batch in threads: results, errors, and the setting of BLAS, which belongs to the whole process."""

import multiprocessing
import os
import threading
import warnings

import numpy as np
import pytest

import scratch
from scratch.fast import threads
from scratch.precision import current, precision

MANY = 1e12


class Library:
    """A BLAS as threadpoolctl shows it."""

    def __init__(self, num_threads):
        self.num_threads = num_threads

    def set_num_threads(self, count):
        self.num_threads = count


@pytest.fixture
def blas(monkeypatch):
    """A library with three threads, on whatever machine."""
    library = Library(3)
    monkeypatch.setattr(threads, "_blas", lambda: [library])
    return library


@pytest.mark.usefixtures("blas")
@pytest.mark.parametrize(
    ("N", "flops", "sizes"),
    [(9, MANY, [3, 3, 3]), (10, MANY, [3, 3, 4]), (2, MANY, [1, 1]), (1, MANY, [1]), (0, MANY, [0]), (9, 10, [9])],
)
def test_parts_cover_the_batch(N, flops, sizes):
    parts = threads.parts(N, flops)
    assert [part.stop - part.start for part in parts] == sizes
    assert [n for part in parts for n in range(part.start, part.stop)] == list(range(N))


def test_blas_with_one_thread_gets_one_part(blas):
    blas.num_threads = 1
    assert threads.parts(8, MANY) == [slice(0, 8)]


def test_without_threadpoolctl_there_is_one_part(monkeypatch):
    monkeypatch.setattr(threads, "_blas", list)
    assert threads.parts(8, MANY) == [slice(0, 8)]


def test_parts_run_at_the_same_time_with_one_blas_thread_each(blas):
    meet = threading.Barrier(3, timeout=20)

    def work(part):
        meet.wait()
        return part.start, threading.get_ident(), blas.num_threads

    results = threads.run(work, threads.parts(9, MANY))
    assert [start for start, _, _ in results] == [0, 3, 6]
    assert len({ident for _, ident, _ in results}) == 3
    assert {count for _, _, count in results} == {1}
    assert blas.num_threads == 3


@pytest.mark.parametrize("bad", [0, 3, 6])
def test_an_error_is_raised_when_all_have_ended(blas, bad):
    ended = []

    def work(part):
        if part.start == bad:
            raise ZeroDivisionError(part)
        ended.append(part.start)

    with pytest.raises(ZeroDivisionError):
        threads.run(work, threads.parts(9, MANY))
    assert sorted(ended) == sorted({0, 3, 6} - {bad})
    assert blas.num_threads == 3


def test_two_callers_at_once_and_the_last_one_gives_back(blas):
    first_is_in, second_is_out = threading.Event(), threading.Event()
    seen = []

    def slow(part):
        first_is_in.set()
        second_is_out.wait(20)
        seen.append(blas.num_threads)

    caller = threading.Thread(target=threads.run, args=(slow, threads.parts(3, MANY)))
    caller.start()
    first_is_in.wait(20)
    with threads._limit.one_thread_each():  # another caller, that leaves first
        assert len(threads.parts(9, MANY)) == 3
    second_is_out.set()
    caller.join(20)
    assert seen == [1, 1, 1]
    assert blas.num_threads == 3


@pytest.mark.usefixtures("blas")
def test_parts_are_not_cut_again():
    assert threads.run(lambda _: len(threads.parts(9, MANY)), threads.parts(9, MANY)) == [1, 1, 1]
    assert len(threads.parts(9, MANY)) == 3


@pytest.mark.usefixtures("blas")
def test_context_is_the_same_in_all_parts():
    with precision("fast"), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        got = threads.run(
            lambda _: (current(), np.geterr()["invalid"], np.float64(np.inf) - np.inf),
            threads.parts(9, MANY),
        )
    assert [each[:2] for each in got] == [("fast", "ignore")] * 3


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinities")
@pytest.mark.usefixtures("blas")
def test_the_other_threads_run_on_other_cores(monkeypatch):
    mine = os.sched_getaffinity(0)
    if len(mine) < 2:
        pytest.skip("one core")
    start = threading.Barrier(3, timeout=20)
    threads.run(lambda _: start.wait(), threads.parts(9, MANY))  # as many threads as parts
    monkeypatch.setattr(threads, "_current_core", lambda: lambda: min(mine))
    meet = threading.Barrier(3, timeout=20)

    def cores(part):
        meet.wait()
        return os.sched_getaffinity(0)

    first, *others = threads.run(cores, threads.parts(9, MANY))
    assert first == {min(mine)}
    assert others == [mine - {min(mine)}] * 2
    assert os.sched_getaffinity(0) == mine


def in_child(results):
    parts = threads.parts(8, MANY)
    results.put(threads.run(lambda part: part.start, parts))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
@pytest.mark.usefixtures("blas")
def test_works_in_a_forked_process():
    threads.run(lambda _: None, threads.parts(9, MANY))  # the threads of the parent, which the child has not
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forks beside threads
        child = context.Process(target=in_child, args=(results,))
        child.start()
    child.join(30)
    assert child.exitcode == 0
    assert results.get() == [0, 2, 5]


def test_blas_of_numpy_is_found():
    pytest.importorskip("threadpoolctl")
    assert threads._blas()
    assert scratch.Linear(2, 2)(np.zeros((1, 2), np.float32)).shape == (1, 2)
