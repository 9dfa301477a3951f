"""What ConvTranspose2d is told of y's size, in place of output_padding: torch's result, and its gradients."""

from importlib import import_module

import numpy as np
import pytest
import torch

from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("output_size", [(5, 7), [6, 9], (2, 3, 6, 8), None])
def test_of_a_transposed_convolution(namespace, output_size):
    nn = import_module(namespace)
    generator = np.random.default_rng(0)
    ours, theirs = (make.ConvTranspose2d(2, 3, 3, stride=(2, 3), padding=1) for make in (nn, torch.nn))
    ours.load_state_dict(theirs.state_dict())
    x = generator.integers(-4, 5, (2, 2, 3, 3)).astype(np.float32)
    given = torch.tensor(x, requires_grad=True)
    should = theirs(given, output_size)
    dy = generator.integers(-4, 5, should.shape).astype(np.float32)
    should.backward(torch.tensor(dy))

    y = ours(nn.asarray(x), output_size=output_size)
    np.testing.assert_allclose(to_host(y), should.detach().numpy(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(to_host(ours.backward(nn.asarray(dy))), given.grad.numpy(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(to_host(ours.weight.grad), theirs.weight.grad.numpy(), rtol=1e-5, atol=1e-4)
