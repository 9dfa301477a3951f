"""The optimisers of gpu.optim, whose kernel is preferred here; it runs in the emulator."""

from types import MappingProxyType

from gpu import optim
from gpu.optim import Optimizer

__all__ = ["SGD", "Adam", "Optimizer"]

FUSED_FIRST = MappingProxyType({name: optim.ARRAYS_FIRST[name] for name in ("fused", "arrays")})


class SGD(optim.SGD):
    """Gradient descent with momentum: torch.optim.SGD. Formula and parameters are those of `scratch.optim.SGD`."""

    algorithms = FUSED_FIRST


class Adam(optim.Adam):
    """Gradient descent with steps scaled by the gradients' own size: torch.optim.Adam, see `scratch.optim.Adam`."""

    algorithms = FUSED_FIRST
