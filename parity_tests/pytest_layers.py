"""The layers that the pytest plugin runs: how they are found, and what is said of each case."""

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from parity_tests.check import show
from parity_tests.check.adapters import Adapter, Unmatched
from parity_tests.check.cases import cases_for
from parity_tests.check.examine import Examination, examine
from parity_tests.check.process import Failure, NoChild, Process, Refused
from parity_tests.check.reading import read
from parity_tests.check.target import UsageError, Wanted, checked_like, choose, file_of
from parity_tests.diagnosis import text
from parity_tests.harness.case import DTYPES, Case

TIMEOUT = 10.0
"""Seconds for the import and each run, as check has by default."""


class NotChecked(Exception):  # noqa: N818  (one sentence for the user)
    """A layer that is not there, or that cannot be called."""


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes
    ----------
    file : as the user calls it
    path : where it is
    wanted : which class or function, and what it is like
    adapter : how it is read
    """

    file: str
    path: Path
    wanted: Wanted
    adapter: Adapter[Any]

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The suite's cases as they fit the layer, those that it does not offer among them, by their names."""
        fitted = map(self.adapter.fit, cases_for(self.adapter.op))
        return {str(case): case for case in fitted}

    @cached_property
    def found(self) -> Examination:
        """What was found out; a child process runs the layer when this is first asked for."""
        with (
            tempfile.TemporaryDirectory() as folder,
            Process(self.path, Path(folder), TIMEOUT, self.file) as process,
        ):
            return examine(process, self.adapter, DTYPES, seed=0)

    def why_not(self, case: str) -> str:
        """Why a case tells nothing, "" if it does."""
        if case in self.found.not_run:
            return "not run, since so many cases hung"
        if case not in self.found.left_out:
            return ""
        lacks = [*self.adapter.lacks(self.cases[case]), *self.adapter.peculiarities(self.cases[case])]
        words = [word for word in dict.fromkeys(lacks) if word in self.found.lacks] or list(self.found.lacks)
        return f"not offered: {', '.join(words)}"

    def complaint(self, case: str) -> str:
        """What is wrong in a case, "" if nothing is."""
        found = self.found
        bad = [finding for finding in found.bad if finding.case == case]
        failures = [f"{dtype}: it {failure}" for name, dtype, failure in found.failures if name == case]
        if not (bad or failures):
            return ""
        lines = [f"{f.dtype} {f.tensor} is {f.ours.verdict}: {show.place(f.ours)}" for f in bad]
        named = found.diagnosis.named if found.diagnosis is not None else []
        told = [text.paragraph(each) for each in named if case in each.cases]
        return "\n".join([*failures, *lines, *told])

    def broken(self) -> str:
        """The promises that it breaks, "" if none."""
        found = self.found
        changed = ["it changes x in place; torch leaves it as it is"] if "x" in found.changed else []
        return "\n".join([*changed, *show.worst(found.again, ", in a second call")])


def layers(word: str, like: str | None) -> list[Layer]:
    """Find what FILE.py:Name names, and how it is to be called.

    Raises
    ------
    NotChecked
        if it is not there, or cannot be called
    """
    try:
        if like is not None:
            checked_like(like)
        file, path, names = file_of(word)
        with tempfile.TemporaryDirectory() as folder, Process(path, Path(folder), TIMEOUT, file) as process:
            wanted = choose(file, names, like, process.ask("contents"))
            return [Layer(file, path, each, read(process, each.like, each.name, each.hints)) for each in wanted]
    except (UsageError, NoChild) as reason:
        raise NotChecked(str(reason)) from None
    except (Unmatched, Refused) as reason:
        raise NotChecked(f"{word}{f' is not like {like}' if like else ''}: {reason}") from None
    except Failure as failure:
        raise NotChecked(f"{word}: it {failure}") from None
