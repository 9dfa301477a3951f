"""Reused memory: the same again, one for each thread, and never more than its limit."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from scratch.fast import workspace

MIB = 2**20


@pytest.fixture(autouse=True)
def _fresh():
    workspace.clear()
    yield
    workspace.clear()


def test_smaller_requests_get_the_same_memory():
    large = workspace.empty("a", (4, 6), np.float64)
    small = workspace.empty("a", (3, 5), np.float32)
    assert np.shares_memory(large, small)
    assert small.shape == (3, 5)
    assert small.dtype == np.float32
    assert small.flags.c_contiguous
    assert small.flags.writeable


def test_larger_requests_get_more():
    before = workspace.bytes_held()
    workspace.empty("a", (10,), np.uint8)
    workspace.empty("a", (1000,), np.uint8)
    assert workspace.bytes_held() - before == 1000


def test_names_are_apart():
    assert not np.shares_memory(workspace.empty("a", (9,), np.float32), workspace.empty("b", (9,), np.float32))


@pytest.mark.parametrize("shape", [(0, 3), ()])
def test_nothing_and_a_scalar(shape):
    assert workspace.empty("a", shape, np.float32).shape == shape


def test_all_together_stay_below_the_limit():
    first = workspace.empty("first", (40 * MIB,), np.uint8)
    workspace.empty("second", (40 * MIB,), np.uint8)
    assert workspace.bytes_held() <= workspace.LIMIT_BYTES
    assert not np.shares_memory(workspace.empty("first", (40 * MIB,), np.uint8), first)


def test_what_is_larger_than_the_limit_is_not_kept():
    held = workspace.bytes_held()
    assert workspace.empty("a", (65 * MIB,), np.uint8).nbytes == 65 * MIB
    assert workspace.bytes_held() == held


def test_threads_are_apart_and_share_the_limit():
    mine = workspace.empty("a", (40 * MIB,), np.uint8)
    with ThreadPoolExecutor(1) as other:
        its = other.submit(workspace.empty, "a", (40 * MIB,), np.uint8).result()
        assert not np.shares_memory(mine, its)
        assert workspace.bytes_held() <= workspace.LIMIT_BYTES


def test_a_thread_that_ends_gives_its_memory_back():
    before = workspace.bytes_held()
    thread = threading.Thread(target=workspace.empty, args=("a", (MIB,), np.uint8))
    thread.start()
    thread.join()
    assert workspace.bytes_held() == before
