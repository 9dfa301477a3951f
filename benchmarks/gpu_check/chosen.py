"""A namespace whose layers are told which algorithm to use: our kernels rather than array code, in a whole model."""

from dataclasses import dataclass, field
from typing import Any

from parity_tests.harness.implementations import BACKEND_TABLE, IMPLEMENTATIONS, Implementation


@dataclass(frozen=True)
class Chosen(Implementation):
    """An implementation, and for some of its layers the algorithm.

    Attributes
    ----------
    algorithms_of : name of the layer -> the algorithm's name
    """

    algorithms_of: dict[str, str] = field(default_factory=dict)

    @classmethod
    def kernels(cls, implementation: Implementation) -> "Chosen":
        """The first kernel of each operation that has one: the first of the emulator's table, which begins with them.

        >>> Chosen.kernels(IMPLEMENTATIONS["gpu.emulated"]).algorithms_of["ReLU"]
        'kernel'
        """
        emulated, found = IMPLEMENTATIONS["gpu.emulated"], {}
        for op in BACKEND_TABLE:
            kernel = emulated.algorithms(op)[0]
            if kernel is not None and kernel in implementation.algorithms(op):
                found[op] = kernel
        return cls(implementation.name, implementation.why_not, found)

    @property
    def nn(self) -> Any:
        """The namespace."""
        return Namespace(super().nn, self.algorithms_of)


class Namespace:
    """A namespace that hands on everything, and tells layers their algorithm as they are made."""

    def __init__(self, nn: Any, algorithms_of: dict[str, str]) -> None:
        self._nn = nn
        self._algorithms_of = algorithms_of

    def __getattr__(self, name: str) -> Any:
        found, algorithm = getattr(self._nn, name), self._algorithms_of.get(name)
        if algorithm is None:
            return found

        def made(*args: Any, **settings: Any) -> Any:
            layer = found(*args, **settings)
            if algorithm in getattr(layer, "algorithms", [algorithm]):  # not every kernel serves every convolution
                layer.algorithm = algorithm
            return layer

        return made
