"""What is wrong in more than one line: algorithms, layers and optimisers for the table of test_planted.py."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from parity_tests.harness_tests.planted import altered
from scratch.array import Array, HostArray
from scratch.contracts import Key, Saved
from scratch.fast import conv, dropout, linear, norm, pool
from scratch.geometry import Window2d, pad2d, unpad2d
from scratch.layers import BatchNorm2d, CrossEntropyLoss, Dropout, Flatten, Linear, MaxPool2d
from scratch.layers.loss import Losses
from scratch.module import Parameter
from scratch.optim import SGD, Adam

NO_PADDING = ((0, 0), (0, 0))
Gradients = tuple[Array | None, Array, Array | None]


def interleaved(x: Array, groups: int) -> Array:
    """Channels dealt out to the groups like cards, c % groups, instead of in blocks."""
    C = x.shape[1]
    return x[:, np.arange(C).reshape(-1, groups).T.ravel()] if C % groups == 0 else x


def conv_of(change: Callable[..., tuple[Any, ...]]) -> SimpleNamespace:
    """Convolution of other arguments than those given: change(x, weight, bias, window, groups)."""
    return altered(conv, conv2d=lambda *given: conv.conv2d(*change(*given)))


def window_of(change: Callable[[Window2d], Window2d]) -> SimpleNamespace:
    """Convolution with another window."""
    return conv_of(lambda x, weight, bias, window, groups: (x, weight, bias, change(window), groups))


def conv_back(change: Callable[[Array, Saved, Gradients], Gradients]) -> SimpleNamespace:
    """Convolution with other gradients: change(dy, saved, (dx, dweight, dbias))."""
    return altered(conv, conv2d_backward=lambda dy, saved, needs_dx: change(dy, saved, conv.conv2d_backward(dy, saved)))


def linear_back(change: Callable[[Array, Saved, Gradients], Gradients]) -> SimpleNamespace:
    """The dense layer with other gradients, likewise."""
    return altered(
        linear, linear_backward=lambda dy, saved, needs_dx: change(dy, saved, linear.linear_backward(dy, saved))
    )


def norm_of(change: Callable[..., tuple[Any, ...]]) -> SimpleNamespace:
    """Batch normalisation with other arguments: change(x, mean, var, weight, bias, eps, training)."""
    return altered(norm, batch_norm2d=lambda *given: norm.batch_norm2d(*change(*given)))


def scan_of(takes_over: Callable[[Array, Array], Array], outside: float | None = None) -> SimpleNamespace:
    """Max pooling by a scan in which `takes_over` says which value replaces the best; `outside` is the padding."""

    def max_pool2d(x: Array, window: Window2d) -> tuple[Array, Saved]:
        out = window.output_size(x.shape[2:])
        smallest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        padded = pad2d(x, window.covering(x.shape[2:]), smallest if outside is None else outside)
        best, winner = np.full((*x.shape[:2], *out), smallest, x.dtype), np.zeros((*x.shape[:2], *out), np.uint8)
        for tap, (u, v) in enumerate(np.ndindex(window.kernel_size)):
            value = padded[:, :, *window.tap(u, v, out)]
            wins = takes_over(value, best)
            best[wins], winner[wins] = value[wins], tap
        return best, (winner, x.shape, window)

    return altered(pool, max_pool2d=max_pool2d)


def dx_not_rotated(dy: Array, saved: Saved, gradients: Gradients) -> Gradients:
    """dx as if the kernel had been flipped in forward."""
    padded, weight, *rest = saved
    return conv.conv2d_backward(dy, (padded, weight[:, :, ::-1, ::-1], *rest))[0], *gradients[1:]


def cropped_at_the_start(dy: Array, saved: Saved, gradients: Gradients) -> Gradients:
    """dx with the padding at the top and left still in it, and the image's end cut off."""
    padded, weight, bias, window, groups = saved
    full = conv.conv2d_backward(dy, (padded, weight, bias, replace(window, padding=NO_PADDING), groups))[0]
    assert full is not None
    (top, bottom), (left, right) = window.padding
    H, W = full.shape[2:]
    return full[:, :, : H - top - bottom, : W - left - right], *gradients[1:]


class ReusedBuffer:
    """Convolution whose padded image is made once and not cleared: what a wider image left behind is seen again."""

    conv2d_backward = staticmethod(conv.conv2d_backward)

    def __init__(self) -> None:
        self.buffer = np.zeros((0, 0, 0, 0), np.float32)

    def conv2d(
        self, x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
    ) -> tuple[Array, Saved]:
        """Put x into the buffer, and slide the filters over that."""
        (top, bottom), (left, right) = window.padding
        N, C, H, W = x.shape
        shape = (N, C, top + H + bottom, left + W + right)
        if any(length > room for length, room in zip(shape, self.buffer.shape, strict=True)):
            self.buffer = np.zeros(np.maximum(shape, self.buffer.shape), x.dtype)
        padded = self.buffer[*map(slice, shape)]
        unpad2d(padded, window.padding)[:] = x
        y, _ = conv.conv2d(padded, weight, bias, replace(window, padding=NO_PADDING), groups)
        return y, (padded.copy(), weight, bias, window, groups)


