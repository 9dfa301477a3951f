"""The second referee: gradients checked against forward alone, without torch.

Along a random direction v, with f(t) = sum of dy * y(x + t v, parameters + t w),

    df/dt at 0  =  sum of dx * v + sum of dparameter * w  =  (f(h) - f(-h)) / 2h  +  O(h**2)

One number checks every gradient at once: an error in any element of any of them changes it. For bilinear
operations the equation is exact for every h.
"""

from typing import Any

import numpy as np

from parity_tests.harness.case import Inputs
from parity_tests.harness.layer_case import LayerCase
from parity_tests.harness.loss_case import LossCase
from scratch.array import HostArray


def slope(case: LayerCase | LossCase, nn: Any, inputs: Inputs, direction: Inputs, h: float) -> float:
    """Estimate df/dt at 0 by the central difference of step h, with forwards of `nn` in float64."""

    def f(t: float) -> HostArray:
        moved = dict(inputs) | {name: inputs[name] + t * v for name, v in direction.items()}
        result, upstream = ("y", "dy") if isinstance(case, LayerCase) else ("loss", "dloss")
        value: HostArray = np.sum(inputs[upstream] * case.run(nn, moved)[result])
        return value

    return float((f(h) - f(-h)) / (2 * h))


def along(gradients: Inputs, direction: Inputs) -> float:
    """Compute df/dt at 0 from the gradients, by the chain rule."""
    return float(sum(np.sum(gradients[f"d{name}"] * v) for name, v in direction.items()))


def directions(case: LayerCase | LossCase, gradients: Inputs, inputs: Inputs, seed: int) -> Inputs:
    """Draw a direction for everything that has a gradient."""
    generator = np.random.default_rng([seed, *str(case).encode()])
    return {name: generator.standard_normal(value.shape) for name, value in inputs.items() if f"d{name}" in gradients}
