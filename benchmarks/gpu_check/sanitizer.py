"""NVIDIA's compute-sanitizer over every kernel: accesses outside arrays, and races in shared memory."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.gpu_check import small_launches
from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.device import Device
from benchmarks.gpu_check.parts import ROOT, environment_of_children

TOOLS = ("memcheck", "racecheck")
PLACES = ("/usr/local/cuda/bin", "/opt/cuda/bin")
"""Where CUDA puts it, if it is not on the PATH."""

SUMMARY = re.compile(r"========= (?:ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: (\d+) hazard)")
REFUSALS = ("not supported", "Unable to", "No attachable process", "terminated before first instrumented")
ERROR = re.compile(r"========= (Invalid |Misaligned |(?:ERROR|Error|WARNING|Warning): .*(?:Race|hazard))")
MOST_SHOWN, LONGEST = 3, 600
OPTIONS = ["--padding", "512", "--print-limit", "20", "--report-api-errors", "no"]
"""Room behind each array that belongs to nobody; the errors of kernels, not of functions that libraries try out."""


def items(device: Device) -> Sequence[str]:
    """One for each tool."""
    return TOOLS


def run(item: str, device: Device, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Run all small launches under one tool; half of the time that is left for the first."""
    seconds = deadline.left() / (2 if item == TOOLS[0] else 1) - 2
    program = shutil.which("compute-sanitizer", path=os.pathsep.join([os.environ.get("PATH", ""), *PLACES]))
    yield {
        "what": item,
        **sanitized(program, item, max(1.0, seconds), f"{type(device).__module__}:{type(device).__qualname__}"),
    }


def sanitized(program: str | None, tool: str, seconds: float, device: str) -> dict[str, Any]:
    """What one tool says."""
    if program is None:
        return {"state": "compute-sanitizer is not installed"}
    command = [program, "--tool", tool, *OPTIONS, sys.executable, "-m", small_launches.__name__, device]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        environment = environment_of_children(PYTHONUNBUFFERED="1")
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, process_group=0
        )
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            if process.poll() is None:  # the tool and the program under it
                with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait(2)
        log.seek(0)
        return read(log.read(), code)


def read(log: str, code: int | None) -> dict[str, Any]:
    r"""What the tool's output means; `code` is None if it had to be stopped.

    >>> read("relu<float>\nkernels launched: 1 of 1 \n========= ERROR SUMMARY: 0 errors\n", 0)
    {'state': 'no error', 'launched': '1 of 1', 'agrees': True}
    """
    end = re.search(rf"^{small_launches.LAUNCHES} (.*)$", log, re.MULTILINE)
    found: dict[str, Any] = {} if end is None else {"launched": end[1].strip()}
    summary = SUMMARY.search(log)
    errors = blocks(log)
    count = max(len(errors), int(summary[1] or summary[2]) if summary else 0)
    if count:
        return {"state": f"{count} errors", "errors": errors[:MOST_SHOWN], **found, "agrees": False}
    if code is None:
        return {"state": "stopped, for the time was over; no error till then", "last": last_words(log)}
    refusal = next((line for line in log.splitlines() if any(words in line for words in REFUSALS)), None)
    if refusal is not None and end is None:
        return {"state": f"it refuses: {refusal.removeprefix('=========').strip()[:LONGEST]}"}
    if summary is None or end is None:
        return {"state": f"it ended with exit code {code} and without a summary", "last": last_words(log)}
    return {"state": "no error", **found, "agrees": "(not" not in end[1]}


def blocks(log: str) -> list[str]:
    """The errors: each begins with a line that names it, and its details are indented further."""
    found: list[list[str]] = []
    for line in log.splitlines():
        text = line.removeprefix("=========")
        if ERROR.match(line):
            found.append([text.strip()])
        elif text.startswith("     ") and text != line and found and sum(map(len, found[-1])) < LONGEST:
            found[-1].append(text.strip())
    return ["\n".join(block)[:LONGEST] for block in found]


def last_words(log: str) -> str:
    """The end of what was printed."""
    return log.strip()[-LONGEST:]
