"""MaxUnpool2d where several numbers have one index, which no max pool gives but for numbers that are equal."""

from importlib import import_module

import numpy as np
import pytest
import torch

from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host

GENERATOR = np.random.default_rng(0)
X = GENERATOR.standard_normal((3, 2, 3, 5))
INDICES = GENERATOR.integers(0, 6 * 10, X.shape) // 2 * 2
INDICES[0, 0] = 7
DY = GENERATOR.standard_normal((3, 2, 6, 10))


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("nan", [False, True])
def test_the_last_number_stays_and_each_gets_the_gradient(namespace, nan):
    x = np.where(X > 1, np.nan, X) if nan else X
    nn = import_module(namespace)
    layer, theirs = nn.MaxUnpool2d(2), torch.tensor(x, requires_grad=True)
    want = torch.nn.MaxUnpool2d(2)(theirs, torch.tensor(INDICES))
    want.backward(torch.tensor(DY))
    np.testing.assert_array_equal(to_host(layer(nn.asarray(x), nn.asarray(INDICES))), want.detach().numpy())
    np.testing.assert_array_equal(to_host(layer.backward(nn.asarray(DY))), theirs.grad.numpy())


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
def test_it_undoes_a_max_pool(namespace):
    nn = import_module(namespace)
    x = nn.asarray(np.arange(2 * 5 * 7.0).reshape(1, 2, 5, 7))
    y, indices = nn.MaxPool2d((2, 3), return_indices=True)(x)
    back = to_host(nn.MaxUnpool2d((2, 3))(y, indices, x.shape))
    assert np.array_equal(back, np.where(np.isin(to_host(x), to_host(y)), to_host(x), 0))
