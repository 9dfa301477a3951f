"""The layer that makes images larger, or smaller."""

import math
from numbers import Real
from typing import Any

from scratch.array import Array
from scratch.contracts import Saved
from scratch.contracts.upsample import Scale
from scratch.geometry import Pair, pair
from scratch.layers.base import Layer, as_images, check_floating

MODES = ("nearest", "bilinear")


class Upsample(Layer):
    """Images resampled to another size: torch.nn.Upsample.

        nearest     y[n, c, i, j] = x[n, c, floor(i * H / outH), floor(j * W / outW)]
        bilinear    y[n, c, i, j] = x at (u, v), interpolated between the four cells around that point, with
                    u = (i + 1/2) * H / outH - 1/2, or with align_corners i * (H - 1) / (outH - 1);  v likewise

    With scale_factor, 1 / scale_factor stands for H / outH, unless it is recomputed from the sizes. As in torch, cells
    of "nearest" are computed in float32, and a neighbour counts even where its weight is 0, so that one infinity makes
    NaN of outputs beside it. Weights are computed in float64, whatever the dtype of x; torch takes that of x for them.

    Parameters
    ----------
    size : of the output, an int or a pair (height, width)
    scale_factor : instead of size: how many times larger, a number or a pair; the output's size is rounded down
    mode : "nearest" or "bilinear"; torch has others
    align_corners : see above; "bilinear" only, where None means False
    recompute_scale_factor : take H / outH for 1 / scale_factor, although that was given

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.Upsample(scale_factor=2, mode="bilinear")(np.array([[[[0.0, 4.0]]]]))
    array([[[[0., 1., 3., 4.],
             [0., 1., 3., 4.]]]])
    """

    def __init__(
        self,
        size: int | Pair | None = None,
        scale_factor: float | tuple[float, float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        if not scale_factor and size is None:
            raise ValueError(f"size=None, scale_factor={scale_factor!r}: either size or scale_factor should be defined")
        if scale_factor and size is not None:
            raise ValueError(
                f"size={size!r}, scale_factor={scale_factor!r}: only one of size or scale_factor should be defined"
            )
        if size is not None:
            pair(size, "size", least=1)
        if mode not in MODES:
            raise ValueError(f"mode={mode!r}: 'nearest' or 'bilinear' is needed")
        if mode == "nearest" and align_corners is not None:
            raise ValueError(
                f"align_corners={align_corners!r}: align_corners option can only be set with the interpolating modes, "
                "here mode='bilinear'"
            )
        if not isinstance(align_corners, bool | None):
            raise TypeError(f"align_corners={align_corners!r} must be True, False or None")
        if recompute_scale_factor and size is not None:
            raise ValueError(
                f"recompute_scale_factor={recompute_scale_factor!r} is not meaningful with an explicit size={size!r}"
            )
        self.size = size
        self.scale_factor = factors(scale_factor) if scale_factor else None
        self.mode, self.align_corners = mode, align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def out(self, size: Pair) -> tuple[Pair, Scale]:
        """The size of y, and the factors that count for the computation; None for what the sizes tell."""
        if self.size is not None:
            return pair(self.size, "size", least=1), (None, None)
        assert self.scale_factor is not None
        down, across = self.scale_factor if isinstance(self.scale_factor, tuple) else (self.scale_factor,) * 2
        out = int(size[0] * down), int(size[1] * across)
        if min(out) < 1:
            raise ValueError(
                f"scale_factor={self.scale_factor}: Input and output sizes should be greater than 0, but got input (H: "
                f"{size[0]}, W: {size[1]}) output (H: {out[0]}, W: {out[1]})"
            )
        return out, (None, None) if self.recompute_scale_factor else (down, across)

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        if x.ndim != 4:
            raise ValueError(f"x has shape {x.shape}; (N, C, H, W) is needed (torch resamples one axis of (N, C, L))")
        images = as_images("x", x)
        if self.mode != "nearest" or x.dtype.name != "uint8":
            check_floating("x", x)
        out, scale = self.out((x.shape[2], x.shape[3]))
        algorithm = self._choose(self.backend.upsample2d)
        y, saved = algorithm.upsample2d(images, out, scale, self.mode, bool(self.align_corners))
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.upsample2d_backward(dy, inner)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        given = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{given}, mode={self.mode!r}"


def factors(scale_factor: Any) -> float | tuple[float, float]:
    """A positive factor, or a pair of them, as floats; raises a TypeError or ValueError for anything else."""
    given = scale_factor if isinstance(scale_factor, tuple) else (scale_factor,)
    if not all(isinstance(each, Real) for each in given):
        raise TypeError(f"scale_factor={scale_factor!r}: a number or a pair (vertical, horizontal) is needed")
    if isinstance(scale_factor, tuple) and len(given) != 2:
        raise ValueError(f"scale_factor={scale_factor!r}: a number or a pair (vertical, horizontal) is needed")
    if not all(math.isfinite(each) and each > 0 for each in given):
        raise ValueError(f"scale_factor={scale_factor!r} must be positive")
    if isinstance(scale_factor, tuple):
        return float(given[0]), float(given[1])
    return float(given[0])
