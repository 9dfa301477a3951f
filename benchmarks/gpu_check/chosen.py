"""A namespace whose layers are told which algorithm to use: our kernels rather than array code, in a whole model."""

from typing import Any

from parity_tests.harness.implementations import BACKEND_TABLE, IMPLEMENTATIONS, Implementation


class WithKernels(Implementation):
    """An implementation that takes our own kernels wherever there is one."""

    @property
    def nn(self) -> Any:
        """The namespace."""
        return Namespace(super().nn, IMPLEMENTATIONS["gpu.emulated"].nn)


class Namespace:
    """A namespace that hands on everything, and tells layers, losses and optimisers their algorithm as they are made.

    Parameters
    ----------
    nn : the namespace
    kernels : the one whose tables have kernels alone, where there are any

    >>> from gpu import emulated
    >>> nn = Namespace(emulated, emulated)
    >>> nn.ReLU().algorithm, nn.Conv2d(2, 3, 2).algorithm
    ('kernel', 'implicit_gemm')
    """

    def __init__(self, nn: Any, kernels: Any) -> None:
        self._nn = nn
        self._kernels = kernels

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._nn, name)
        if name == "optim":
            return Namespace(found, self._kernels.optim)
        if name not in BACKEND_TABLE and not hasattr(found, "algorithms"):
            return found

        def made(*args: Any, **settings: Any) -> Any:
            layer = found(*args, **settings)
            serving = self._serving(name, layer)
            if serving:
                layer.algorithm = serving[-1]  # the last rung of the ladder
            return layer

        return made

    def _serving(self, name: str, layer: Any) -> list[str]:
        """The kernels that serve what was made."""
        if name in BACKEND_TABLE:
            kernels, ours = (getattr(nn.backend, BACKEND_TABLE[name]) for nn in (self._kernels, self._nn))
            able = getattr(layer, "algorithms", ours)
        else:  # an optimiser, whose kernel comes first
            kernels, able = [next(iter(getattr(self._kernels, name).algorithms))], layer.algorithms
        return [kernel for kernel in kernels if kernel in able]
