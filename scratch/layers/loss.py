"""What all losses share."""

from typing import Any, Literal, NamedTuple, TypeAlias

from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.half import HALF, in_single, wide
from scratch.layers.base import Operation, check_array, check_floating

Reduction: TypeAlias = Literal["mean", "sum", "none"]


class Losses(NamedTuple):
    """What a forward keeps.

    Attributes
    ----------
    losses : of all samples
    divisor : what "mean" divides by, a float or a 0-d array; NaN where nothing counts, so that the mean is
    ignored : (M,), which of the M losses are not counted; None where all are
    saved : what backward needs
    half : whether x was float16
    """

    losses: Array
    divisor: Any
    ignored: Array | None
    saved: Saved
    half: bool = False


class Loss(Operation):
    """A number that says how far predictions x are from their targets.

    `loss = criterion(x, target)` is a 0-d array of x's dtype (one loss per sample with reduction="none");
    `dx = criterion.backward()` its gradient.

    Subclasses write `_losses(x, target)` and `_backward(dlosses, saved) -> dx`.

    Parameters
    ----------
    reduction : "mean", "sum", or "none"
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"reduction={reduction!r} is not a valid value for reduction: 'mean', 'sum' or 'none'")
        self.reduction = reduction
        self._latest: Losses | None = None

    def _losses(self, x: Array, target: Array) -> Losses:
        """Compute all losses."""
        raise NotImplementedError

    def _backward(self, dlosses: Array, saved: Saved) -> Array:
        raise NotImplementedError

    def __call__(self, x: Array, target: Array) -> Array:
        """Compute the loss."""
        return self.forward(x, target)

    def forward(self, x: Array, target: Array) -> Array:  # type: ignore[override]
        """Compute the loss, and keep what backward needs.

        Raises
        ------
        TypeError, ValueError
            if x and target do not fit, before anything is computed
        """
        check_array(self.backend, "x", x)
        check_array(self.backend, "target", target)
        check_floating("x", x)
        if x.dtype == HALF:
            return self._in_half(x, target)
        self._latest = self._losses(x, target)
        return self._reduced(self._latest)

    def _in_half(self, x: Array, target: Array) -> Array:
        """Compute the loss in float32, and round it once."""
        if target.dtype.kind == "f" and target.dtype != HALF:
            raise TypeError(f"target has dtype {target.dtype} and x {x.dtype}; they should be the same")
        with in_single(self):
            computed = self._losses(wide(x), wide(target))
        self._latest = computed._replace(half=True)
        return self._reduced(computed).astype(HALF)

    def _reduced(self, computed: Losses) -> Array:
        """The sum or the mean of all losses, or the losses themselves."""
        if self.reduction == "none":
            return computed.losses
        total: Array = computed.losses.sum()
        return total / computed.divisor if self.reduction == "mean" else total

    def backward(self, dloss: Array | float | None = None) -> Array:  # type: ignore[override]
        """Compute dx for the latest forward.

        Parameters
        ----------
        dloss : the upstream gradient, shaped like the loss; None is 1, for a loss that is one number

        Raises
        ------
        RuntimeError
            without a forward, or for a second backward of the same forward
        ValueError
            if dloss is missing or misshapen
        """
        if self._latest is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward needs a forward first: each forward serves one backward"
            )
        losses, divisor, ignored, saved, half = self._latest
        wanted = losses.shape if self.reduction == "none" else ()
        given = () if dloss is None else getattr(dloss, "shape", ())
        if given != wanted:
            raise ValueError(f"dloss has shape {given}; with reduction={self.reduction!r} the loss has {wanted}")
        xp = namespace_of(losses)
        upstream = 1.0 if dloss is None else xp.asarray(dloss, dtype=losses.dtype)
        dlosses = xp.empty(losses.shape, losses.dtype)
        dlosses[...] = upstream / divisor if self.reduction == "mean" else upstream
        if ignored is not None:
            dlosses = xp.where(ignored.reshape(losses.shape), losses.dtype.type(0), dlosses)
        dx = self._backward(dlosses, saved)
        self._latest = None
        return dx.astype(HALF) if half else dx
