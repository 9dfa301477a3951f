"""What takes the numbers under a window together."""

from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.comparison import EXACT
from parity_tests.harness.laws.base import Inputs, Laws, sum_of_products

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase


def average(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """AvgPool2d: a sum over the window, or over the windows that hold a cell, and one division for each term."""
    if case.integer:
        return {"y": EXACT}
    A = case.run_torch({name: np.abs(value) for name, value in inputs.items()}, np.float64)
    K = window_cells(case)
    return {name: sum_of_products(value, K, eps, tiny) for name, value in A.items()}


def maximum(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """MaxPool2d selects; dx copies, or where windows overlap adds the gradients of those that chose the same cell."""
    if case.integer:
        return {"y": EXACT, "indices": EXACT}
    A = case.run_torch(dict(inputs) | {"dy": np.abs(inputs["dy"])}, np.float64)["dx"]
    return {"y": EXACT, "indices": EXACT, "dx": sum_of_products(A, window_cells(case), eps, tiny)}


def window_cells(case: "LayerCase") -> int:
    """The number of cells of a pool's window: no cell lies in more windows than that."""
    kernel_size = case.arguments["kernel_size"]
    kH, kW = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    return int(kH * kW)


def adaptive_average(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """AdaptiveAvgPool2d: a sum over a window, or over the windows that hold a cell, and one division for each term."""
    A = case.run_torch({name: np.abs(value) for name, value in inputs.items()}, np.float64)
    K = {"y": terms(case.shape[-2:], A["y"].shape[-2:]), "dx": terms(A["y"].shape[-2:], case.shape[-2:])}
    return {name: sum_of_products(value, K[name], eps, tiny) for name, value in A.items()}


def adaptive_maximum(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """AdaptiveMaxPool2d selects; dx adds the gradients of those windows that chose the same cell."""
    A = case.run_torch(dict(inputs) | {"dy": np.abs(inputs["dy"])}, np.float64)["dx"]
    K = terms(inputs["dy"].shape[-2:], case.shape[-2:])
    return {"y": EXACT, "indices": EXACT, "dx": sum_of_products(A, K, eps, tiny)}


def terms(cells: tuple[int, ...], windows: tuple[int, ...]) -> int:
    """The number of cells that one of some adaptive windows has at most; and of windows that hold one of some cells.

    Along one axis a window of n / out cells begins and ends within a cell: it has at most ceil(n / out) + 1. A cell is
    in window i if i * n / out < cell + 1 and (i + 1) * n / out > cell: in so many integers i as an open interval of
    length out / n + 1 has at most, which is ceil(out / n) + 1.
    """
    down, across = (-(-n // out) + 1 for n, out in zip(cells, windows, strict=True))
    return down * across


def unpool(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """MaxUnpool2d copies, both ways."""
    return {"y": EXACT, "dx": EXACT}
