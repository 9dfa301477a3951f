"""scratch.precision: a word that holds in a block or from here on, in this thread only."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from scratch.precision import current, precision


def test_strict_is_the_default():
    assert copy_context().run(current) == "strict"


def test_holds_in_a_block_even_if_it_fails():
    with precision("fast"):
        with precision("strict"):
            assert current() == "strict"
        assert current() == "fast"
    with pytest.raises(ZeroDivisionError), precision("fast"):
        raise ZeroDivisionError
    assert current() == "strict"


def from_here_on():
    precision("fast")
    return current()


def test_holds_from_here_on():
    assert copy_context().run(from_here_on) == "fast"
    assert current() == "strict"


def test_another_thread_has_its_own():
    with precision("fast"), ThreadPoolExecutor(1) as other:
        assert other.submit(current).result() == "strict"


def test_another_task_has_its_own():
    async def task(wanted):
        with precision(wanted):
            await asyncio.sleep(0)
            return current()

    async def both():
        return await asyncio.gather(task("fast"), task("strict"))

    assert asyncio.run(both()) == ["fast", "strict"]


@pytest.mark.parametrize("wrong", ["tf32", "", None, 3])
def test_another_word_is_refused(wrong):
    with pytest.raises(ValueError, match=r"it is 'strict' or 'fast'"):
        precision(wrong)
    assert current() == "strict"
