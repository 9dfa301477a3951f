"""Conv2d, ConvTranspose2d and Linear: sums of products."""

from typing import TYPE_CHECKING

import numpy as np

from parity_tests.harness.comparison import EXACT
from parity_tests.harness.laws.base import Inputs, Laws, sum_of_products
from parity_tests.harness.laws.padding import is_padded, of_padded

if TYPE_CHECKING:
    from parity_tests.harness.layer_case import LayerCase


def products(case: "LayerCase", inputs: Inputs, eps: float, tiny: float) -> Laws:
    """y is bilinear in x and weight, and so are the gradients in dy and the other one.

    K is the number of inputs of one output for y, of outputs of one input for dx, and of outputs of one filter for
    dweight and dbias (cells in the padding counted, too). Of a transposed convolution each number of the weight
    belongs to one input channel, and multiplies each number of it once.
    """
    if is_padded(case):
        return of_padded(case, inputs, lambda twin, given: products(twin, given, eps, tiny))
    weight, axis = inputs["weight"], -1 if case.op == "Linear" else -3
    channels, outputs = inputs["x"].shape[axis], inputs["dy"].shape[axis]
    K = {"y": weight.size // outputs, "dx": weight.size // channels, "dbias": inputs["dy"].size // outputs}
    K["dweight"] = inputs["x"].size // channels if case.op == "ConvTranspose2d" else K["dbias"]
    if case.data == "integers":
        return dict.fromkeys(K, EXACT)
    A = case.run_torch({name: np.abs(value) for name, value in inputs.items()}, np.float64)
    return {name: sum_of_products(value, K[name], eps, tiny) for name, value in A.items()}
