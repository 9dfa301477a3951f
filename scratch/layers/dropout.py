"""Dropout."""

from scratch.array import Array
from scratch.contracts import Key, Saved
from scratch.layers.base import Layer, check_floating
from scratch.random import philox_key


class Dropout(Layer):
    """In training, zero each number with probability p and scale the others by 1 / (1 - p): torch.nn.Dropout.

    Each forward draws a key from the generator that `manual_seed` starts; which numbers are dropped is counted from it
    (scratch/philox.py), so every namespace drops the same ones after the same seed; it is not torch's mask. In
    evaluation, x passes unchanged.

    Parameters
    ----------
    p : probability of being zeroed, 0 ... 1
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p={p!r}: dropout probability has to be between 0 and 1")
        self.p = p

    def draw_key(self) -> Key:
        """Draw what decides which numbers are dropped. Tests and lessons put their own in its place."""
        return philox_key()

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.dropout)
        if not self.training or self.p == 0:
            return x, None
        y, saved = algorithm.dropout(x, self.p, self.draw_key())
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        if saved is None:
            return dy
        algorithm, inner = saved
        dx: Array = algorithm.dropout_backward(dy, inner)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments."""
        return f"p={self.p}"
