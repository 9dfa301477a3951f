"""Without a g++ kernels cannot be run: what asks for the verdict on one is skipped."""

import pytest

from gpu.emulator import why_not

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
