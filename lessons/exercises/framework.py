"""The exercises of the lesson "To the framework": checks with hints, and solutions."""

from collections.abc import Callable
from typing import Any

import numpy as np

import scratch
from lessons.exercises.answers import Hint, called, compare, number
from lessons.pieces import Verdict, right, wrong
from scratch.array import HostArray
from scratch.module import Parameter

THETA, GRADIENT, RATE = 1.0, -50.0, 0.001
"""On paper: a parameter, its gradient, and the rate of Adam."""


def after_a_step(optim: Any, gradient: float) -> float:
    """The parameter after one step of an optimiser of the library."""
    theta = Parameter(np.array([THETA]))
    theta.grad = np.array([gradient])
    optim([theta], lr=RATE).step()
    return float(theta.data[0])


def on_paper(answer: Any) -> Verdict:
    """The parameter after the first step of Adam, computed on paper."""
    try:
        value = number(answer)
    except Hint as hint:
        return hint.verdict
    wanted = after_a_step(scratch.optim.Adam, GRADIENT)
    if np.isclose(value, wanted, rtol=0, atol=1e-8):
        return right("m is g, v is g squared, so the first step is as long as the rate, whatever the gradient.")
    m, v = 0.1 * GRADIENT, 0.001 * GRADIENT**2
    hints = [
        (after_a_step(scratch.optim.SGD, GRADIENT), "This is what SGD does. Adam divides by the root of v."),
        (after_a_step(scratch.optim.Adam, -GRADIENT), "The sign is wrong: a step goes against the gradient."),
        (THETA - RATE * m / np.sqrt(v), "m and v are too small at first; both are corrected by 1 - beta**t."),
        (THETA - RATE * m / np.sqrt(v / 0.001), "m, too, is corrected: divide it by 1 - beta1."),
        (THETA - RATE * m / 0.1 / np.sqrt(v), "v, too, is corrected: divide it by 1 - beta2."),
        (wanted - THETA, "This is the step. Where is theta after it?"),
    ]
    for mistake, words in hints:
        if np.isclose(value, mistake, rtol=0, atol=5e-7):
            return wrong(words)
    return wrong("Write down m and v after the first step, correct both, and put them into the last line.")


def layer_momentum(
    theta: HostArray, gradients: HostArray, lr: float, momentum: float, nesterov: bool = False, dampening: float = 0.0
) -> HostArray:
    """What the optimiser of the library makes of theta."""
    parameter = Parameter(theta.copy())
    optimizer = scratch.optim.SGD([parameter], lr, momentum, dampening, nesterov=nesterov)
    for g in gradients:
        parameter.grad = g
        optimizer.step()
    return parameter.data


def damped(theta: HostArray, gradients: HostArray, lr: float, momentum: float) -> HostArray:
    """The mistake of a running mean in place of a sum: the first direction is damped as well."""
    b = np.zeros_like(theta)
    for g in gradients:
        b = momentum * b + (1 - momentum) * g
        theta = theta - lr * b
    return theta


