"""What all tests share: GPU tests are skipped with the reason in words, and how a run ends.

At the end stand what the suite has covered, what was skipped, and why.
"""

from collections import Counter
from typing import Any

import pytest
import torch

from gpu import device, emulator

RUN = "run of the suite"


def pytest_configure() -> None:
    """Leave torch one thread: the cases are small, and threads that wait for each other cost up to ten times more."""
    torch.set_num_threads(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --require-gpu."""
    parser.addoption("--require-gpu", action="store_true", help="fail, rather than skip, where no GPU answers")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked `gpu` where no device answers (fail it with --require-gpu), one marked `gxx` without g++."""
    if item.get_closest_marker("gxx") and emulator.why_not() and "no_compiler" not in getattr(item, "fixturenames", ()):
        pytest.skip(emulator.why_not())
    if item.get_closest_marker("gpu") is None:
        return
    reason = device.why_not()
    if reason is not None and item.config.getoption("--require-gpu"):
        pytest.fail(f"--require-gpu: {reason}", pytrace=False)
    if reason is not None:
        pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of the suite tell in their reports, in whichever process, what case they run, where and in what."""
    suite = [item for item in items if item.nodeid.partition("[")[0].endswith("test_parity.py::test_agrees_with_torch")]
    for item in suite:
        if isinstance(item, pytest.Function):
            params = item.callspec.params
            item.user_properties.append((RUN, [str(params["case"]), params["implementation"].name, params["dtype"]]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what the suite has covered, and what was skipped and why."""
    coverage_of_the_suite(terminalreporter)
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    if reasons:
        terminalreporter.section("skipped, and why")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} tests: {reason}")


def coverage_of_the_suite(terminalreporter: Any) -> None:
    """Print the coverage matrix in short, of what was run rather than of what was planned."""
    finished = [each for outcome in ("passed", "failed") for each in terminalreporter.stats.get(outcome, [])]
    told = [value for report in finished for name, value in report.user_properties if name == RUN]
    if not told:
        return
    from parity_tests.harness.cases import CASES  # needs torch, which not every test does
    from parity_tests.harness.coverage import Run, in_short

    by_name = {str(case): case for case in CASES}
    runs = [Run(by_name[case], implementation, dtype) for case, implementation, dtype in told]
    terminalreporter.section("coverage: options and kinds of input tried, and how many runs")
    terminalreporter.write_line(in_short(runs))
