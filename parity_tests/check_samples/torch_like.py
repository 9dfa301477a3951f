# ruff: noqa: ANN001, ANN201, ANN204, D101, D102  (as people write who learn)
"""Layers with torch's names and arguments, as far as they go. All are right."""

import numpy as np


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = None


class LoopConv2d:
    """Loops over the windows, in float64 whatever comes in."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.k = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        self.s = stride if isinstance(stride, tuple) else (stride, stride)
        self.p = padding if isinstance(padding, tuple) else (padding, padding)
        self.weight = Parameter(np.zeros((out_channels, in_channels, *self.k)))
        self.bias = Parameter(np.zeros(out_channels))

    def windows(self, shape):
        for i in range(shape[2]):
            for j in range(shape[3]):
                top, left = i * self.s[0], j * self.s[1]
                yield i, j, (..., slice(top, top + self.k[0]), slice(left, left + self.k[1]))

    def __call__(self, x):
        (pH, pW), (sH, sW), (kH, kW) = self.p, self.s, self.k
        self.padded = np.pad(x.astype(float), ((0, 0), (0, 0), (pH, pH), (pW, pW)))
        n, _, height, width = self.padded.shape
        y = np.zeros((n, len(self.weight.data), (height - kH) // sH + 1, (width - kW) // sW + 1))
        for i, j, window in self.windows(y.shape):
            y[:, :, i, j] = np.tensordot(self.padded[window], self.weight.data, ((1, 2, 3), (1, 2, 3))) + self.bias.data
        return y

    def backward(self, dy):
        dpadded = np.zeros_like(self.padded)
        self.weight.grad = np.zeros_like(self.weight.data)
        self.bias.grad = dy.sum(axis=(0, 2, 3), dtype=float)
        for i, j, window in self.windows(dy.shape):
            self.weight.grad += np.tensordot(dy[:, :, i, j], self.padded[window], (0, 0))
            dpadded[window] += np.tensordot(dy[:, :, i, j], self.weight.data, 1)
        (pH, pW), (height, width) = self.p, dpadded.shape[2:]
        return dpadded[:, :, pH : height - pH, pW : width - pW]


class MatrixConv2d:
    """A matrix product of all patches; weights are plain arrays, and gradients lie beside them."""

    def __init__(self, in_channels, out_channels, kernel_size, bias=True, dtype=np.float32):
        kH, kW = self.k = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.weight = np.zeros((out_channels, in_channels, kH, kW), dtype)
        self.bias = np.zeros(out_channels, dtype) if bias else None

    def forward(self, x):
        self.x = x
        self.columns = np.lib.stride_tricks.sliding_window_view(x, self.k, (2, 3))  # n c i j u v
        y = np.einsum("ncijuv,ocuv->noij", self.columns, self.weight, optimize=True)
        return y if self.bias is None else y + self.bias[:, None, None]

    def backward(self, dy):
        self.dweight = np.einsum("ncijuv,noij->ocuv", self.columns, dy, optimize=True)
        if self.bias is not None:
            self.dbias = dy.sum(axis=(0, 2, 3))
        dx = np.zeros_like(self.x)
        for u, v in np.ndindex(self.k):
            dx[:, :, u : u + dy.shape[2], v : v + dy.shape[3]] += np.einsum(
                "noij,oc->ncij", dy, self.weight[:, :, u, v]
            )
        return dx


class Linear:
    def __init__(self, in_features, out_features):
        self.weight = Parameter(np.zeros((out_features, in_features)))
        self.bias = Parameter(np.zeros(out_features))

    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, dy):
        self.weight.grad = dy.reshape(-1, dy.shape[-1]).T @ self.x.reshape(-1, self.x.shape[-1])
        self.bias.grad = dy.reshape(-1, dy.shape[-1]).sum(axis=0)
        return dy @ self.weight.data


class MaxPool2d:
    """The first maximum of a window gets the gradient, and a NaN counts as the largest."""

    def __init__(self, kernel_size, stride=None):
        self.k = kernel_size
        self.s = stride or kernel_size

    def forward(self, x):
        self.shape = x.shape
        n, c, height, width = x.shape
        y = np.zeros((n, c, (height - self.k) // self.s + 1, (width - self.k) // self.s + 1), x.dtype)
        self.where = {}
        for at in np.ndindex(y.shape):
            top, left = at[2] * self.s, at[3] * self.s
            best = None
            for i in range(top, top + self.k):
                for j in range(left, left + self.k):
                    value = x[at[0], at[1], i, j]
                    if best is None or value > y[at] or np.isnan(value):
                        best, y[at] = (at[0], at[1], i, j), value
            self.where[at] = best
        return y

    def backward(self, dy):
        dx = np.zeros(self.shape, dy.dtype)
        for at, best in self.where.items():
            dx[best] += dy[at]
        return dx


class BatchNorm2d:
    """With its own name of what it keeps."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        self.n = x.size // x.shape[1]
        mean, var = self.running_mean, self.running_var
        if self.training and self.n:
            mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            unbiased = var * self.n / (self.n - 1)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        self.s = np.sqrt(var + self.eps)[:, None, None]
        self.z = (x - mean[:, None, None]) / self.s
        return self.z * self.gamma[:, None, None] + self.beta[:, None, None]

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.z).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))
        dz = dy * self.gamma[:, None, None]
        if self.training and self.n:
            through_mean = dz.mean(axis=(0, 2, 3), keepdims=True)
            dz = dz - through_mean - self.z * (dz * self.z).mean(axis=(0, 2, 3), keepdims=True)
        return dz / self.s
