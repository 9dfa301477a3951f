"""A bug that is planted into a kernel, and what has to catch it."""

from dataclasses import dataclass
from types import ModuleType

NUMBERS = "numbers"
DIVERGENCE = "barrier divergence"
EARLY_RETURN = "early return before a barrier"
INDEX = "index out of bounds"
ORDER = "result depends on the order of threads"
OUTSIDE = "access outside an array"
OVERFLOW = "overflow"
UNSET = "shared memory read before it is written"
UNWRITTEN = "unwritten output"


@dataclass(frozen=True)
class Bug:
    """Text of a kernel replaced by another.

    Attributes
    ----------
    name : what is wrong then
    module : the kernel's module in gpu.kernels
    old, new : the text; of several places the first
    caught_by : what catches it first: a kind of finding of the emulator, or the numbers
    file : the header where the text is, if it is not in the .cu file
    """

    name: str
    module: ModuleType
    old: str
    new: str
    caught_by: str = NUMBERS
    file: str = ""
