"""A CUDA kernel that a learner wrote, run and checked by the emulator: whatever it does can be shown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gpu import emulator
from gpu.emulator import Finding, show
from gpu.emulator.command import errors
from gpu.emulator.module import Argument, Dim3
from lessons.pieces import Piece, paragraph, source
from scratch.array import HostArray


@dataclass(frozen=True)
class Trial:
    """What came of it.

    Attributes
    ----------
    findings : the mistakes that the emulator found
    refused : why it did not run at all, "" if it did
    """

    findings: Sequence[Finding]
    refused: str = ""

    @property
    def clean(self) -> bool:
        """Whether it ran, and nothing was found."""
        return not (self.refused or self.findings)

    @property
    def words(self) -> str:
        """All that is to be said, as `run.py emulate` says it."""
        return self.refused or "\n\n".join(map(show.paragraph, self.findings)) or "clean: nothing found"

    def shown(self) -> Piece:
        """The same on a page."""
        return paragraph(self.refused) if self.refused and "\n" not in self.refused else source(self.words)


def tried(text: str, kernel: str, grid: Dim3, block: Dim3, arguments: Sequence[Argument]) -> Trial:
    """Compile a kernel and run it in every way that must not matter.

    Parameters
    ----------
    text : CUDA C++
    kernel : its name there
    grid, block : numbers of blocks, and of threads in each
    arguments : what the kernel takes; arrays that are not const hold the results afterwards, if there are any
    """
    try:
        module = emulator.Module(text.strip("\n"), "kernel.cu", [kernel])
        return Trial(emulator.check(module, kernel, grid, block, arguments))
    except emulator.NoCompiler as reason:
        return Trial([], f"Not run: {reason}")
    except emulator.CompileError as error:
        return Trial([], "\n".join(errors(str(error))))
    except (TypeError, ValueError) as error:  # the learner has changed what it takes
        return Trial([], f"It cannot be launched: {error}.")


def in_each_order(text: str, kernel: str, x: HostArray) -> dict[str, HostArray]:
    """What a kernel (x, y) gives, one thread for each number, when its threads run in one order and another.

    Raises
    ------
    NoCompiler
        without a g++ that will do
    """
    module = emulator.Module(text.strip("\n"), "kernel.cu", [kernel])
    found = {}
    for order, name in enumerate(("first to last", "last to first", "shuffled")):
        found[name] = np.zeros_like(x)
        module.launch(kernel, (1,), (x.size,), [x, found[name]], order=order)
    return found
