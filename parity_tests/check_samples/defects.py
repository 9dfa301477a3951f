# ruff: noqa: ANN001, ANN201, ANN204, D101, D102  (as people write who learn)
"""Layers with one defect each, in torch's style or in the tutorial's."""

import numpy as np


class Conv2d:
    """Right; the others in torch's style are made from it."""

    def __init__(self, in_channels, out_channels, kernel_size):
        self.k = kernel_size
        self.weight = np.zeros((out_channels, in_channels, kernel_size, kernel_size))
        self.bias = np.zeros(out_channels)

    def forward(self, x):
        self.x = x
        self.patches = np.lib.stride_tricks.sliding_window_view(x, (self.k, self.k), (2, 3))
        return np.einsum("ncijuv,ocuv->noij", self.patches, self.kernel()) + self.bias[:, None, None]

    def kernel(self):
        return self.weight

    def backward(self, dy):
        self.dweight = np.einsum("ncijuv,noij->ocuv", self.patches, dy)
        self.dbias = dy.sum(axis=(0, 2, 3))
        dx = np.zeros(self.x.shape)
        for u in range(self.k):
            for v in range(self.k):
                part = np.einsum("noij,oc->ncij", dy, self.kernel()[:, :, u, v])
                dx[:, :, u : u + dy.shape[2], v : v + dy.shape[3]] += part
        return dx


class FlippedKernel(Conv2d):
    def kernel(self):
        return self.weight[:, :, ::-1, ::-1]


class NoBiasGradient(Conv2d):
    def backward(self, dy):
        dx = super().backward(dy)
        del self.dbias
        return dx


class IgnoresUpstream(Conv2d):
    def backward(self, dy):
        return super().backward(np.ones_like(dy))


class FewDigits(Conv2d):
    """Three units in the last place of float32 too large."""

    def forward(self, x):
        y = super().forward(x)
        return np.where(y == y.round(), y, y * (1 + 3 * 2.0**-23)).astype(x.dtype)


class NotANumber(Conv2d):
    def forward(self, x):
        y = super().forward(x)
        y[0, 0, 0, 0] = np.nan
        return y


class WrongShape(Conv2d):
    def forward(self, x):
        return super().forward(x)[:, :, :-1]


class ReturnsNone(Conv2d):
    def backward(self, dy):
        super().backward(dy)


class ReturnsList(Conv2d):
    def forward(self, x):
        return super().forward(x).tolist()


class ReturnsObjects(Conv2d):
    def forward(self, x):
        return super().forward(x).astype(object)


class WritesOnInputs(Conv2d):
    """No disagreement, but a remark."""

    def backward(self, dy):
        dx = super().backward(dy)
        dy *= 0
        return dx


class InOutLinear:
    """The weight is (in, out), which is a matter of taste: every number is right."""

    def __init__(self, in_features, out_features):
        self.weight = np.zeros((in_features, out_features))
        self.bias = np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, dy):
        self.dweight = self.x.reshape(-1, self.x.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])
        self.dbias = dy.reshape(-1, dy.shape[-1]).sum(axis=0)
        return dy @ self.weight.T


class OneFormat:
    """Right in float32, which it makes of everything."""

    def __init__(self, in_features, out_features):
        self.weight = np.zeros((out_features, in_features), np.float32)
        self.bias = np.zeros(out_features, np.float32)

    def forward(self, x):
        self.x = x.astype(np.float32)
        return self.x @ self.weight.T + self.bias

    def backward(self, dy):
        dy = dy.astype(np.float32)
        rows = dy.reshape(-1, dy.shape[-1])
        self.dweight, self.dbias = rows.T @ self.x.reshape(-1, self.x.shape[-1]), rows.sum(axis=0)
        return dy @ self.weight


class ForwardOnly:
    """Right, as far as it goes."""

    def __init__(self, in_features, out_features):
        self.weight, self.bias = np.zeros((out_features, in_features)), np.zeros(out_features)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class NoBias:
    """Right for what it is."""

    def __init__(self, in_features, out_features):
        self.weight = np.zeros((out_features, in_features))

    def forward(self, x):
        self.x = x
        return x @ self.weight.T

    def backward(self, dy):
        self.dweight = dy.reshape(-1, dy.shape[-1]).T @ self.x.reshape(-1, self.x.shape[-1])
        return dy @ self.weight


class Dense:
    """Right, in the tutorial's style, for a batch; the next ones are made from it."""

    def __init__(self, input_size, output_size, use_bias=True):
        self.W = np.zeros((input_size, output_size))
        self.b = np.zeros((1, output_size))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d_out, lr=0.01):
        d_x = d_out @ self.W.T
        self.update(d_out, lr)
        return d_x

    def update(self, d_out, lr):
        self.W -= lr * (self.x.T @ d_out)
        self.b = self.b - lr * d_out.sum(axis=0)


class UpdatesFirst(Dense):
    def backward(self, d_out, lr=0.01):
        self.update(d_out, lr)
        return d_out @ self.W.T


class ForgetsBias(Dense):
    def update(self, d_out, lr):
        self.W -= lr * (self.x.T @ d_out)


class WrongWay(Dense):
    def update(self, d_out, lr):
        super().update(d_out, -lr)


class WholeGradientPool:
    """Averages, and gives every cell the whole gradient."""

    def __init__(self, pool_size, stride=2):
        self.k, self.s = pool_size, stride

    def forward(self, x):
        self.shape = x.shape
        views = np.lib.stride_tricks.sliding_window_view(x, (self.k, self.k), (2, 3))[:, :, :: self.s, :: self.s]
        return views.mean(axis=(4, 5))

    def backward(self, d_out):
        dx = np.zeros(self.shape)
        for i in range(d_out.shape[2]):
            for j in range(d_out.shape[3]):
                top, left = i * self.s, j * self.s
                dx[:, :, top : top + self.k, left : left + self.k] += d_out[:, :, i : i + 1, j : j + 1]
        return dx
