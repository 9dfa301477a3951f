"""The optimisers of gpu.optim, whose kernel is preferred here; it runs in the emulator."""

from types import MappingProxyType

from gpu import optim
from gpu.optim import Optimizer, RMSprop, clip_grad_norm_, clip_grad_value_, lr_scheduler

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "clip_grad_norm_",
    "clip_grad_value_",
    "lr_scheduler",
]

FUSED_FIRST = MappingProxyType({name: optim.ARRAYS_FIRST[name] for name in ("fused", "arrays")})


class SGD(optim.SGD):
    """Gradient descent with momentum: torch.optim.SGD. Formula and parameters are those of `scratch.optim.SGD`."""

    algorithms = FUSED_FIRST


class Adam(optim.Adam):
    """Gradient descent with steps scaled by the gradients' own size: torch.optim.Adam, see `scratch.optim.Adam`."""

    algorithms = FUSED_FIRST


class AdamW(optim.AdamW):
    """Adam whose pull towards 0 does not go through its means: torch.optim.AdamW, see `scratch.optim.AdamW`."""

    algorithms = FUSED_FIRST
