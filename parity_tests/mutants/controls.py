# ruff: noqa: D102  (the base says what a method is for, the class says what is different)
"""The other layers, losses and optimisers that are right, each computed in its own way."""

from typing import Any

import numpy as np

from parity_tests.mutants import controls_conv, controls_resample, controls_smooth, conv_transpose
from parity_tests.mutants.activation import ReLU, Softmax
from parity_tests.mutants.adam import Adam, AdamW
from parity_tests.mutants.avg_pool import AvgPool2d
from parity_tests.mutants.base import Array
from parity_tests.mutants.class_loss import CrossEntropyLoss, NLLLoss
from parity_tests.mutants.elementwise_loss import BCEWithLogitsLoss, L1Loss, MSELoss, SmoothL1Loss
from parity_tests.mutants.layer_norm import GroupNorm, LayerNorm
from parity_tests.mutants.linear import Linear, rows
from parity_tests.mutants.max_pool import MaxPool2d
from parity_tests.mutants.norm import BatchNorm2d, column
from parity_tests.mutants.optim import SGD
from parity_tests.mutants.rmsprop import RMSprop
from parity_tests.mutants.table import Control
from parity_tests.mutants.window import Pair


class ByWindows(MaxPool2d):
    """All cells of a window side by side, and argmax: over NaN from behind, since the last one counts."""

    def scan(self, out: Pair) -> None:
        cells = np.stack([self.cells[here] for _, _, here in self.taps(out)], axis=-1)
        values = np.stack([self.x[here] for _, _, here in self.taps(out)], axis=-1)
        inside = cells >= 0
        nan = np.isnan(values) & inside
        lowest = -np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).min
        largest = np.where(inside, values, lowest).max(axis=-1, keepdims=True)
        chosen = ((values == largest) & inside).argmax(axis=-1)
        chosen = np.where(nan.any(axis=-1), nan.shape[-1] - 1 - nan[..., ::-1].argmax(axis=-1), chosen)
        self.best = np.take_along_axis(values, chosen[..., None], -1)[..., 0]
        self.winner = np.take_along_axis(np.broadcast_to(cells, values.shape), chosen[..., None], -1)[..., 0]

    def scatter(self, dx: Array, cells: Array, dy: Array) -> None:
        for plane in range(len(dx)):
            dx[plane] = np.bincount(cells[plane], dy[plane], dx.shape[1])


class RowsThenColumns(AvgPool2d):
    """The sums down the columns first, then along the rows."""

    def total(self, x: Array, out: Pair) -> Array:
        kH, kW = self.kernel_size
        columns = added([x[..., self.seen(0, u, out[0]), :] for u in range(kH)])
        return added([columns[..., self.seen(1, v, out[1])] for v in range(kW)])


