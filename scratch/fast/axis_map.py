"""Linear maps along rows and columns: each output is a sum of a few cells, perhaps weighted.

    y[j] = sum over t of  weight[t, j] * x[cell[t, j]]          cell -1: nothing

Three cells averaged to two, and the way back:

    x        0  1  2        t = 0: cells 0 1                    adjoint     t = 0: cells 0 0 1
    y      [0  1]           t = 1: cells 1 2                                t = 1: cells - 1 -
              [1  2]

A tap t is one operation on all outputs at once: what it meets is a slice of x where its cells follow at equal
distances, else it is taken. Nothing is multiplied by 0 in place of being left out, for an infinity would become NaN.

The functions work on NumPy's arrays and on CuPy's, with rows and columns as axes 1 and 2: (N, H, W, C), (planes, H, W).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from scratch.array import Array, HostArray, namespace_of

LONGEST_RUN = 32
"""Outputs of a matrix product meet no more cells than this, unless one of them does alone."""


class Tap(NamedTuple):
    """Some outputs that follow one another, the cells that a tap meets there, and their weights, if there are any."""

    outputs: slice
    cells: slice | HostArray
    weights: HostArray | None


@dataclass(frozen=True, eq=False)
class AxisMap:
    """A linear map along one axis.

    Attributes
    ----------
    n : how many cells x has
    cells : (taps, outputs), -1 for none
    weights : likewise; None where all are 1
    """

    n: int
    cells: HostArray
    weights: HostArray | None = None

    @cached_property
    def taps(self) -> list[Tap]:
        """What is to be done, as slices as far as possible."""
        found = []
        for t, cells in enumerate(self.cells):
            edges = np.flatnonzero(np.diff(cells >= 0, prepend=False, append=False))
            for start, stop in edges.reshape(-1, 2).tolist():
                weights = None if self.weights is None else self.weights[t, start:stop]
                found.append(Tap(slice(start, stop), as_slice(cells[start:stop]), weights))
        return found

    @property
    def outputs(self) -> int:
        """How many outputs there are."""
        return len(self.cells[0])

    @cached_property
    def matrices(self) -> list[tuple[slice, slice, HostArray]]:
        """Runs of outputs, the cells from the first to the last that they meet, and what they take of each.

        >>> for outputs, cells, matrix in AxisMap(3, np.array([[0, 1], [1, 2]])).matrices:
        ...     print(outputs, cells, matrix.tolist())
        slice(0, 2, None) slice(0, 3, None) [[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]
        """
        met = self.cells >= 0
        first = np.where(met, self.cells, self.n).min(axis=0)
        last = np.where(met, self.cells, -1).max(axis=0)
        weights = np.ones(self.cells.shape) if self.weights is None else self.weights
        found, start = [], 0
        while start < self.outputs:
            low, high, stop = int(first[start]), int(last[start]), start + 1
            while stop < self.outputs and max(high, last[stop]) - min(low, first[stop]) < LONGEST_RUN:
                low, high, stop = min(low, int(first[stop])), max(high, int(last[stop])), stop + 1
            matrix = np.zeros((stop - start, max(high + 1 - low, 0)))
            t, output = np.nonzero(met[:, start:stop])
            np.add.at(matrix, (output, self.cells[t, output + start] - low), weights[t, output + start])
            found.append((slice(start, stop), slice(low, low + matrix.shape[1]), matrix))
            start = stop
        return found

    @cached_property
    def adjoint(self) -> "AxisMap":
        """The way back: output c collects, with the same weights, from all outputs that met cell c, in their order."""
        outputs, t = np.nonzero(self.cells.T >= 0)
        cells = self.cells[t, outputs]
        order = np.argsort(cells, kind="stable")
        counts = np.bincount(cells, minlength=self.n)
        ranks = np.arange(len(cells)) - np.repeat(np.cumsum(counts) - counts, counts)
        place = ranks, cells[order]
        back = np.full((counts.max(initial=0), self.n), -1)
        back[place] = outputs[order]
        if self.weights is None:
            return AxisMap(self.cells.shape[1], back)
        weights = np.zeros(back.shape)
        weights[place] = self.weights[t, outputs][order]
        return AxisMap(self.cells.shape[1], back, weights)


def as_slice(cells: HostArray) -> slice | HostArray:
    """The slice that meets the same cells, where they follow at equal distances; else the cells as they are.

    >>> as_slice(np.array([1, 3, 5])), as_slice(np.array([2])), as_slice(np.array([0, 0, 1]))
    (slice(1, 6, 2), slice(2, 3, 1), array([0, 0, 1]))
    """
    first, last = int(cells[0]), int(cells[-1])
    step = int(cells[1]) - first if len(cells) > 1 else 1
    if step < 1 or (np.diff(cells) != step).any():
        return cells
    return slice(first, last + 1, step)


def pick(x: Array, cells: slice | HostArray, axis: int) -> Array:
    """Some cells along an axis: a view if they are a slice, else a copy."""
    if isinstance(cells, slice):
        return x[*[slice(None)] * axis, cells]
    xp = namespace_of(x)
    picked: Array = xp.take(x, xp.asarray(cells), axis)
    return picked


def apply(steps: AxisMap, x: Array, axis: int) -> Array:
    """Map along axis 1 or 2 of x, by adding up tap after tap."""
    xp = namespace_of(x)
    shape = (*x.shape[:axis], steps.cells.shape[1], *x.shape[axis + 1 :])
    y: Array = xp.empty(shape, x.dtype) if (steps.cells[0] >= 0).all() else xp.zeros(shape, x.dtype)
    for number, (outputs, cells, weights) in enumerate(steps.taps):
        part = pick(x, cells, axis)
        if weights is not None:
            part = part * along(xp.asarray(weights.astype(x.dtype)), axis, x.ndim)
        target = y[*[slice(None)] * axis, outputs]
        if number == 0:
            target[...] = part
        else:
            target += part
    return y


def along(values: Array, axis: int, ndim: int) -> Array:
    """Shape a row of numbers so that it runs along an axis."""
    return values.reshape(*[-1 if a == axis else 1 for a in range(ndim)])


def apply2d(x: Array, down: AxisMap, across: AxisMap) -> Array:
    """Map along rows (axis 1) and columns (axis 2): first down where that leaves fewer numbers, else first across."""
    if down.cells.shape[1] <= down.n:
        return apply(across, apply(down, x, 1), 2)
    return apply(down, apply(across, x, 2), 1)


@lru_cache(maxsize=256)
def adaptive_windows(n: int, out: int) -> AxisMap:
    """The cells of each window of an adaptive pool: floor(i*n/out) up to ceil((i+1)*n/out).

    >>> adaptive_windows(5, 3).cells.tolist()
    [[0, 1, 3], [1, 2, 4], [-1, 3, -1]]
    """
    start = np.arange(out) * n // out
    stop = -(-np.arange(1, out + 1) * n // out)
    cells = start + np.arange((stop - start).max())[:, None]
    return AxisMap(n, np.where(cells < stop, cells, -1))
