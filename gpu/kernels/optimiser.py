"""One step of SGD or Adam by a kernel, for any number of parameters side by side: optimiser.cu has the picture.

The array code this replaces: scratch/optim.py. Who puts the parameters side by side: gpu/flat.py.
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
    "const T* g, T* theta, T* m, T* v, long long count, double lr, double root, double beta1, double beta2, "
    "double eps, double weight_decay",
    dict.fromkeys(["g", "theta", "m", "v"], "count"),
    updated=["theta", "m", "v"],
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
    g: Array, theta: Array, m: Array, v: Array, t: int, lr: float, betas: tuple[float, float], **settings: Any
) -> None:
    """Change theta, m and v, flat arrays, in place.

    Parameters
    ----------
    g : the gradient
    m, v : the running means exp_avg and exp_avg_sq; zeros before the first step
    t : the number of this step, from 1
    lr, betas, settings : those of `scratch.optim.Adam`
    """
    beta1, beta2 = betas
    settings |= {"lr": lr / (1 - beta1**t), "root": (1 - beta2**t) ** 0.5, "beta1": beta1, "beta2": beta2}
    if g.size:
        launch(ADAM, blocks_for(g.size), g=g, theta=theta, m=m, v=v, count=g.size, **settings)
