# ruff: noqa: ANN001, ANN201, ANN204, D102  (as people write who learn)
"""Layers that arrange their arrays in their own ways, or compute in their own. All are right but for the last."""

import numpy as np


class ChannelsLast:
    """x (N, H, W, C), the weight (kH, kW, C, channels out)."""

    def __init__(self, filters, kernel_size, input_channels):
        self.k = kernel_size
        self.W, self.b = np.zeros((kernel_size, kernel_size, input_channels, filters)), np.zeros(filters)

    def forward(self, x):
        self.x = x
        self.views = np.lib.stride_tricks.sliding_window_view(x, (self.k, self.k), (1, 2))  # n i j c u v
        return np.einsum("nijcuv,uvco->nijo", self.views, self.W) + self.b

    def backward(self, dout):
        self.dW, self.db = np.einsum("nijcuv,nijo->uvco", self.views, dout), dout.sum(axis=(0, 1, 2))
        dx = np.zeros(self.x.shape)
        for u, v in np.ndindex(self.k, self.k):
            dx[:, u : u + dout.shape[1], v : v + dout.shape[2]] += dout @ self.W[u, v].T
        return dx


class ChannelsLastInside:
    """x as in torch; what is computed has the channels last, and the bias is one more input."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.k, self.s, self.p = kernel_size, stride, padding
        self.weight = np.zeros((out_channels, in_channels, kernel_size, kernel_size))
        self.bias = np.zeros(out_channels)

    def forward(self, x):
        self.shape, (_, _, H, W) = x.shape, x.shape
        p, k, s = self.p, self.k, self.s
        padded = np.ascontiguousarray(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))).transpose(0, 2, 3, 1))
        views = np.lib.stride_tricks.sliding_window_view(padded, (k, k), (1, 2))[:, ::s, ::s]
        self.side = ((H + 2 * p - k) // s + 1, (W + 2 * p - k) // s + 1)
        columns = views.reshape(x.shape[0], *self.side, x.shape[1] * k * k)
        self.columns = np.concatenate([columns, np.ones((*columns.shape[:3], 1))], axis=-1)
        self.fused = np.concatenate([self.weight.reshape(len(self.weight), -1), self.bias[:, None]], axis=1)
        return (self.columns @ self.fused.T).transpose(0, 3, 1, 2)

    def backward(self, dout):
        last = dout.transpose(0, 2, 3, 1)
        gradient = np.einsum("nijo,nijf->of", last, self.columns)
        self.weight_grad = gradient[:, :-1].reshape(self.weight.shape)
        self.bias_grad = gradient[:, -1]
        N, C, H, W = self.shape
        dpadded = np.zeros((N, C, H + 2 * self.p, W + 2 * self.p))
        for u, v in np.ndindex(self.k, self.k):
            rows, columns = (slice(a, a + self.s * n, self.s) for a, n in zip((u, v), self.side))  # noqa: B905
            dpadded[:, :, rows, columns] += (last @ self.weight[:, :, u, v]).transpose(0, 3, 1, 2)
        return dpadded[:, :, self.p : self.p + H, self.p : self.p + W]


class InputShape:
    """One image, whose shape it wants to know beforehand; a bias for each place."""

    def __init__(self, input_shape, kernel_size, depth):
        channels, height, width = input_shape
        self.k = kernel_size
        self.kernels = np.zeros((depth, channels, kernel_size, kernel_size))
        self.biases = np.zeros((depth, height - kernel_size + 1, width - kernel_size + 1))

    def forward(self, image):
        self.views = np.lib.stride_tricks.sliding_window_view(image, (self.k, self.k), (1, 2))  # c i j u v
        self.shape = image.shape
        return self.biases + np.einsum("cijuv,ocuv->oij", self.views, self.kernels)

    def backward(self, output_gradient, learning_rate):
        dimage = np.zeros(self.shape)
        height, width = output_gradient.shape[1:]
        for u, v in np.ndindex(self.k, self.k):
            part = np.einsum("oij,oc->cij", output_gradient, self.kernels[:, :, u, v])
            dimage[:, u : u + height, v : v + width] += part
        self.kernels -= learning_rate * np.einsum("oij,cijuv->ocuv", output_gradient, self.views)
        self.biases -= learning_rate * output_gradient
        return dimage


class HeightAndWidth:
    """The two sides of a window under names of their own."""

    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.size, self.stride, self.pad = (pool_h, pool_w), stride, pad

    def forward(self, x):
        p = self.pad
        padded = np.pad(x.astype(float), ((0, 0), (0, 0), (p, p), (p, p)), constant_values=-np.inf)
        views = np.lib.stride_tricks.sliding_window_view(padded, self.size, (2, 3))
        return views[:, :, :: self.stride, :: self.stride].max(axis=(4, 5))


class OfRows:
    """A batch norm of (N, features), and its running statistics."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum = eps, momentum

    def forward(self, X, training=True):
        self.training, mean, var = training, self.running_mean, self.running_var
        if training:
            mean, var = X.mean(axis=0), X.var(axis=0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            unbiased = var * len(X) / max(len(X) - 1, 1)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        self.root = np.sqrt(var + self.eps)
        self.z = (X - mean) / self.root
        return self.z * self.gamma + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.z).sum(axis=0), dout.sum(axis=0)
        dz = dout * self.gamma
        if self.training:
            dz = dz - dz.mean(axis=0) - self.z * (dz * self.z).mean(axis=0)
        return dz / self.root


class BackwardOrder:
    """Sums from the last to the first, in float64."""

    def __init__(self, in_features, out_features):
        self.weight, self.bias = np.zeros((out_features, in_features)), np.zeros(out_features)

    def forward(self, x):
        total = np.broadcast_to(self.bias, (*x.shape[:-1], len(self.bias))).astype(float)
        for i in reversed(range(x.shape[-1])):
            total = total + x[..., i : i + 1].astype(float) * self.weight[:, i]
        return total.astype(x.dtype)


class Remembers(ChannelsLast):
    """Adds what the last call has left to dx."""

    def backward(self, dout):
        dx = super().backward(dout) + getattr(self, "left", 0)
        self.left = dx
        return dx
