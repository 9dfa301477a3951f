"""Adam, and AdamW, which pulls towards 0 beside the gradient."""

from collections.abc import Iterable
from typing import Any

from scratch.array import Array, namespace_of
from scratch.module import Parameter
from scratch.number import number
from scratch.optim.optimizer import Optimizer


class Adam(Optimizer):
    """Gradient descent with steps scaled by the gradients' own size: torch.optim.Adam.

        g = dloss/dtheta + weight_decay * theta          (its sign turned first, with maximize)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2               (with amsgrad, the largest v so far in the quotient)
        theta = theta - lr / (1 - beta1**t) * m / (sqrt(v) / sqrt(1 - beta2**t) + eps)          at step t = 1, 2, ...

    With decoupled_weight_decay, g is the gradient alone, and theta shrinks by lr * weight_decay * theta beside it.

    Parameters
    ----------
    params : the Parameters to change
    lr : learning rate, not negative
    betas : how much of the running means m and v is kept; each in 0 ... 1, without 1
    eps : keeps the quotient finite; outside the root, and added after the correction
    weight_decay : pull towards 0, as part of the gradient
    amsgrad : divide by the largest v of all steps, so that steps never grow again
    maximize : climb rather than descend
    decoupled_weight_decay : pull towards 0 beside the gradient, as AdamW does

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015; amsgrad: Reddi, Kale and Kumar, "On the
    convergence of Adam and beyond", 2018.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, eps=eps, weight_decay=weight_decay)
        pair = isinstance(betas, tuple | list) and len(betas) == 2
        if not pair or not all(0 <= number("betas", beta) < 1 for beta in betas):
            raise ValueError(f"betas={betas!r} must be two numbers, at least 0 and below 1")
        self.lr, self.betas = float(lr), (float(betas[0]), float(betas[1]))
        self.eps, self.weight_decay = float(eps), float(weight_decay)
        self.amsgrad, self.maximize, self.decoupled_weight_decay = amsgrad, maximize, decoupled_weight_decay

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        xp, (beta1, beta2) = namespace_of(theta), self.betas
        if self.maximize:
            g = -g
        if self.weight_decay and not self.decoupled_weight_decay:
            g = g + self.weight_decay * theta
        t = state["step"] = state.get("step", 0) + 1
        m = state["exp_avg"] = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * g
        v = state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * (g * g)
        if self.amsgrad:
            v = state["max_exp_avg_sq"] = xp.maximum(state.get("max_exp_avg_sq", v), v)
        root = xp.sqrt(v) / (1 - beta2**t) ** 0.5 + self.eps
        change: Array = self.lr / (1 - beta1**t) * (m / root)
        if self.weight_decay and self.decoupled_weight_decay:
            change += self.lr * self.weight_decay * theta
        return change


class AdamW(Adam):
    """Adam whose pull towards 0 does not go through its means: torch.optim.AdamW.

        theta = theta - lr * weight_decay * theta - Adam's step with the gradient alone

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, maximize : as `Adam`
    weight_decay : how much of theta goes away in a step of lr 1

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.

    Examples
    --------
    >>> import numpy as np
    >>> theta = Parameter(np.array([1.0, -2.0]))
    >>> theta.accumulate(np.array([0.0, 0.0]))
    >>> AdamW([theta], lr=0.1, weight_decay=0.5).step()
    >>> theta.data
    array([ 0.95, -1.9 ])
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)
