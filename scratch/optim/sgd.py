"""Gradient descent with momentum."""

from collections.abc import Iterable
from typing import Any

from scratch.array import Array
from scratch.module import Parameter
from scratch.number import number
from scratch.optim.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent with momentum: torch.optim.SGD.

        g  = dloss/dtheta + weight_decay * theta          (its sign turned first, with maximize)
        b  = momentum * b + (1 - dampening) * g           (the first b is g, undamped)
        theta = theta - lr * b                            (with nesterov: lr * (g + momentum * b))

    Parameters
    ----------
    params : the Parameters to change
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
        params: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(
                f"nesterov=True: Nesterov momentum requires a momentum and zero dampening (momentum={momentum}, "
                f"dampening={dampening})"
            )
        # A np.float64, from np.linspace perhaps, would make the state float64.
        self.lr, self.momentum, self.dampening = float(lr), float(momentum), number("dampening", dampening)
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
