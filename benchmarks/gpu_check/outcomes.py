"""A plugin of pytest that writes a line of JSON for every test, as soon as it is over: what is cut off leaves them.

Used by `suite`; the file's name is in the environment.
"""

import json
import os
from typing import Any

FILE = "GPU_CHECK_OUTCOMES"
LONGEST = 500


def pytest_runtest_logreport(report: Any) -> None:
    """Note how a test ended, or that its set-up or its end failed."""
    if report.when == "call" or report.outcome != "passed":
        note(report.nodeid, report.outcome, report)


def pytest_collectreport(report: Any) -> None:
    """Note what could not even be imported."""
    if report.outcome == "failed":
        note(report.nodeid, "failed", report)


def note(test: str, outcome: str, report: Any) -> None:
    """Write one line."""
    text = "" if outcome == "passed" else str(report.longrepr or "")
    line = {"test": test, "outcome": outcome, "why": text[-LONGEST:]}
    with open(os.environ[FILE], "a", encoding="utf-8") as file:  # noqa: PTH123
        file.write(json.dumps(line) + "\n")
