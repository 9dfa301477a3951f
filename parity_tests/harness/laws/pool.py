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
