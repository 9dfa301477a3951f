"""manual_seed: torch's weights, bit for bit, and their distribution. Dropout's masks: test_dropout.py."""

from importlib import import_module

import numpy as np
import pytest
import torch

from parity_tests.harness.torch_side import host
from parity_tests.modules.models import BUILT, HOST_NAMESPACES
from scratch.array import to_host

each_namespace = pytest.mark.parametrize("namespace", HOST_NAMESPACES)
SEEDS = [0, 1, 2024, 2**32 - 1]

LAYERS = {
    "Conv2d": lambda nn: nn.Conv2d(3, 8, 3),
    "Conv2d, groups": lambda nn: nn.Conv2d(6, 4, (5, 2), groups=2),
    "Conv2d, no bias": lambda nn: nn.Conv2d(2, 3, 1, bias=False),
    "Conv2d, one number": lambda nn: nn.Conv2d(1, 1, 1),
    "Linear": lambda nn: nn.Linear(36, 2),
    "Linear, no bias": lambda nn: nn.Linear(7, 33, bias=False),
    "Linear, one number": lambda nn: nn.Linear(1, 1),
    **{name: model.build for name, model in BUILT.items()},
}


@each_namespace
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("build", LAYERS.values(), ids=LAYERS)
def test_float32_weights_are_torchs_bit_for_bit(build, seed, namespace):
    nn = import_module(namespace)
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours, theirs = build(nn).state_dict(), build(torch.nn).state_dict()
    assert list(ours) == list(theirs)
    for name, value in theirs.items():
        np.testing.assert_array_equal(ours[name], host(value), strict=True)


@each_namespace
@pytest.mark.parametrize("seed", SEEDS)
def test_float64_weights_are_torchs_but_for_the_rounding(seed, namespace):
    nn = import_module(namespace)
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    ours, theirs = nn.Linear(50, 40, dtype=np.float64), torch.nn.Linear(50, 40, dtype=torch.float64)
    for name, value in theirs.state_dict().items():
        # torch rounds unit * 2 * bound - bound once, here the product (up to 2 * bound) is rounded before.
        np.testing.assert_allclose(ours.state_dict()[name], host(value), rtol=0, atol=2 * np.spacing(50**-0.5))


@each_namespace
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("build", "bound"),
    [
        (lambda nn, dtype: nn.Linear(200, 300, dtype=dtype), 200**-0.5),
        (lambda nn, dtype: nn.Conv2d(20, 60, (5, 7), groups=2, dtype=dtype), (10 * 35) ** -0.5),
    ],
    ids=["Linear", "Conv2d"],
)
def test_initial_distribution(build, bound, dtype, namespace):
    nn = import_module(namespace)
    nn.manual_seed(3)
    layer = build(nn, dtype)
    for parameter in layer.parameters():
        values = np.sort(to_host(parameter.data).ravel().astype(float)) / bound
        count = len(values)
        assert values[0] >= -1
        assert values[-1] <= 1
        # Kolmogorov and Smirnov: 1.95 / sqrt(n) is exceeded once in a thousand seeds; this is one seed.
        distance = np.abs((values + 1) / 2 - (np.arange(count) + 0.5) / count).max()
        assert distance < 1.95 / count**0.5
