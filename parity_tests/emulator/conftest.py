"""Without a g++ that will do, these tests are skipped with that reason."""

from pathlib import Path

import pytest

from gpu import emulator

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the compiler, which is all but what is told where there is none."""
    reason = emulator.why_not()
    for item in items:
        if reason is not None and HERE in item.path.parents and "no_compiler" not in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=reason))
