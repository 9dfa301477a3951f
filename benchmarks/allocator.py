"""The second column of times: with malloc told to keep the memory that it gets.

By default glibc's malloc maps each large array anew, and the operating system faults in its pages one by one as they
are first written: ReLU of 51 MB takes six times as long. What is set here is read when a process begins, so the clock
runs in a child of its own. The judge has spoken before, in the process that asks; what is timed is built from the same
seed by the same code.

torch on the CPU does not keep memory itself, so it gains as we do. On a GPU it does, and CuPy, too.
"""

import os
import pickle
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.measure import Seconds

ALLOCATORS = ("default", "tuned")

TUNED = {
    "MALLOC_MMAP_MAX_": "0",  # no array is mapped by itself
    "MALLOC_TRIM_THRESHOLD_": str(16 * 2**30),  # freed memory is not given back
    "MALLOC_TOP_PAD_": str(256 * 2**20),  # and is asked for in large pieces
}
"""Environment variable -> value."""


@dataclass(frozen=True)
class Task:
    """What the child is to time, as the arguments of `measure.clock`; its contenders by name."""

    rows: Sequence[Any]
    names: Mapping[str, Sequence[str]]
    budget: Any
    threads: int


class ChildError(Exception):
    """The child ended without an answer; says why."""


def why_not() -> str | None:
    """Tell why malloc cannot be tuned here, or None if it can."""
    if platform.libc_ver()[0] == "glibc":
        return None
    return "its settings are those of glibc's malloc, which is not in use here"


def already_set() -> list[str]:
    """The settings that this process began with: its column "default" is none then."""
    return [name for name in os.environ if name.startswith("MALLOC_")]


def clock_in_child(task: Task) -> "Seconds":
    """Time in a child process with malloc tuned.

    Returns
    -------
    what `measure.clock` returns

    Raises
    ------
    ChildError
        if the child does not come to its end
    """
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder, "task"), Path(folder, "seconds")
        asked.write_bytes(pickle.dumps(task))
        command = [sys.executable, "-m", __name__, str(asked), str(answer)]
        code = subprocess.run(command, env=os.environ | TUNED, check=False).returncode
        if code == -9:  # SIGKILL: on Linux what ends a process that takes the last memory
            raise ChildError("it was killed, most likely for want of memory")
        if code != 0 or not answer.exists():
            raise ChildError(f"it ended with code {code}")
        found: Seconds = pickle.loads(answer.read_bytes())
        return found


def child(asked: str, answer: str) -> None:
    """Be the child: read the task, time, write the seconds."""
    task: Task = pickle.loads(Path(asked).read_bytes())
    from benchmarks.contenders import find
    from benchmarks.machine import describe
    from benchmarks.measure import clock
    from benchmarks.progress import progress

    describe(task.threads)
    names = {name for group in task.names.values() for name in group}
    everybody = {name: contender for name in names if (contender := find(name)) is not None}
    found = clock(task.rows, task.names, everybody, task.budget, progress)
    Path(answer).write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    try:
        child(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