def momentum(function: Callable[..., Any]) -> Verdict:
    """Check a function (theta, gradients, lr, momentum) that does a step for each gradient, as torch.optim.SGD."""
    draw = np.random.default_rng(0)
    try:
        for steps, size, rate, kept in ((2, 3, 0.1, 0.5), (7, 2, 0.02, 0.9)):
            given = draw.standard_normal(size), draw.standard_normal((steps, size)), rate, kept
            theta, gradients, *_ = given
            mistakes = [
                (theta - rate * gradients.sum(axis=0), "This is SGD without momentum: b keeps a part of the last b."),
                (damped(*given), "The gradient is damped by 1 - momentum. In torch all of it enters b."),
                (layer_momentum(*given, dampening=kept), "The gradient is damped from the second step on."),
                (layer_momentum(*given, nesterov=True), "This is Nesterov's: it looks ahead. Subtract `lr * b`."),
                (2 * theta - layer_momentum(*given), "The sign is wrong: a step goes against b."),
                (layer_momentum(theta, gradients[:1], rate, kept), "Only the first step is done."),
            ]
            compare(called(function, *given), layer_momentum(*given), given, mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It goes where torch.optim.SGD and scratch.optim.SGD go.")


def layer_running(mean: HostArray, var: HostArray, x: HostArray, momentum: float) -> HostArray:
    """What the layer of the library keeps after this batch: mean and variance, (2, C)."""
    layer = scratch.BatchNorm2d(len(mean), momentum=momentum, dtype=np.float64)
    layer.load_state_dict({**layer.state_dict(), "running_mean": mean, "running_var": var})
    layer(x[:, :, None, None])
    state = layer.state_dict()
    return np.array([state["running_mean"], state["running_var"]])


def running(function: Callable[..., Any]) -> Verdict:
    """Check a function (mean, var, x, momentum) that returns both running statistics after a batch, as torch."""
    draw = np.random.default_rng(0)
    try:
        for N, C, share in ((4, 2, 0.1), (5, 3, 0.25)):
            mean, var, x = draw.standard_normal(C), draw.random(C) + 1, draw.standard_normal((N, C))
            given = mean, var, x, share
            old, biased = np.array([mean, var]), np.array([x.mean(axis=0), x.var(axis=0)])
            unbiased = np.array([x.mean(axis=0), x.var(axis=0, ddof=1)])
            mistakes = [
                (share * biased + (1 - share) * old, "The variance is divided by N. What is kept is divided by N - 1."),
                (share * old + (1 - share) * unbiased, "Momentum is the part of the new batch here, not of the old."),
                (share * old + (1 - share) * biased, "Momentum is the part of the new batch; and divide by N - 1."),
                (unbiased, "These are the numbers of this batch alone. Only a part of them enters."),
                (
                    share * np.array([x.mean(axis=0), x.std(axis=0, ddof=1)]) + (1 - share) * old,
                    "This is the standard deviation. The variance is kept.",
                ),
            ]
            compare(called(function, *given), layer_running(*given), given, mistakes)
    except Hint as hint:
        return hint.verdict
    return right("It keeps what torch.nn.BatchNorm2d and scratch.BatchNorm2d keep.")


def dense(function: Callable[..., Any]) -> Verdict:
    """Check a function (weight, C, H, W) that turns the weight (H * W * C, out) into torch's (out, C * H * W)."""
    draw = np.random.default_rng(0).standard_normal
    try:
        for C, H, W, out in ((2, 2, 3, 2), (3, 2, 2, 5)):
            images = draw((4, C, H, W))
            weight = draw((H * W * C, out))
            given = weight, C, H, W
            expected = my_dense(*given)
            # Whoever is right gives the same numbers for the same pictures.
            scores = images.transpose(0, 2, 3, 1).reshape(4, -1) @ weight
            assert np.allclose(images.reshape(4, -1) @ expected.T, scores)
            cells = weight.reshape(H, W, C, out)
            mistakes = [
                (weight.T, "Turned, but its columns are still in the order H, W, C. torch flattens C, H, W."),
                (weight.reshape(out, -1), "`reshape` does not turn an array. Rows and columns must change places."),
                (expected.T, "The order is right. torch keeps the weight as (out, in): turn it."),
                (
                    weight.reshape(C, H, W, out).transpose(3, 1, 2, 0).reshape(out, -1),
                    "The other way round: the rows come in the order H, W, C, and must go into C, H, W.",
                ),
                (
                    cells.transpose(3, 2, 1, 0).reshape(out, -1),
                    "H and W are exchanged. The order of torch is C, H, W.",
                ),
            ]
            compare(called(function, *given), expected, (weight,), mistakes)
    except Hint as hint:
        return hint.verdict
    return right("Both layers give the same numbers for the same pictures.")


def my_momentum(theta: HostArray, gradients: HostArray, lr: float, momentum: float) -> HostArray:
    """The solution of the second exercise."""
    b = np.zeros_like(theta)
    for g in gradients:
        b = momentum * b + g
        theta = theta - lr * b
    return theta


def my_running(mean: HostArray, var: HostArray, x: HostArray, momentum: float) -> HostArray:
    """The solution of the third exercise."""
    new_mean = (1 - momentum) * mean + momentum * x.mean(axis=0)
    new_var = (1 - momentum) * var + momentum * x.var(axis=0, ddof=1)
    return np.array([new_mean, new_var])


def my_dense(weight: HostArray, C: int, H: int, W: int) -> HostArray:
    """The solution of the fourth exercise."""
    out = weight.shape[1]
    return weight.reshape(H, W, C, out).transpose(3, 2, 0, 1).reshape(out, C * H * W)
