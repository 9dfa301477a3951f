"""What the tests of the lessons share.

Without a g++ kernels cannot be run: what asks for the verdict on one is skipped. What a lesson times, it times once: no
test looks at a time, and the pauses of the clock would be most of what the tests take. As scripts and as pages the
lessons run as they are.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks import timing
from gpu.emulator import why_not
from lessons import clock

NEED_KERNELS = (
    "test_a_right_answer",
    "test_a_wrong_answer_gets_the_hint_that_fits",
    "test_the_check_cells_hear_the_answers",
)


def pytest_collection_modifyitems(items):
    reason = why_not()
    for item in items:
        if reason and getattr(item, "originalname", "") in NEED_KERNELS and item.callspec.id.startswith("to_gpu"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True, scope="session")
def in_one_round() -> Iterator[None]:
    """Time everything once, without a pause."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "BUDGET", replace(clock.BUDGET, least=1, most=1))
        patch.setattr(timing, "REST", 0)
        yield
