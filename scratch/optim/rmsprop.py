"""RMSprop."""

from collections.abc import Iterable
from typing import Any

from scratch.array import Array, namespace_of
from scratch.module import Parameter
from scratch.optim.optimizer import Optimizer


class RMSprop(Optimizer):
    """Gradient descent with each number divided by its recent size: torch.optim.RMSprop.

        g = dloss/dtheta + weight_decay * theta            (its sign turned first, with maximize)
        v = alpha * v + (1 - alpha) * g**2
        r = sqrt(v) + eps                                  (centered: sqrt(v - a**2) + eps, a the mean of g likewise)
        b = momentum * b + g / r
        theta = theta - lr * b

    Parameters
    ----------
    params : the Parameters to change
    lr : learning rate, not negative
    alpha : how much of the running mean v is kept, not negative
    eps : keeps the quotient finite; outside the root
    weight_decay : pull towards 0, as part of the gradient
    momentum : how much of the last direction is kept; 0 keeps none
    centered : divide by the standard deviation, rather than by the root of the mean square
    maximize : climb rather than descend

    Source: Tieleman and Hinton, "Lecture 6.5: rmsprop", 2012; centered: Graves, "Generating sequences with recurrent
    neural networks", 2013.

    Examples
    --------
    >>> import numpy as np
    >>> theta = Parameter(np.array([1.0, -2.0]))
    >>> theta.accumulate(np.array([0.5, 50.0]))
    >>> RMSprop([theta], lr=0.1, alpha=0.75, eps=0.0).step()  # steps of one size: 0.1 / sqrt(1 - 0.75)
    >>> theta.data
    array([ 0.8, -2.2])
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)
        self.lr, self.alpha, self.eps = float(lr), float(alpha), float(eps)
        self.weight_decay, self.momentum = float(weight_decay), float(momentum)
        self.centered, self.maximize = centered, maximize

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        xp, alpha = namespace_of(theta), self.alpha
        if self.maximize:
            g = -g
        if self.weight_decay:
            g = g + self.weight_decay * theta
        state["step"] = state.get("step", 0) + 1
        v = state["square_avg"] = alpha * state.get("square_avg", 0.0) + (1 - alpha) * (g * g)
        if self.centered:
            a = state["grad_avg"] = alpha * state.get("grad_avg", 0.0) + (1 - alpha) * g
            v = v - a * a
        b = g / (xp.sqrt(v) + self.eps)
        if self.momentum:
            b = state["momentum_buffer"] = self.momentum * state.get("momentum_buffer", 0.0) + b
        change: Array = self.lr * b
        return change
