"""What a case is: one call of one operation, run by anybody, and judged by its laws."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any, TypeAlias

import numpy as np

from parity_tests.harness.comparison import Law
from parity_tests.harness.implementations import Implementation
from scratch.array import HostArray

Tensors: TypeAlias = dict[str, HostArray]
"""Results by name: y, dx, dweight, ..., on the host."""

Inputs: TypeAlias = Mapping[str, HostArray]
"""What goes in, by name, on the host, in the dtype of the run."""

Laws: TypeAlias = dict[str, Law | None]


DTYPES = ("float32", "float64")
"""The formats that everything is compared in."""

HALF = "float16"
"""The format that layers, losses and optimisers are compared in besides, against the referee in float64 as the others:
torch's own float16 is rounded several times on its way, and keeps none of these laws."""

HALF_DATA = ("normal", "ties", "equal", "nan", "inf")
"""Numbers that stay within float16's range, which ends at 65504."""


signature_of = cache(signature)
"""The parameters of a class or function; to look at a constructor takes longer than to call it."""


@dataclass(frozen=True)
class Spec:
    """A call of a constructor: its name in the namespace and its arguments. Calling a layer "the same" means this."""

    op: str
    args: tuple[Any, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, op: str, *args: Any, **settings: Any) -> "Spec":
        """Write the call as one would write it."""
        return cls(op, args, tuple(settings.items()))

    def build(self, nn: Any) -> Any:
        """Call the constructor of namespace `nn`."""
        return getattr(nn, self.op)(*self.args, **dict(self.settings))

    def __str__(self) -> str:
        shown = [*map(repr, self.args), *(f"{name}={value!r}" for name, value in self.settings)]
        return f"{self.op}({', '.join(shown)})"


class Case(ABC):
    """One operation on one kind of input.

    `draw` makes the inputs, `run` feeds them to one of our namespaces, `run_torch` to torch (or scipy) in the same or
    in a higher precision, and `laws` says how far the results may be from the referee's in float64.
    """

    op: str
    spec: Spec
    referee: str = "torch"
    dtypes: tuple[str, ...] = DTYPES
    """In which formats it runs: a case of integers runs once, in float32, or for a filter in float64."""
    half: bool = False
    """Whether it runs in float16, too."""

    @property
    def formats(self) -> tuple[str, ...]:
        """All formats that it runs in."""
        return (HALF, *self.dtypes) if self.half else self.dtypes

    @abstractmethod
    def draw(self, dtype: Any, seed: int) -> Inputs:
        """Make the inputs, in `dtype`."""

    @abstractmethod
    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Run in one of our namespaces; `place` puts a host array into its memory (nn.asarray by default)."""

    @abstractmethod
    def run_torch(self, inputs: Inputs, dtype: Any) -> Tensors:
        """Run the referee on the CPU, torch or scipy, with the inputs converted to `dtype`."""

    @abstractmethod
    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """Say for each tensor how far a result in a format of that epsilon and smallest number may be away."""

    def other_laws(self, inputs: Inputs, eps: float, tiny: float) -> dict[str, Laws]:
        """The laws of algorithms that err in another way than the referee, by the algorithm's name."""
        return {}

    def algorithms(self, implementation: Implementation, dtype: str = DTYPES[0]) -> list[str | None]:
        """The algorithms of an implementation that can serve the case; [None] where there is nothing to choose."""
        return implementation.algorithms(self.op)


def generator_for(case: Case, seed: int) -> np.random.Generator:
    """The generator of one case: the same on every machine, another for every case."""
    return np.random.default_rng([seed, *str(case).encode()])


def converted(inputs: Inputs, dtype: Any) -> dict[str, HostArray]:
    """The inputs with their floating arrays in another dtype."""
    return {name: value.astype(dtype) if value.dtype.kind == "f" else value for name, value in inputs.items()}
