"""Models that the tests build in every namespace and in torch."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.torch_side import tensor
from scratch.array import HostArray
from scratch.models import MODELS

HOST_NAMESPACES = [name for name, each in IMPLEMENTATIONS.items() if name != "gpu" and each.why_not() is None]
"""Those that run everywhere. `gpu` is the code of `gpu.on_numpy`, on other arrays."""


class Model(NamedTuple):
    """A builder, and the shape of one of its images."""

    build: Callable[[Any], Any]
    input_shape: tuple[int, ...]


def nested(nn: Any) -> Any:
    """Build a model with names, nesting, buffers, groups, and layers without bias or weights."""
    stem = nn.Sequential(nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), groups=2, bias=False), nn.BatchNorm2d(6), nn.ReLU())
    head = OrderedDict(drop=nn.Dropout(0.25), dense=nn.Linear(6 * 2 * 3, 5), probabilities=nn.Softmax(dim=1))
    return nn.Sequential(
        OrderedDict(
            stem=stem,
            pool=nn.AvgPool2d((2, 3), stride=(2, 2), padding=(0, 1)),
            free=nn.BatchNorm2d(6, affine=False),
            bare=nn.BatchNorm2d(6, track_running_stats=False),
            flatten=nn.Flatten(),
            head=nn.Sequential(head),
        )
    )


BUILT = {name: Model(*demonstration) for name, demonstration in MODELS.items()}
BUILT["nested"] = Model(nested, (4, 8, 7))


def images(model: Model, count: int = 3, dtype: Any = np.float32) -> HostArray:
    """Draw a few images for a model, the same each time."""
    return np.random.default_rng(count).standard_normal((count, *model.input_shape)).astype(dtype)


def copied_to_torch(model: Model, ours: Any) -> torch.nn.Module:
    """Build the model in torch, with our parameters and buffers."""
    theirs: torch.nn.Module = model.build(torch.nn)
    theirs.load_state_dict({name: tensor(value) for name, value in ours.state_dict().items()}, strict=True)
    return theirs
