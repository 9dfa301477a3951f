"""torch, as the referee uses it: on the CPU, one layer or loss at a time, by autograd."""

from typing import Any

import numpy as np
import torch

from scratch.array import HostArray


def tensor(value: HostArray, needs_grad: bool = False) -> torch.Tensor:
    """A torch copy of a host array (torch cannot take negative strides or read-only memory as they are)."""
    return torch.tensor(np.ascontiguousarray(value)).reshape(value.shape).requires_grad_(needs_grad)


def host(value: torch.Tensor) -> HostArray:
    """A NumPy copy of a tensor."""
    return np.array(value.detach().cpu().numpy())


def torch_dtype(dtype: Any) -> torch.dtype:
    """torch's name of a NumPy dtype."""
    found: torch.dtype = getattr(torch, np.dtype(dtype).name)
    return found
