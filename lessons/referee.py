"""A layer before the referee: `run.py check` on a class of this process, in float32, as a lesson shows it."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from parity_tests.assertion import InPlace
from parity_tests.check import show
from parity_tests.check.adapters import Hints, Unmatched
from parity_tests.check.examine import Examination, examine
from parity_tests.check.process import Failure, Refused
from parity_tests.check.reading import read
from parity_tests.diagnosis import text


@dataclass(frozen=True)
class Opinion:
    """What the referee says.

    Attributes
    ----------
    name : of the layer
    found : what it found out; None if it cannot call the layer
    reason : why not, "" if it can
    """

    name: str
    found: Examination | None
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it has nothing against the layer."""
        return self.found is not None and bool(self.found.compared) and self.found.agrees

    @property
    def verdict(self) -> str:
        """In a sentence."""
        if self.found is None:
            return f"{self.name} cannot be called: {self.reason}"
        if not self.found.compared:
            return f"{self.name}: nothing of it can be compared."
        return show.verdict_on(self.found, self.name)

    @property
    def suspects(self) -> list[str]:
        """The names of the errors that reproduce its numbers."""
        return [each.suspect for each in self.diagnosis.named] if self.diagnosis else []

    @property
    def words(self) -> str:
        """The verdict, and the diagnosis if there is one."""
        told = [text.named(self.diagnosis), text.unexplained(self.diagnosis)] if self.diagnosis else []
        return "\n\n".join(filter(None, [text.fold(self.verdict), *told]))

    @property
    def report(self) -> str:
        """All of it, as `run.py check` prints it."""
        return self.verdict if self.found is None else show.render(self.found, self.name, [], detail=False)

    @property
    def tensors(self) -> set[str]:
        """The tensors that are wrong in some case."""
        return {finding.tensor for finding in self.found.bad} if self.found else set()

    @property
    def diagnosis(self) -> Any:
        """What is wrong, None if nothing is."""
        return self.found.diagnosis if self.found else None


def examined(layer: type, like: str) -> Opinion:
    """Let the referee try a layer in all cases of its kind.

    Parameters
    ----------
    layer : a class in any style that check reads
    like : torch's name of what it should be
    """
    home = sys.modules.get(layer.__module__, SimpleNamespace(__name__=""))
    with tempfile.TemporaryDirectory() as folder, torch.random.fork_rng(devices=[]):
        process = InPlace(home, {layer.__name__: layer}, Path(folder))
        try:
            adapter = read(process, like, layer.__name__, Hints())
            return Opinion(layer.__name__, examine(process, adapter, ["float32"], 0))
        except (Unmatched, Refused, Failure) as reason:
            return Opinion(layer.__name__, None, str(reason))
