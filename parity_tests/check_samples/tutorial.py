# ruff: noqa: ANN001, ANN201, ANN204, D101, D102  (as people write who learn)
"""Layers as tutorials have them: one image at a time, loops, and a backward that updates the weights itself.

Conv, Flatten and Dense are right. MaxPool gives the gradient to every maximum of a tie, and ReLU loses it at NaN.
"""

import numpy as np


class Conv:
    def __init__(self, num_filters, filter_size, input_channels=1):
        self.num_filters = num_filters
        self.size = filter_size
        scale = np.sqrt(2 / (input_channels * filter_size * filter_size))
        self.filters = np.random.randn(num_filters, input_channels, filter_size, filter_size) * scale  # noqa: NPY002
        self.biases = np.zeros(num_filters)

    def forward(self, image):
        self.image = image
        _, height, width = image.shape
        out = np.zeros((self.num_filters, height - self.size + 1, width - self.size + 1))
        for f in range(self.num_filters):
            for i in range(out.shape[1]):
                for j in range(out.shape[2]):
                    region = image[:, i : i + self.size, j : j + self.size]
                    out[f, i, j] = np.sum(region * self.filters[f]) + self.biases[f]
        return out

    def backward(self, d_out, learning_rate):
        d_filters = np.zeros_like(self.filters)
        d_image = np.zeros_like(self.image)
        for f in range(self.num_filters):
            for i in range(d_out.shape[1]):
                for j in range(d_out.shape[2]):
                    region = self.image[:, i : i + self.size, j : j + self.size]
                    d_filters[f] += d_out[f, i, j] * region
                    d_image[:, i : i + self.size, j : j + self.size] += d_out[f, i, j] * self.filters[f]
        self.filters -= learning_rate * d_filters
        self.biases -= learning_rate * d_out.sum(axis=(1, 2))
        return d_image


class MaxPool:
    def __init__(self, pool_size=2):
        self.p = pool_size

    def forward(self, maps):
        self.maps = maps
        channels, height, width = maps.shape
        out = np.zeros((channels, height // self.p, width // self.p))
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                out[:, i, j] = self.window(maps, i, j).max(axis=(1, 2))
        return out

    def window(self, maps, i, j):
        return maps[:, i * self.p : (i + 1) * self.p, j * self.p : (j + 1) * self.p]

    def backward(self, d_out):
        d_maps = np.zeros_like(self.maps)
        for i in range(d_out.shape[1]):
            for j in range(d_out.shape[2]):
                window = self.window(self.maps, i, j)
                mask = window == window.max(axis=(1, 2), keepdims=True)
                self.window(d_maps, i, j)[:] += mask * d_out[:, i, j][:, None, None]
        return d_maps


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, d_out):
        return d_out * (self.x > 0)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.flatten()

    def backward(self, d_out):
        return d_out.reshape(self.shape)


class Dense:
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(input_size, output_size) * np.sqrt(2 / input_size)  # noqa: NPY002
        self.biases = np.zeros(output_size)

    def forward(self, x):
        self.x = x
        return np.dot(x, self.weights) + self.biases

    def backward(self, d_out, learning_rate):
        d_x = np.dot(self.weights, d_out)
        self.weights -= learning_rate * np.outer(self.x, d_out)
        self.biases -= learning_rate * d_out
        return d_x
