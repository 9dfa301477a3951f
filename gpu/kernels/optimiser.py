"""One step of SGD, Adam or AdamW by a kernel, for any number of parameters side by side: optimiser.cu has the picture.

The array code this replaces: scratch/optim. Who puts the parameters side by side: gpu/flat.py.
"""

from typing import Any

from gpu.declaration import Source
from gpu.runtime import blocks_for, launch
from scratch.array import Array

SOURCE = Source("optimiser.cu")
SGD = SOURCE.kernel(
    "sgd",
    "const T* g, T* theta, T* b, long long count, double lr, double momentum, double dampening, double weight_decay, "
    "bool nesterov, bool maximize, bool first",
    dict.fromkeys(["g", "theta", "b"], "count"),
    optional=["b"],
    updated=["theta", "b"],
)
ADAM = SOURCE.kernel(
    "adam",
    "const T* g, T* theta, T* m, T* v, T* largest, long long count, double lr, double root, double beta1, "
    "double beta2, double eps, double weight_decay, double shrink, bool maximize",
    dict.fromkeys(["g", "theta", "m", "v", "largest"], "count"),
    optional=["largest"],
    updated=["theta", "m", "v", "largest"],
)


def sgd(g: Array, theta: Array, b: Array | None, **settings: Any) -> None:
    """Change theta and b, flat arrays, in place.

    Parameters
    ----------
    g : the gradient
    b : the velocity, momentum_buffer; None without momentum
    settings : those of `scratch.optim.SGD`, and `first`, for a step that finds no velocity
    """
    if g.size:
        launch(SGD, blocks_for(g.size), g=g, theta=theta, b=b, count=g.size, **settings)


def adam(
    g: Array,
    theta: Array,
    m: Array,
    v: Array,
    largest: Array | None,
    t: int,
    lr: float,
    betas: tuple[float, float],
    weight_decay: float,
    decoupled: bool,
    **settings: Any,
) -> None:
    """Change theta, m, v and largest, flat arrays, in place.

    Parameters
    ----------
    g : the gradient
    m, v : the running means exp_avg and exp_avg_sq; zeros before the first step
    largest : the largest v so far, max_exp_avg_sq; None without amsgrad
    t : the number of this step, from 1
    decoupled : whether weight_decay shrinks theta, rather than enter the gradient
    lr, betas, weight_decay, settings : those of `scratch.optim.Adam`
    """
    beta1, beta2 = betas
    settings |= {"lr": lr / (1 - beta1**t), "root": (1 - beta2**t) ** 0.5, "beta1": beta1, "beta2": beta2}
    settings |= (
        {"weight_decay": 0.0, "shrink": lr * weight_decay}
        if decoupled
        else {"weight_decay": weight_decay, "shrink": 0.0}
    )
    if g.size:
        launch(ADAM, blocks_for(g.size), g=g, theta=theta, m=m, v=v, largest=largest, count=g.size, **settings)
