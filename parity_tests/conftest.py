"""What all tests share: GPU tests are skipped with the reason in words; the run ends with what was skipped and why."""

from collections import Counter
from typing import Any

import pytest

from gpu.device import why_not


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --require-gpu."""
    parser.addoption("--require-gpu", action="store_true", help="fail, rather than skip, where no GPU answers")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked `gpu` where no device answers; fail it with --require-gpu."""
    if item.get_closest_marker("gpu") is None:
        return
    reason = why_not()
    if reason is not None and item.config.getoption("--require-gpu"):
        pytest.fail(f"--require-gpu: {reason}", pytrace=False)
    if reason is not None:
        pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was skipped, and why."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    if reasons:
        terminalreporter.section("skipped, and why")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} tests: {reason}")
