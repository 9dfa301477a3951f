"""The law of Upsample: a matrix down, a matrix across, and how far their entries may be off.

        y = D x A^T,    dx = D^T dy A

Row j of D and A has a 1 at the cell of "nearest". Of "bilinear" it has the hat  max(0, 1 - |s - i|)  over the cells i,
around the middle s of output j, which is moved to the first or last cell if it lies beyond.

s is computed in the format of the run, in three or four roundings, and the hat in two more: so its entries err by as
much as s does, and eps. As s may be taken for one on the other side of a cell, that holds for all cells less than 1
plus that error away from it.
"""

from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.comparison import EXACT, Law
from parity_tests.harness.laws.base import Inputs, Laws
from parity_tests.harness.roundoff import Rounded
from scratch.array import HostArray

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase

Matrix = tuple[HostArray, HostArray]
"""(outputs, cells): the entries, and how far they may be off."""


def upsample(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """Upsample."""
    given = case.arguments
    if case.integer:
        return {"y": EXACT}
    factors = given["scale_factor"]
    factors = factors if isinstance(factors, tuple) else (factors, factors)
    if given["recompute_scale_factor"]:
        factors = (None, None)
    down, across = (
        nearest(n, m, factor) if given["mode"] == "nearest" else bilinear(n, m, factor, given["align_corners"], eps)
        for n, m, factor in zip(case.shape[-2:], inputs["dy"].shape[-2:], factors, strict=True)
    )
    y, dx = bound(inputs["x"], down, across, eps, tiny), bound(inputs["dy"], turned(down), turned(across), eps, tiny)
    return {"y": EXACT if given["mode"] == "nearest" else y, "dx": dx}


def nearest(n: int, m: int, factor: float | None) -> Matrix:
    """The matrix of "nearest": cell floor(j / factor) in float32, but exact for twice as many or as many outputs."""
    step = np.float32(n) / np.float32(m) if factor is None else np.float32(1 / factor)
    if m in (n, 2 * n):
        step = np.float32(n / m)
    cells = np.minimum((np.arange(m, dtype=np.float32) * step).astype(int), n - 1)
    entries = (cells[:, None] == np.arange(n)).astype(float)
    return entries, np.zeros_like(entries)


def bilinear(n: int, m: int, factor: float | None, align_corners: bool | None, eps: float) -> Matrix:
    """The matrix of "bilinear"."""
    if m == n:
        return np.eye(n), np.zeros((n, n))
    j = np.arange(m)
    if align_corners:
        middle = Rounded(n - 1, eps) / max(m - 1, 1) * j * float(m > 1)
    else:
        step = Rounded(n, eps) / m if factor is None else Rounded(1, eps) / factor
        middle = step * (j + 0.5) - 0.5
    s = np.clip(middle.value, 0, n - 1)[:, None]
    off = np.broadcast_to(middle.errors[0], m)[:, None] + eps
    distance = np.abs(s - np.arange(n))
    return np.maximum(0, 1 - distance), np.where(distance < 1 + off, off, 0)


def turned(matrix: Matrix) -> Matrix:
    """The transposed matrix, for the way back."""
    entries, off = matrix
    return entries.T, off.T


def bound(x: HostArray, down: Matrix, across: Matrix, eps: float, tiny: float) -> Law:
    """The law of D x A^T: that of a sum of K products, and what the entries are off.

    K is the number of cells that the sum of an output may run over. What is not finite counts as 0, for an output that
    meets it is not finite either.
    """
    x = np.where(np.isfinite(x), x, 0.0).astype(np.float64)
    (D, D_off), (A, A_off) = down, across
    size = D @ np.abs(x) @ A.T
    off = (D + D_off) @ np.abs(x) @ (A + A_off).T - size
    K = int(((D + D_off) > 0).sum(axis=1).max() * ((A + A_off) > 0).sum(axis=1).max())
    return Law((K + 3) * eps * size + off + K * tiny, eps * size + off + tiny, D @ x @ A.T)