def added(parts: list[Array]) -> Array:
    """The sum of arrays, one after the other."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


class ReversedFeatures(Linear):
    """The sums from the last feature to the first, and the bias before all of them."""

    def times_weight(self, x: Array) -> Array:
        y = np.zeros((*x.shape[:-1], len(self.weight.data)), x.dtype)
        if self.bias is not None:
            y += self.bias.data
        for k in reversed(range(x.shape[-1])):
            y += x[..., k, None] * self.weight.data[:, k]
        return y

    def with_bias(self, y: Array) -> Array:
        return y


class InFloat64(Linear):
    """All sums in float64, rounded once at the end."""

    def forward(self, x: Array) -> Array:
        return super().forward(x.astype(np.float64)).astype(x.dtype)

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy.astype(np.float64)).astype(dy.dtype)
        for parameter in (self.weight, self.bias):
            if parameter is not None and parameter.grad is not None:
                parameter.grad = parameter.grad.astype(dy.dtype)
        return dx

    def bias_gradient(self, dy: Array) -> Array:
        return np.ones(len(rows(dy))) @ rows(dy)


class MaskKept(ReLU):
    """Keeps the mask rather than x, and selects."""

    def positive(self, x: Array) -> Array:
        self.negative = x <= 0
        y = x.copy()
        y[self.negative] = 0
        return y

    def passes(self, dy: Array) -> Array:
        return ~self.negative


class LogSumExp(Softmax):
    """exp(x - log of the sum of exp)."""

    def forward(self, x: Array) -> Array:
        axis = self.axis(x)
        shifted = self.shifted(x, axis)
        self.y = np.exp(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))
        return self.y.copy()

    def backward(self, dy: Array) -> Array:
        return self.y * dy - self.y * self.common(dy)


class Welford(BatchNorm2d):
    """Mean and variance in one pass over the pixels; what is not finite, which spoils a difference, goes two ways."""

    def statistics(self, x: Array) -> tuple[Array, Array]:
        if not np.isfinite(x).all():
            return super().statistics(x)
        mean, squares = np.zeros(x.shape[1], x.dtype), np.zeros(x.shape[1], x.dtype)
        for count, pixel in enumerate(x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1]), start=1):
            deviation = pixel - mean
            mean = mean + deviation / x.dtype.type(count)
            squares = squares + deviation * (pixel - mean)
        return column(mean), column(squares / x.dtype.type(x.size // x.shape[1]))


class Folded(BatchNorm2d):
    """y = x * a + b in evaluation, with a and b made once from all that is fixed."""

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        if self.from_batch or self.weight is None or self.bias is None or not self.track_running_stats:
            return y
        a = self.weight.data / np.sqrt(self.running_var + self.eps)
        b = self.bias.data - self.running_mean * a
        return x * column(a) + column(b)


class SumsOfX(LayerNorm):
    """y = x / s - mean / s: nothing is subtracted from x before it is divided."""

    def forward(self, x: Array) -> Array:
        super().forward(x)
        mean = self.mean(x)
        y = self.scaled(x / self.s - mean / self.s)
        return y if self.bias is None else y + self.bias.data


class OneScale(GroupNorm):
    """y = (x - mean) * (weight / s) + bias: one factor for each channel of a sample."""

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        if self.weight is None or self.bias is None:
            return y
        rows = self.shaped(x)
        scale = self.per_number(self.weight.data) / self.s
        return self.unshaped((rows - self.mean(rows)) * scale + self.per_number(self.bias.data), x.shape)


class OneShift(CrossEntropyLoss):
    """log p as x minus one number: the maximum and the logarithm of the sum together."""

    def log_softmax(self, x: Array) -> Array:
        shift = self.shift(x)
        return x - (shift + np.log(np.exp(x - shift).sum(axis=1, keepdims=True)))


class DotProduct(MSELoss):
    """The sum of squares as a scalar product."""

    def reduced(self, losses: Array, divisor: Any) -> Array:
        if self.reduction == "none":
            return losses
        difference = self.difference.reshape(-1)
        total = difference @ difference
        return np.asarray(total / losses.dtype.type(divisor) if self.reduction == "mean" else total)


class DividedFirst(NLLLoss):
    """Each loss divided by the sum of the weights before they are added up."""

    def reduced(self, losses: Array, divisor: Any) -> Array:
        if self.reduction != "mean" or not divisor:
            return super().reduced(losses, divisor)
        return np.asarray((losses / losses.dtype.type(divisor)).sum())


class LargeFirst(BCEWithLogitsLoss):
    """(1 - t) x + max(-x, 0) before the logarithm is added, so that a small loss keeps its digits."""

    def forward(self, x: Array, target: Array) -> Array:
        loss = super().forward(x, target)
        if self.pos_weight is not None:
            return loss
        losses = (1 - target) * x + np.maximum(-x, 0) + np.log1p(np.exp(-abs(x)))
        return self.reduced(self.weighted(np.asarray(losses)), self.divisor())


class InTwoBranches(SmoothL1Loss):
    """The slope by a mask."""

    def slope(self, d: Array) -> Array:
        if self.beta == 0:
            return super().slope(d)
        return np.asarray(np.where(np.abs(d) < self.beta, d / self.beta, np.sign(d)))


class LargerLessSmaller(L1Loss):
    """The difference and its opposite, whichever is larger."""

    def losses(self, d: Array) -> Array:
        return np.maximum(d, -d)


class InPlace(SGD):
    """Updates in place what it keeps, and the parameter."""

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        g = self.decayed(-g if self.maximize else g, theta)
        if self.momentum and "momentum_buffer" not in state:
            state["momentum_buffer"] = g.copy()
        elif self.momentum:
            state["momentum_buffer"] *= self.momentum
            state["momentum_buffer"] += g * (1 - self.dampening)
        theta -= self.lr * (self.direction(g, state["momentum_buffer"]) if self.momentum else g)
        return theta


class AsInThePaper(Adam):
    """The faster form of the paper: both corrections in the learning rate, and an eps to match."""

    def change(self, m: Array, v: Array, t: int) -> Array:
        c1, c2 = self.corrections(t)
        root = c2**0.5
        return self.lr * root / c1 * m / (np.sqrt(v) + self.eps * root)


class ShrunkAfterwards(AdamW):
    """Subtracts the decay after the step, of theta as it was before."""

    def stepped(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        return super().stepped(theta, g, state) - self.lr * self.weight_decay * theta

    def shrunk(self, theta: Array) -> Array:
        return theta


class ByDifferences(RMSprop):
    """Moves the mean by a part of its difference, and takes the root by a power."""

    def average(self, before: Array, newest: Array) -> Array:
        return before + (1 - self.alpha) * (newest - before)

    def divisor(self, v: Array) -> Array:
        return v ** v.dtype.type(0.5) + v.dtype.type(self.eps)


CONTROLS = [
    *controls_conv.CONTROLS,
    *conv_transpose.CONTROLS,
    Control(ByWindows, "MaxPool2d"),
    Control(RowsThenColumns, "AvgPool2d"),
    Control(ReversedFeatures, "Linear"),
    Control(InFloat64, "Linear"),
    Control(MaskKept, "ReLU"),
    Control(LogSumExp, "Softmax"),
    *controls_resample.CONTROLS,
    *controls_smooth.CONTROLS,
    Control(Welford, "BatchNorm2d"),
    Control(Folded, "BatchNorm2d"),
    Control(SumsOfX, "LayerNorm"),
    Control(OneScale, "GroupNorm"),
    Control(OneShift, "CrossEntropyLoss"),
    Control(DotProduct, "MSELoss"),
    Control(DividedFirst, "NLLLoss"),
    Control(LargeFirst, "BCEWithLogitsLoss"),
    Control(InTwoBranches, "SmoothL1Loss"),
    Control(LargerLessSmaller, "L1Loss"),
    Control(InPlace, "SGD"),
    Control(AsInThePaper, "Adam"),
    Control(ShrunkAfterwards, "AdamW"),
    Control(ByDifferences, "RMSprop"),
]
