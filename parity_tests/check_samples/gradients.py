# ruff: noqa: ANN001, ANN201, ANN204, D101, D102  (as people write who learn)
"""Dense layers, each of which keeps its weights, or leaves its gradients, in another place. All are right.

At the end there are three with an error each.
"""

import numpy as np


class Dictionaries:
    """The weights in .params, the gradients in .grads."""

    def __init__(self, n_in, n_out):
        self.params = {"W": np.zeros((n_in, n_out)), "b": np.zeros(n_out)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads["W"], self.grads["b"] = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.params["W"].T


class Attributes:
    """Names of its own, y and dx in attributes, and nothing is returned."""

    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.ones((n_inputs, n_neurons))
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)


class GradWeights(Dictionaries):
    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.grad_weights, self.grad_biases = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class WeightsGrad(GradWeights):
    def backward(self, dout):
        self.weights_grad, self.bias_grad = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class ShortNames(GradWeights):
    def backward(self, dout):
        self.gW, self.gb = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class Returned(GradWeights):
    """All three gradients are returned."""

    def backward(self, dout):
        return dout @ self.W.T, self.x.T @ dout, dout.sum(axis=0)


class ReturnedByName(GradWeights):
    def backward(self, dout):
        return {"db": dout.sum(axis=0), "dW": self.x.T @ dout, "dx": dout @ self.W.T}


class Cached(GradWeights):
    """What backward needs is handed over."""

    def forward(self, x):
        return x @ self.W + self.b, x

    def backward(self, dout, cache):
        return dout @ self.W.T, cache.T @ dout, dout.sum(axis=0)


class Lists(Dictionaries):
    """The weights in a list, the gradients in another."""

    def __init__(self, n_in, n_out):
        self.params = [np.zeros((n_in, n_out)), np.zeros(n_out)]
        self.grads = [np.zeros((n_in, n_out)), np.zeros(n_out)]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, dout):
        self.grads = [self.x.T @ dout, dout.sum(axis=0)]
        return dout @ self.params[0].T


class TakesArrays:
    """The weights are made elsewhere."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW, self.db = np.dot(self.x.T, dout), np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)


class RateOfItsOwn(GradWeights):
    """The learning rate is known beforehand, and backward updates with it."""

    def __init__(self, n_in, n_out, learning_rate=0.1):
        super().__init__(n_in, n_out)
        self.learning_rate = learning_rate

    def backward(self, dout):
        dx = dout @ self.W.T
        self.W -= self.learning_rate * self.x.T @ dout
        self.b -= self.learning_rate * dout.sum(axis=0)
        return dx


class Lazy:
    """The weights are made when the first x comes."""

    def __init__(self, units):
        self.units, self.W = units, None

    def forward(self, x):
        if self.W is None:
            self.W, self.b = np.zeros((x.shape[1], self.units)), np.zeros(self.units)
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class Column:
    """One sample, which is a column."""

    def __init__(self, input_size, output_size):
        self.weights = np.zeros((output_size, input_size))
        self.bias = np.zeros((output_size, 1))

    def forward(self, input):  # noqa: A002
        self.input = input
        return np.dot(self.weights, self.input) + self.bias

    def backward(self, output_gradient, learning_rate):
        input_gradient = np.dot(self.weights.T, output_gradient)
        self.weights -= learning_rate * np.dot(output_gradient, self.input.T)
        self.bias -= learning_rate * output_gradient
        return input_gradient


class Columns:
    """A sample in each column."""

    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_out, n_in)), np.zeros((n_out, 1))

    def forward(self, A):
        self.A = A
        return self.W @ A + self.b

    def backward(self, dZ):
        self.dW, self.db = dZ @ self.A.T, dZ.sum(axis=1, keepdims=True)
        return self.W.T @ dZ


class MeanOverTheBatch(Dictionaries):
    def backward(self, dout):
        dx = super().backward(dout)
        self.grads = {key: value / len(dout) for key, value in self.grads.items()}
        return dx


class NotSummed(Returned):
    def backward(self, dout):
        return dout @ self.W.T, self.x.T @ dout, dout


class Transposed(Returned):
    """The gradient of the weight is not arranged as the weight is."""

    def backward(self, dout):
        return dout @ self.W.T, dout.T @ self.x, dout.sum(axis=0)
