"""The optimisers: what is done with the gradients. They work in place on the parameters of any namespace."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from scratch.array import Array, namespace_of
from scratch.module import Module, Parameter


def by_arrays(optimizer: "Optimizer") -> None:
    """Change one parameter after the other, with the formula on its whole array."""
    for parameter, state in zip(optimizer.parameters, optimizer.state, strict=True):
        if parameter.grad is not None:
            parameter.data -= optimizer._change(parameter.data, parameter.grad, state)  # noqa: SLF001 (this module's)


class Optimizer:
    """What both share: the parameters and the state that is kept for each between steps.

    Attributes
    ----------
    algorithms : the ways to do a step by name, the preferred one first; gpu.optim has another
    parameters : the parameters that `step` changes
    state : for each parameter a dict with torch's names ("momentum_buffer", "exp_avg", ...), empty before a step
    algorithm : the name of the algorithm to use; None leaves the choice to the namespace
    ran : the name of the algorithm that the latest step used
    """

    algorithms: ClassVar[Mapping[str, Callable[[Any], None]]] = MappingProxyType({"arrays": by_arrays})

    def __init__(self, parameters: Iterable[Parameter], **settings: float) -> None:
        if isinstance(parameters, Module | Parameter):
            raise TypeError(f"parameters is a {type(parameters).__name__}; pass model.parameters()")
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("parameters: optimizer got an empty parameter list")
        for parameter in self.parameters:
            if not isinstance(parameter, Parameter):
                raise TypeError(f"parameters: {type(parameter).__name__} is not a Parameter; pass model.parameters()")
        for name, value in settings.items():
            if not value >= 0:  # so NaN is refused, too
                raise ValueError(f"{name}={value!r} must not be negative")
        self.state: list[dict[str, Any]] = [{} for _ in self.parameters]
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
        name = next(iter(self.algorithms)) if self.algorithm is None else self.algorithm
        if name not in self.algorithms:
            cls = type(self)
            raise ValueError(f"algorithm={name!r}: {cls.__module__}.{cls.__name__} has {', '.join(self.algorithms)}")
        self.algorithms[name](self)
        self.ran = name

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        """What to subtract from the parameter theta with gradient g; `state` is brought up to date."""
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent with momentum: torch.optim.SGD.

        g  = dloss/dtheta + weight_decay * theta          (its sign turned first, with maximize)
        b  = momentum * b + (1 - dampening) * g           (the first b is g, undamped)
        theta = theta - lr * b                            (with nesterov: lr * (g + momentum * b))

    Parameters
    ----------
    parameters : the Parameters to change
    lr : learning rate, not negative
    momentum : how much of the last direction is kept; 0 keeps none
    dampening : how much less of the new gradient enters b
    weight_decay : pull towards 0
    nesterov : look ahead along b; needs momentum and no dampening
    maximize : climb rather than descend

    Examples
    --------
    >>> import numpy as np
    >>> theta = Parameter(np.array([1.0, -2.0]))
    >>> theta.accumulate(np.array([0.5, 0.5]))
    >>> SGD([theta], lr=0.1).step()
    >>> theta.data
    array([ 0.95, -2.05])
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(
                f"nesterov=True: Nesterov momentum requires a momentum and zero dampening (momentum={momentum}, "
                f"dampening={dampening})"
            )
        # A np.float64, from np.linspace perhaps, would make the state float64.
        self.lr, self.momentum, self.dampening = float(lr), float(momentum), float(dampening)
        self.weight_decay, self.nesterov, self.maximize = float(weight_decay), nesterov, maximize

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        if self.maximize:
            g = -g
        if self.weight_decay:
            g = g + self.weight_decay * theta
        if self.momentum:
            b = state.get("momentum_buffer")
            b = g.copy() if b is None else self.momentum * b + (1 - self.dampening) * g
            state["momentum_buffer"] = b
            g = g + self.momentum * b if self.nesterov else b
        return self.lr * g


class Adam(Optimizer):
    """Gradient descent with steps scaled by the gradients' own size: torch.optim.Adam.

        g = dloss/dtheta + weight_decay * theta
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        theta = theta - lr / (1 - beta1**t) * m / (sqrt(v) / sqrt(1 - beta2**t) + eps)          at step t = 1, 2, ...

    Parameters
    ----------
    parameters : the Parameters to change
    lr : learning rate, not negative
    betas : how much of the running means m and v is kept; each in 0 ... 1, without 1
    eps : keeps the quotient finite; outside the root, and added after the correction
    weight_decay : pull towards 0, as part of the gradient

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr=lr, eps=eps, weight_decay=weight_decay)
        if not isinstance(betas, tuple | list) or len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas={betas!r} must be two numbers, at least 0 and below 1")
        self.lr, self.betas = float(lr), (float(betas[0]), float(betas[1]))
        self.eps, self.weight_decay = float(eps), float(weight_decay)

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        beta1, beta2 = self.betas
        if self.weight_decay:
            g = g + self.weight_decay * theta
        t = state["step"] = state.get("step", 0) + 1
        m = state["exp_avg"] = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * g
        v = state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * (g * g)
        root = namespace_of(v).sqrt(v) / (1 - beta2**t) ** 0.5 + self.eps
        change: Array = self.lr / (1 - beta1**t) * (m / root)
        return change
