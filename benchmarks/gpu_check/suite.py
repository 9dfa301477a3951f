"""The parity suite on the device: all tests marked gpu, in processes of their own, with a time limit."""

import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.gpu_check import outcomes
from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.device import Device
from benchmarks.gpu_check.parts import ROOT, environment_of_children

MOST_SHOWN = 40
RESERVE = 4.0  # seconds to end pytest and to read what it has found
TESTS = {
    "parity suite": ["-m", "gpu", "--require-gpu", "parity_tests"],
    "other tests of gpu/": ["-m", "not gpu", "parity_tests/gpu"],  # such as that CuPy has what its stand-in has
}


def items(device: Device) -> Sequence[str]:
    """A process for all that needs a device, and one for what only needs CuPy."""
    return list(TESTS)


def run(item: str, device: Device, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Run pytest, and count."""
    yield {"what": item, **run_tests(TESTS[item], deadline)}


def run_tests(tests: Sequence[str], deadline: Deadline) -> dict[str, Any]:
    """Run tests in a process of their own until they are done or the time is over."""
    with tempfile.TemporaryDirectory() as folder:
        file, log = Path(folder, "outcomes"), Path(folder, "log")
        command = [sys.executable, "-m", "pytest", "-q", "-p", outcomes.__name__, "-p", "no:cacheprovider"]
        command += ["--continue-on-collection-errors", "--tb=short", *tests]
        environment = environment_of_children(**{outcomes.FILE: str(file)})
        with log.open("wb") as written:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=written, stderr=subprocess.STDOUT)
            code = wait(process, max(1.0, deadline.left() - RESERVE))
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return count(lines, code, log.read_text("utf-8", errors="replace"))


def wait(process: "subprocess.Popen[Any]", seconds: float) -> int | None:
    """The exit code; None if the time was over and the process had to be ended."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(RESERVE / 2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return None


def count(lines: Sequence[str], code: int | None, log: str) -> dict[str, Any]:
    r"""What the tests came to.

    >>> line = '{"test": "t.py::a[gpu]", "outcome": "passed", "why": ""}'
    >>> count([line], 0, "")
    {'counts': {'passed': 1}, 'failed': {}, 'ended': True, 'agrees': True}
    >>> count([], 4, "ERROR: file or directory not found: x")["log"]
    'ERROR: file or directory not found: x'
    """
    worst: dict[str, dict[str, str]] = {}
    for line in lines:
        try:
            each = json.loads(line)
        except ValueError:  # the last line, cut off
            continue
        if worst.get(each["test"], {}).get("outcome") != "failed":
            worst[each["test"]] = each
    failed = {name: each["why"] for name, each in worst.items() if each["outcome"] == "failed"}
    found: dict[str, Any] = {
        "counts": dict(Counter(each["outcome"] for each in worst.values())),
        "failed": dict(list(failed.items())[:MOST_SHOWN]),
        "ended": code is not None,
        "agrees": not failed and (code is None or (code == 0 and bool(worst))),
    }
    if not failed and code not in (0, None):
        found["log"] = log.strip()[-outcomes.LONGEST :]
    return found
