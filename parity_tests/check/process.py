"""Somebody's file in a process of its own: asked, waited for, and started again when it has died."""

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHILD = Path(__file__).with_name("child.py")
GRACE = 0.2
"""Seconds that a process has, when its time is over, to write down where it stands."""

BRIEF = 100
"""Characters of a message that are enough to know it."""

START = 60.0
"""Seconds that Python and NumPy may take to start."""

# A case is small: more threads than one would only cost time and memory.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONUTF8": "1"}


@dataclass(eq=False)
class Failure(Exception):  # noqa: N818  (a finding about the layer, which is passed on as one)
    """What a layer did in place of an answer.

    Attributes
    ----------
    verb : "raises", "hangs" or "crashes"
    what : what exactly, to be read after the verb
    where : file, line and function, as far as known
    code : the source of that line
    """

    verb: str
    what: str
    where: str = ""
    code: str = ""

    def __str__(self) -> str:
        place = f" ({self.where}{f': {self.code}' if self.code else ''})" if self.where else ""
        return f"{self.verb}{self.what}{place}"

    def brief(self) -> str:
        """The same in fewer words, for what is no defect."""
        what = self.what if len(self.what) <= BRIEF else f"{self.what[:BRIEF]} ..."
        return f"{self.verb}{what}" + (f" ({self.where})" if self.where else "")


class Refused(Exception):  # noqa: N818  (an answer, not a defect)
    """The child does not serve a request; its reason in words."""


class NoChild(Exception):  # noqa: N818  (the environment's fault)
    """The child does not even start, or lacks what the layer needs; the sentence tells what."""


class Process:
    """One file, imported by a child process.

    Parameters
    ----------
    file : the file to import
    folder : an empty folder, for the exchange
    timeout : seconds that each request may take
    shown : the name of the file, for messages
    interpreter : a Python with NumPy
    """

    def __init__(self, file: Path, folder: Path, timeout: float, shown: str, interpreter: str = sys.executable) -> None:
        self.file, self.folder, self.timeout, self.shown, self.interpreter = file, folder, timeout, shown, interpreter
        self._running: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def ask(self, do: str, **request: Any) -> Any:
        """Send a request and wait for its answer.

        Raises
        ------
        Failure
            if the layer raised, hung or ended the process; the next request gets a new one
        Refused
            if the child says so
        NoChild
            if there is no child to be had, or it has not what the layer needs
        """
        if self._running is None:
            self._start()
            self._exchange({"do": "contents"})  # the import has the whole time for itself
        return self._exchange({"do": do} | request)

    def printed(self) -> list[str]:
        """The lines that were written to standard output and standard error."""
        log = self.folder / "printed"
        return log.read_text("utf-8", errors="replace").splitlines() if log.exists() else []

    def _start(self) -> None:
        command = [self.interpreter, "-u", "-B", str(CHILD), str(self.file), str(self.folder / "places")]
        (self.folder / "places").touch()
        with (self.folder / "printed").open("ab") as log:
            try:
                self._running = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    encoding="utf-8",
                    env=os.environ | ENVIRONMENT,
                )
            except OSError as error:
                raise NoChild(f"{self.interpreter} cannot be run: {error.strerror}") from None
        self._answers = queue.Queue()
        threading.Thread(target=self._listen, args=(self._running, self._answers), daemon=True).start()
        try:
            ready = self._answers.get(timeout=START)
        except queue.Empty:
            ready = ""
        if not ready:
            self._end()
            said = [*reversed(self.printed()), "nothing"][0]
            needs = "; it needs Python 3.8 and NumPy" if "numpy" in said or "SyntaxError" in said else ""
            raise NoChild(
                f"{self.interpreter} does not start a process for the layer, it says: {printable(said)}{needs}"
            )

    @staticmethod
    def _listen(process: "subprocess.Popen[str]", answers: "queue.Queue[str]") -> None:
        """Pass on one answer after the other, and at the end of the process an empty one."""
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                answers.put(line)
        answers.put("")

    def _exchange(self, request: dict[str, Any]) -> Any:
        process = self._running
        assert process is not None
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request | {"timeout": self.timeout}) + "\n")
            process.stdin.flush()
            answer = self._answers.get(timeout=self.timeout + GRACE)
        except queue.Empty:
            self._end()
            raise Failure("hangs", f", giving no answer within {self.timeout:g} s", *self._place()) from None
        except OSError:  # it ended before it was asked
            answer = ""
        if not answer:
            code = process.wait()
            self._end()
            raise Failure("crashes", f": {ending(code)}", *self._place())
        return self.told(json.loads(answer))

    def told(self, said: dict[str, Any]) -> Any:
        """What an answer says.

        Raises
        ------
        Failure, Refused, NoChild
            if it is none
        """
        if "refused" in said:
            raise Refused(said["refused"])
        if "absent" in said:
            raise NoChild(said["absent"])
        if "raised" in said:
            error = said["raised"]
            where = f"{self.shown}, line {error['line']}" if "line" in error else ""
            where += f", in {error['function']}" if "function" in error else ""
            what = printable(f"{error['type']}: {error['message']}".removesuffix(": "))
            raise Failure("raises", f" {what}", where, printable(error.get("code", "")))
        return said["answer"]

    def _place(self) -> tuple[str, str]:
        """Where in the file the process stood when it ended, and the code there."""
        dump = (self.folder / "places").read_text("utf-8", errors="replace")
        frames = re.findall(r'File "(.*)", line (\d+) in (\S+)', dump)
        for name, line, function in frames:
            if name == str(self.file):
                lines = self.file.read_text("utf-8", errors="replace").splitlines()
                return f"{self.shown}, line {line}, in {function}", printable(lines[int(line) - 1].strip())
        return "", ""

    def _end(self) -> None:
        if self._running is None:
            return
        self._running.kill()
        self._running.wait()
        assert self._running.stdin is not None
        with contextlib.suppress(OSError):  # a request that nobody read any more
            self._running.stdin.close()
        self._running = None


def ending(code: int) -> str:
    """An exit code in words."""
    names = {-one.value: one.name for one in signal.Signals}
    return f"{names[code]} ended the process" if code in names else f"it ended the process with exit code {code}"


def printable(text: str) -> str:
    """One line that a terminal shows as it is."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
