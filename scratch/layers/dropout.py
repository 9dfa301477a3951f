"""Dropout of single numbers and of whole channels."""

import warnings

from scratch.array import Array
from scratch.contracts import Key, Saved
from scratch.layers.base import Layer, check_floating
from scratch.number import number
from scratch.random import philox_key


class _Dropout(Layer):
    """What drops at random: its probability, and the key of its random numbers."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= number("p", p) <= 1:
            raise ValueError(f"p={p!r}: dropout probability has to be between 0 and 1")
        self.p = p

    def draw_key(self) -> Key:
        """Draw what decides what is dropped. Tests and lessons put their own in its place."""
        return philox_key()

    def extra_repr(self) -> str:
        """Tell the arguments."""
        return f"p={self.p}"


class Dropout(_Dropout):
    """In training, zero each number with probability p and scale the others by 1 / (1 - p): torch.nn.Dropout.

    Each forward draws a key from the generator that `manual_seed` starts; which numbers are dropped is counted from it
    (scratch/philox.py), so every namespace drops the same ones after the same seed; it is not torch's mask. In
    evaluation, x passes unchanged.

    Parameters
    ----------
    p : probability of being zeroed, 0 ... 1
    """

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.dropout)
        if not self.training or self.p == 0:
            return x, None
        y, saved = algorithm.dropout(x, float(self.p), self.draw_key())
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        if saved is None:
            return dy
        algorithm, inner = saved
        dx: Array = algorithm.dropout_backward(dy, inner)
        return dx


class Dropout2d(_Dropout):
    """In training, zero each channel with probability p and scale the others by 1 / (1 - p): torch.nn.Dropout2d.

    x is (N, C, H, W), and n * C + c counts the channels as Dropout counts numbers. As in torch, three dimensions are
    (N, C, L), with a warning, and never an image without a batch. In evaluation, x passes unchanged.

    Parameters
    ----------
    p : probability of being zeroed, 0 ... 1
    """

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.dropout2d)
        drops = self.training and self.p > 0
        if x.ndim < 2 and drops:
            raise ValueError(f"x has shape {x.shape}: Feature dropout requires at least 2 dimensions in the input")
        if x.ndim == 3:
            words = "is taken for (N, C, L), as in torch, and not for an image without a batch: x[None] makes it one"
            warnings.warn(f"Dropout2d: x of shape {x.shape} {words}", stacklevel=5)
        elif x.ndim != 4:
            warnings.warn(f"Dropout2d: x of shape {x.shape} is not (N, C, H, W): use Dropout", stacklevel=5)
        if not drops:
            return x, None
        y, saved = algorithm.dropout2d(x, float(self.p), self.draw_key())
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        if saved is None:
            return dy
        algorithm, inner = saved
        dx: Array = algorithm.dropout2d_backward(dy, inner)
        return dx
