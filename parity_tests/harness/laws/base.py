"""The law of a sum of products, from which most others are made.

A sum of K products, in any order, with A the same sum over absolute values:

    hard    |got - exact| <= (K + 3) eps A + K tiny
    scale   eps A

The 3 pays for a bias, for a division, and for the product; eps is twice the largest relative error of one rounding, so
the bound also covers the oracle's own error where both are float64. A is computed by torch: by the same layer,
fed with absolute values.

Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, sections 3.1 and 4.2.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.comparison import Law
from scratch.array import HostArray

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase

Inputs = Mapping[str, HostArray]
Laws = dict[str, Law | None]
LayerLaw = Callable[["LayerCase", Inputs, float, float], Laws]


def sum_of_products(A: HostArray, K: int, eps: float, tiny: float) -> Law:
    """The law of one tensor whose elements are sums of at most K products."""
    A = np.abs(A)
    return Law((K + 3) * eps * A + K * tiny, eps * A + tiny)
