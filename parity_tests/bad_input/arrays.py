"""The arrays of the cases, and the namespaces that they are given to.

In the tables arrays are NumPy's; `converted` makes them those of the namespace that is tested.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from parity_tests.harness.torch_side import tensor
from scratch.array import HostArray

TORCH = SimpleNamespace(**vars(torch.nn), asarray=tensor, optim=torch.optim)
"""torch with the two names that the cases need and torch.nn has not."""

NOT_ASKED = "torch is not asked: "
RELAXED = NOT_ASKED + "it allows what has no meaning (zero channels), or checks it only in some versions"


def converted(nn: Any, values: Any) -> Any:
    """The same, with the arrays of a namespace: of a single value, or of those in a tuple or dict."""
    if isinstance(values, np.ndarray):
        return nn.asarray(values)
    if isinstance(values, tuple):
        return tuple(converted(nn, value) for value in values)
    if isinstance(values, dict):
        return {name: converted(nn, value) for name, value in values.items()}
    return values


def numbers(*shape: int, dtype: Any = np.float32) -> HostArray:
    """Random numbers, the same for the same shape and dtype."""
    return np.asarray(np.random.default_rng(shape).standard_normal(shape) * 3).astype(dtype)


def labels(*values: int, dtype: Any = np.int64) -> HostArray:
    """Labels for cross entropy."""
    return np.array(values, dtype)
