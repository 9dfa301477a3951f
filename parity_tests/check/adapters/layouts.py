"""In which arrangement x goes in and y comes out.

a batch                    (N, C, H, W), (N, n)      as torch has it
one sample                 (C, H, W), (n,)           one after the other
a column                   (n, 1)                    one after the other
samples in columns         (n, N)
channels last              (N, H, W, C)
one sample, channels last  (H, W, C)                 one after the other
rows of features           (N*H*W, C)                a batch norm that knows no images
one plane                  (H, W)                    one after the other
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from parity_tests.check.adapters.base import Shape
from parity_tests.check.cases import ALONG_AN_AXIS, ELEMENTWISE, is_batch
from parity_tests.harness.layer_case import LayerCase
from scratch.array import HostArray

WINDOWS = ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d")
IMAGES = (*WINDOWS, "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "Upsample")


@dataclass(frozen=True)
class Layout:
    """One arrangement.

    Attributes
    ----------
    words : its name
    ops : the layers for which it is tried
    inward : from torch's arrangement to this one (the first axis of a batch stays where it is, if they go one by one)
    outward : back again, to an array of that shape
    one_by_one : whether samples go in one after the other
    """

    words: str
    ops: tuple[str, ...]
    inward: Callable[[HostArray], HostArray]
    outward: Callable[[HostArray, Shape], HostArray]
    one_by_one: bool = False

    def splits(self, case: LayerCase) -> bool:
        """Whether the batch of a case has to be run sample by sample."""
        return self.one_by_one and is_batch(case)

    def lacks(self, case: LayerCase) -> list[str]:
        """What a case needs and this arrangement has no place for, in words."""
        words = []
        if self.one_by_one and 0 in case.shape:
            words.append("an empty batch")
        if case.op == "Linear" and self is not BATCH:
            if len(case.shape) > 2:
                words.append("more than two dimensions")
            if self is COLUMNS and len(case.shape) == 1:
                words.append("input without a batch")
        return words

    def back(self, array: HostArray, shape: Shape) -> HostArray:
        """An array in torch's arrangement; as it is where that cannot be."""
        try:
            return self.outward(array, shape)
        except (ValueError, IndexError, np.exceptions.AxisError):
            return array


def same(array: HostArray, _: Shape = ()) -> HostArray:
    """Nothing to do."""
    return array


def channels_last(array: HostArray) -> HostArray:
    """(..., C, H, W) -> (..., H, W, C)."""
    return np.moveaxis(array, -3, -1)


def channels_first(array: HostArray, _: Shape = ()) -> HostArray:
    """(..., H, W, C) -> (..., C, H, W)."""
    return np.moveaxis(array, -1, -3)


def rows(array: HostArray) -> HostArray:
    """(N, C, H, W) -> (N*H*W, C)."""
    return np.moveaxis(array, 1, -1).reshape(-1, array.shape[1])


def from_rows(array: HostArray, shape: Shape) -> HostArray:
    """(N*H*W, C) -> (N, C, H, W)."""
    N, C, H, W = shape
    return np.moveaxis(array.reshape(N, H, W, C), -1, 1)


BATCH = Layout(
    "a batch",
    (*IMAGES, "Linear", *ELEMENTWISE, "Flatten", *ALONG_AN_AXIS, "BatchNorm2d", "LayerNorm", "GroupNorm"),
    same,
    same,
)
SAMPLE = Layout("one sample", (*IMAGES, "Linear", *ELEMENTWISE, "Flatten"), same, same, one_by_one=True)
COLUMN = Layout(
    "a column (n, 1)", ("Linear",), lambda x: x[..., None], lambda y, shape: y.reshape(shape), one_by_one=True
)
COLUMNS = Layout("samples in columns (n, N)", ("Linear",), np.transpose, lambda y, _: np.transpose(y))
LAST = Layout("a batch, channels last", (*IMAGES, "BatchNorm2d"), channels_last, channels_first)
SAMPLE_LAST = Layout("one sample, channels last", IMAGES, channels_last, channels_first, one_by_one=True)
ROWS = Layout("rows of features (N, C)", ("BatchNorm2d",), rows, from_rows)
PLANE = Layout("one plane (H, W)", ("Conv2d",), lambda x: x[:, 0], lambda y, _: y[:, None], one_by_one=True)

LAYOUTS = (BATCH, SAMPLE, COLUMN, COLUMNS, LAST, SAMPLE_LAST, ROWS)
"""In the order in which they are tried."""

BY_NAME = {
    "batch": BATCH,
    "sample": SAMPLE,
    "column": COLUMN,
    "columns": COLUMNS,
    "channels last": LAST,
    "sample, channels last": SAMPLE_LAST,
    "rows": ROWS,
    "plane": PLANE,
}
"""How a map file calls them."""


def to_try(op: str, named: str | None, one_by_one_first: bool) -> list[Layout]:
    """The arrangements to try for a layer: the one that is named, or all that it may have."""
    if named is not None:
        return [BY_NAME[named]]
    fitting = [layout for layout in LAYOUTS if op in layout.ops]
    return sorted(fitting, key=lambda layout: layout.one_by_one, reverse=True) if one_by_one_first else fitting