def in_one_buffer(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its first result always in the same memory: the next call overwrites it."""
    buffers: dict[Any, Array] = {}

    def buffered(*args: Any) -> Any:
        result = function(*args)
        y, *rest = result if isinstance(result, tuple) else (result,)
        buffer = buffers.setdefault((y.shape, y.dtype), np.empty_like(y))
        np.copyto(buffer, y)
        return (buffer, *rest) if rest else buffer

    return buffered


def softmax_without_shift(x: Array, dim: int) -> tuple[Array, Saved]:
    """exp(x) / sum, which overflows."""
    y = np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)
    return y, (y, dim)


def unbiased_statistics(x: Array) -> tuple[Array, Array]:
    """The variance as statistics estimates it from a sample."""
    (mean, var), M = norm.batch_statistics(x), x.size // x.shape[1]
    return mean, var * (M / max(M - 1, 1))


def rounded_down(x: Array, window: Window2d, *rest: Any) -> tuple[Array, Saved]:
    """Average pooling that rounds integers down; torch truncates them."""
    exact, saved = pool.avg_pool2d(x.astype(np.float64), window, *rest)
    return (np.floor(exact) if x.dtype.kind == "i" else exact).astype(x.dtype), saved


def in_float32(a: HostArray, b: HostArray) -> HostArray:
    """A matrix product in float32, whatever the operands are."""
    return (a.astype(np.float32) @ b.astype(np.float32)).astype(a.dtype)


class EveryMaximum:
    """Max pooling whose backward gives the whole gradient to all cells that are as large as the maximum."""

    def max_pool2d(self, x: Array, window: Window2d) -> tuple[Array, Saved]:
        """Right."""
        y, saved = pool.max_pool2d(x, window)
        return y, (saved, x, y, window)

    def max_pool2d_indices(self, saved: Saved) -> Array:
        """Right."""
        return pool.max_pool2d_indices(saved[0])

    def max_pool2d_backward(self, dy: Array, saved: Saved) -> Array:
        """By comparison with the maximum."""
        _, x, y, window = saved
        border = window.covering(x.shape[2:])
        padded, dpadded = pad2d(x, border, -np.inf), np.zeros_like(pad2d(x, border))
        for u, v in np.ndindex(window.kernel_size):
            here = (slice(None), slice(None), *window.tap(u, v, y.shape[2:]))
            dpadded[here] += np.where(padded[here] == y, dy, 0)
        return unpad2d(dpadded, border)


class IndicesAlways(MaxPool2d):
    """Returns its indices, though nobody asked for them."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.return_indices = True


class ColumnMajor(Flatten):
    """Merges the dimensions in Fortran's order."""

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        y, saved = super()._forward(x)
        return x.reshape(y.shape, order="F"), saved


def selected(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Drop by a selection, so that a NaN becomes 0."""
    factors, saved = dropout.dropout(np.ones_like(x), p, key)
    return np.where(factors == 0, factors, x * factors), saved


def whole_groups(x: Array, p: float, key: Key) -> tuple[Array, Saved]:
    """Leave up to three numbers at the end as they are."""
    y, saved = dropout.dropout(x, p, key)
    rest = x.size // 4 * 4
    y.reshape(-1)[rest:] = x.reshape(-1)[rest:]
    return y, saved


class Unscaled(Dropout):
    """Drops, and does not scale what is left."""

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        y, factor = super()._forward(x)
        return (y, None) if factor is None else (y * x.dtype.type(1 - self.p), factor)


class Overwritten(Parameter):
    """Keeps the last gradient only."""

    def accumulate(self, grad: Array) -> None:
        """Forget what came before."""
        self.grad = grad


class Overwriting(Linear):
    """Its parameters keep the last gradient only."""

    def _parameter(self, shape: tuple[int, ...], fan_in: int, dtype: Any) -> Parameter:
        return Overwritten(super()._parameter(shape, fan_in, dtype).data)


class BiasedRunningVariance(BatchNorm2d):
    """Keeps the variance that it normalises with."""

    def _track(self, mean: Array, var: Array, count: int) -> None:
        super()._track(mean, var * (max(count - 1, 1) / max(count, 1)), count)


class OldestMomentum(BatchNorm2d):
    """Takes momentum for the weight of what is kept, as optimisers do."""

    def _track(self, mean: Array, var: Array, count: int) -> None:
        momentum = self.momentum
        self.momentum = None if momentum is None else 1 - momentum
        super()._track(mean, var, count)
        self.momentum = momentum


class Unweighted(CrossEntropyLoss):
    """Divides by the number of labels that count, not by their weights."""

    def _losses(self, x: Array, target: Array) -> Losses:
        computed = super()._losses(x, target)
        ignored = 0 if computed.ignored is None else int(computed.ignored.sum())
        return computed._replace(divisor=computed.losses.size - ignored)


class IgnoredCount(CrossEntropyLoss):
    """Divides by the number of all samples."""

    def _losses(self, x: Array, target: Array) -> Losses:
        computed = super()._losses(x, target)
        return computed._replace(divisor=computed.losses.size)


class EpsInsideTheRoot(Adam):
    """theta - lr * m / sqrt(v + eps)."""

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        super()._change(theta, g, state)
        m, v = (
            state[f"exp_avg{sq}"] / (1 - beta ** state["step"])
            for sq, beta in zip(("", "_sq"), self.betas, strict=True)
        )
        return self.lr * m / np.sqrt(v + self.eps)


class Uncorrected(Adam):
    """Without the correction of the first steps."""

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        super()._change(theta, g, state)
        return self.lr * state["exp_avg"] / (np.sqrt(state["exp_avg_sq"]) + self.eps)


class DampedFromTheStart(SGD):
    """Damps the first velocity, too."""

    def _change(self, theta: Array, g: Array, state: dict[str, Any]) -> Array:
        if self.momentum:
            state.setdefault("momentum_buffer", np.zeros_like(theta))
        return super()._change(theta, g, state)
