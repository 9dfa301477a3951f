# ruff: noqa: ANN001, ANN201, ANN204, D101, D102, D103, PLW2901  (as people write who learn)
"""Optimisers, each in another style.

SGD, Momentum, Adam, DictMomentum, ListAdam, OneArray, LayerSGD, sgd_momentum and adam are right. The others are made
from them, each with one error.
"""

import numpy as np


class SGD:
    """As torch's: over parameters with .data and .grad."""

    def __init__(self, params, lr=0.01, momentum=0.0, weight_decay=0.0):
        self.params, self.lr, self.momentum, self.weight_decay = list(params), lr, momentum, weight_decay
        self.velocities = [None] * len(self.params)

    def step(self):
        for i, p in enumerate(self.params):
            g = p.grad + self.weight_decay * p.data
            if self.momentum:
                v = self.velocities[i]
                g = self.velocities[i] = g if v is None else self.momentum * v + g
            p.data -= self.lr * g


class DampedFirst(SGD):
    """The first velocity is damped like the others."""

    def __init__(self, params, lr=0.01, momentum=0.0, dampening=0.0):
        super().__init__(params, lr, momentum)
        self.dampening = dampening
        self.velocities = [0.0] * len(self.params)

    def step(self):
        for i, p in enumerate(self.params):
            self.velocities[i] = self.momentum * self.velocities[i] + (1 - self.dampening) * p.grad
            p.data -= self.lr * (self.velocities[i] if self.momentum else p.grad)


class DictMomentum:
    """Dictionaries of arrays, changed in place."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(value) for key, value in params.items()}
        for key in params:
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


class OneVelocity(DictMomentum):
    """The same velocity for all parameters, which they take turns to change."""

    def update(self, params, grads):
        self.v = 0.0 if self.v is None else self.v
        for key in params:
            self.v = self.momentum * self.v - self.lr * grads[key].mean()
            params[key] += self.v


class ListAdam:
    """Lists of arrays; it returns new ones."""

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.lr, self.b1, self.b2, self.eps, self.t = learning_rate, beta1, beta2, epsilon, 0

    def step(self, params, grads):
        if self.t == 0:
            self.m, self.v = [0.0] * len(params), [0.0] * len(params)
        self.t += 1
        return [self.one(i, p, g) for i, (p, g) in enumerate(zip(params, grads))]  # noqa: B905

    def one(self, i, p, g):
        self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * g
        self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g**2
        return p - self.lr * self.change(self.m[i], self.v[i])

    def change(self, m, v):
        return m / (1 - self.b1**self.t) / (np.sqrt(v / (1 - self.b2**self.t)) + self.eps)


class WithoutCorrection(ListAdam):
    def change(self, m, v):
        return m / (np.sqrt(v) + self.eps)


class EpsInsideTheRoot(ListAdam):
    def change(self, m, v):
        return m / (1 - self.b1**self.t) / np.sqrt(v / (1 - self.b2**self.t) + self.eps)


class OneArray:
    """One array with its gradient; the new one is returned."""

    def __init__(self, learning_rate=0.01, momentum=0):
        self.learning_rate, self.momentum, self.velocity = learning_rate, momentum, None

    def update(self, w, grad_wrt_w):
        if self.velocity is None:
            self.velocity = np.zeros_like(w)
        self.velocity = self.momentum * self.velocity + grad_wrt_w
        return w - self.learning_rate * self.velocity


class Uphill(OneArray):
    def update(self, w, grad_wrt_w):
        return 2 * w - super().update(w, grad_wrt_w)


class LayerSGD:
    """A layer with .weights and .dweights; what it remembers it keeps there."""

    def __init__(self, learning_rate=1.0, momentum=0.0):
        self.learning_rate, self.momentum = learning_rate, momentum

    def pre_update_params(self):
        self.current = self.learning_rate

    def update_params(self, layer):
        for name in ("weights", "biases"):
            before = getattr(layer, f"{name}_momentum", 0.0)
            change = self.momentum * before - self.current * getattr(layer, f"d{name}")
            setattr(layer, f"{name}_momentum", change)
            setattr(layer, name, getattr(layer, name) + change)


class HoldsArrays:
    """The arrays go into the constructor, their gradients into step."""

    def __init__(self, parameters, lr):
        self.parameters, self.lr = parameters, lr

    def step(self, gradients):
        for w, g in zip(self.parameters, gradients):  # noqa: B905
            w -= self.lr * g


class Adam:
    """Over parameters; betas as a pair."""

    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.parameters, self.lr, self.betas, self.eps, self.t = list(parameters), lr, betas, eps, 0
        self.m = [np.zeros_like(p.data) for p in self.parameters]
        self.v = [np.zeros_like(p.data) for p in self.parameters]

    def step(self):
        self.t += 1
        (b1, b2), t = self.betas, self.t
        for p, m, v in zip(self.parameters, self.m, self.v):  # noqa: B905
            m[...] = b1 * m + (1 - b1) * p.grad
            v[...] = b2 * v + (1 - b2) * p.grad * p.grad
            rate = self.lr * np.sqrt(1 - b2**t) / (1 - b1**t)
            p.data -= (rate * m / (np.sqrt(v) + self.eps * np.sqrt(1 - b2**t))).astype(p.data.dtype)


class EpsBeforeCorrection(Adam):
    """Kingma and Ba's own shortcut, which moves eps."""

    def step(self):
        eps = self.eps
        self.eps = eps / np.sqrt(1 - self.betas[1] ** (self.t + 1))
        super().step()
        self.eps = eps


def sgd_momentum(w, dw, config=None):
    """The state is in the dictionary of options."""
    config = {} if config is None else config
    v = config.get("momentum", 0.9) * config.get("velocity", np.zeros_like(w)) - config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config


def adam(w, dw, config):
    t = config["t"] = config.get("t", 0) + 1
    beta1, beta2 = config["beta1"], config["beta2"]
    m = config["m"] = beta1 * config.get("m", 0) + (1 - beta1) * dw
    v = config["v"] = beta2 * config.get("v", 0) + (1 - beta2) * dw**2
    corrected = np.sqrt(v / (1 - beta2**t)) + config["epsilon"]
    return w - config["learning_rate"] * m / (1 - beta1**t) / corrected, config
