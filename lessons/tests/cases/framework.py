"""What the lesson "To the framework" is tried with."""

import numpy as np

from lessons.exercises import framework


def plain(theta, gradients, lr, momentum):
    """No momentum."""
    return theta - lr * gradients.sum(axis=0)


def nesterov(*given):
    """Looks ahead."""
    return framework.layer_momentum(*given, nesterov=True)


def damped_later(theta, gradients, lr, momentum):
    """torch's own option."""
    return framework.layer_momentum(theta, gradients, lr, momentum, dampening=momentum)


def kept(mean, var, x, momentum, of=1, ddof=1, power=1):
    """Running statistics, in many ways."""
    new = np.array([x.mean(axis=0), x.var(axis=0, ddof=ddof) ** power])
    share = momentum if of else 1 - momentum
    return (1 - share) * np.array([mean, var]) + share * new


def mixed(weight, C, H, W):
    """The order of the axes is exchanged."""
    return weight.reshape(C, H, W, -1).transpose(3, 1, 2, 0).reshape(weight.shape[1], -1)


ANSWERS = {
    "answer_1": (1.001, 0.999),
    "my_momentum": (framework.my_momentum, plain),
    "my_running": (framework.my_running, lambda mean, var, x, momentum: np.array([mean, var])),
    "my_dense": (framework.my_dense, lambda weight, C, H, W: weight),
}

VALUES = [framework.on_paper]
FUNCTIONS = [framework.momentum, framework.running, framework.dense]

RIGHT = [
    (framework.on_paper, 1.001),
    (framework.momentum, framework.my_momentum),
    (framework.running, framework.my_running),
    (framework.running, kept),
    (framework.dense, framework.my_dense),
]

WRONG = [
    (framework.on_paper, 1.05, "what SGD does"),
    (framework.on_paper, 0.999, "against the gradient"),
    (framework.on_paper, 1.003162, "both are corrected"),
    (framework.on_paper, 1.0001, "m, too"),
    (framework.on_paper, 1.031623, "v, too"),
    (framework.on_paper, 0.001, "This is the step"),
    (framework.on_paper, 7, "Write down m and v"),
    (framework.momentum, plain, "without momentum"),
    (framework.momentum, framework.damped, "by 1 - momentum"),
    (framework.momentum, damped_later, "from the second step on"),
    (framework.momentum, nesterov, "Nesterov"),
    (framework.momentum, lambda theta, g, lr, m: 2 * theta - framework.my_momentum(theta, g, lr, m), "sign"),
    (framework.momentum, lambda theta, g, lr, m: theta - lr * g[0], "Only the first"),
    (framework.momentum, lambda theta, g, lr, m: theta, "cell (0,) must be"),
    (framework.running, lambda *given: kept(*given, ddof=0), "divided by N."),
    (framework.running, lambda *given: kept(*given, of=0), "not of the old"),
    (framework.running, lambda *given: kept(*given, of=0, ddof=0), "and divide by N - 1"),
    (framework.running, lambda mean, var, x, m: kept(mean, var, x, 1), "this batch alone"),
    (framework.running, lambda *given: kept(*given, power=0.5), "standard deviation"),
    (framework.running, lambda mean, *_: mean, "the shape must be (2, 2); yours is (2,)"),
    (framework.dense, lambda weight, *_: weight.T, "still in the order"),
    (framework.dense, lambda weight, *_: weight.reshape(weight.shape[1], -1), "does not turn"),
    (framework.dense, lambda *given: framework.my_dense(*given).T, "turn it"),
    (framework.dense, mixed, "The other way round"),
    (
        framework.dense,
        lambda weight, C, H, W: weight.reshape(H, W, C, -1).transpose(3, 2, 1, 0).reshape(weight.shape[1], -1),
        "H and W are exchanged",
    ),
    (framework.dense, lambda weight, *_: 0 * weight.T, "cell (0, 0) must be"),
]

SOLUTIONS = [
    (framework.momentum, framework.my_momentum),
    (framework.running, framework.my_running),
    (framework.dense, framework.my_dense),
]

LIVE = [
    {"dtype": "float64", "moved": 0, "optimiser": "SGD", "schedule": "none", "batch": 1},
    {"moved": 5, "optimiser": "SGD with momentum", "schedule": "StepLR", "batch": 256},
    {"optimiser": "SGD with Nesterov momentum", "schedule": "LinearLR"},
    {"optimiser": "RMSprop", "schedule": "CosineAnnealingLR"},
    {"optimiser": "AdamW", "schedule": "StepLR"},
]
