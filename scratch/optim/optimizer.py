"""What all optimisers share: the parameters, what is kept between steps, and how a step is done."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from scratch.array import Array
from scratch.half import HALF, wide
from scratch.module import Module, Parameter
from scratch.number import number


def by_arrays(optimizer: "Optimizer") -> None:
    """Change one parameter after the other, with the formula on its whole array; of float16 in float32."""
    for parameter, state in zip(optimizer.parameters, optimizer.state, strict=True):
        theta, g = parameter.data, parameter.grad
        if g is None:
            continue
        if theta.dtype == HALF:
            kept = {name: wide(value) if hasattr(value, "astype") else value for name, value in state.items()}
            theta[...] = wide(theta) - optimizer._change(wide(theta), wide(g), kept)  # noqa: SLF001 (this module's)
            state |= {name: value.astype(HALF) if hasattr(value, "astype") else value for name, value in kept.items()}
        else:
            theta -= optimizer._change(theta, g, state)  # noqa: SLF001


class Optimizer:
    """What all share: the parameters and the state that is kept for each between steps.

    Attributes
    ----------
    algorithms : the ways to do a step by name, the preferred one first; gpu.optim has another
    parameters : the parameters that `step` changes
    state : for each parameter a dict with torch's names ("momentum_buffer", "exp_avg", ...), empty before a step
    lr : the learning rate, which a scheduler may change between steps
    initial_lr : what it was before any scheduler; None without one
    algorithm : the name of the algorithm to use; None leaves the choice to the namespace
    ran : the name of the algorithm that the latest step used
    """

    lr: float
    algorithms: ClassVar[Mapping[str, Callable[[Any], None]]] = MappingProxyType({"arrays": by_arrays})

    def __init__(self, params: Iterable[Parameter], **settings: float) -> None:
        if isinstance(params, Module | Parameter):
            raise TypeError(f"params is a {type(params).__name__}; pass model.parameters()")
        self.parameters = list(params)
        if not self.parameters:
            raise ValueError("params: optimizer got an empty parameter list")
        for parameter in self.parameters:
            if not isinstance(parameter, Parameter):
                raise TypeError(f"params: {type(parameter).__name__} is not a Parameter; pass model.parameters()")
        for name, value in settings.items():
            if not number(name, value) >= 0:  # so NaN is refused, too
                raise ValueError(f"{name}={value!r} must not be negative")
        self.state: list[dict[str, Any]] = [{} for _ in self.parameters]
        self.initial_lr: float | None = None
        self.algorithm: str | None = None
        self.ran: str | None = None

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Change each parameter that has a gradient, in place.

        Raises
        ------
        ValueError
            if there is no algorithm of the name that was asked for
        """
        name = self._preferred() if self.algorithm is None else self.algorithm
        if name not in self.algorithms:
            cls = type(self)
            raise ValueError(f"algorithm={name!r}: {cls.__module__}.{cls.__name__} has {', '.join(self.algorithms)}")
        self.algorithms[name](self)
        self.ran = name

    def _preferred(self) -> str:
        """The name of the algorithm that is used when nobody asks for one."""
        return next(iter(self.algorithms))

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        """What to subtract from the parameter theta with gradient g; `state` is brought up to date."""
        raise NotImplementedError
