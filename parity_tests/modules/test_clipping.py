"""Clipping of gradients beside what the parity suite compares: who is changed, and bad arguments."""

from importlib import import_module

import numpy as np
import pytest

from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host
from scratch.module import Parameter


def with_gradient(nn, *values, dtype=np.float32):
    parameter = Parameter(nn.asarray(np.zeros(len(values), dtype)))
    parameter.grad = nn.asarray(np.array(values, dtype))
    return parameter


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
def test_the_gradients_are_new_arrays(namespace):
    nn = import_module(namespace)
    parameter = with_gradient(nn, 3.0, -4.0)
    before = parameter.grad
    norm = nn.optim.clip_grad_norm_(parameter, 1.0)
    nn.optim.clip_grad_value_(iter([parameter]), 0.5)
    assert float(norm) == 5.0
    np.testing.assert_array_equal(to_host(before), [3.0, -4.0])
    np.testing.assert_allclose(to_host(parameter.grad), [0.5, -0.5])
    assert parameter.grad.dtype == np.float32


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
def test_formats_may_differ(namespace):
    nn = import_module(namespace)
    held = [with_gradient(nn, 3.0), with_gradient(nn, 4.0, dtype=np.float64)]
    assert float(nn.optim.clip_grad_norm_(held, 2.5)) == 5.0
    assert [parameter.grad.dtype.name for parameter in held] == ["float32", "float64"]


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
def test_nothing_to_clip(namespace):
    nn = import_module(namespace)
    without = Parameter(nn.asarray(np.zeros(2)))
    assert float(nn.optim.clip_grad_norm_([without], 1.0)) == 0.0
    assert without.grad is None
    empty = with_gradient(nn)
    assert float(nn.optim.clip_grad_norm_([empty], 1.0, float("inf"))) == 0.0


INF = float("inf")
WRONG = {
    "norm_type 0": (lambda o, p: o.clip_grad_norm_(p, 1.0, 0), ValueError, "norm_type=0 must be positive"),
    "norm_type -2": (lambda o, p: o.clip_grad_norm_(p, 1.0, -2.0), ValueError, "norm_type=-2.0 must be positive"),
    "max_norm -1": (lambda o, p: o.clip_grad_norm_(p, -1.0), ValueError, "max_norm=-1.0 must not be negative"),
    "max_norm NaN": (lambda o, p: o.clip_grad_norm_(p, float("nan")), ValueError, "max_norm=nan"),
    "max_norm text": (lambda o, p: o.clip_grad_norm_(p, "1"), TypeError, "max_norm='1' must be a number"),
    "clip_value None": (lambda o, p: o.clip_grad_value_(p, None), TypeError, "clip_value=None must be a number"),
    "clip_value -1": (lambda o, p: o.clip_grad_value_(p, -1.0), ValueError, "clip_value=-1.0 must not be negative"),
    "arrays": (lambda o, p: o.clip_grad_norm_([p[0].grad], 1.0), TypeError, "ndarray is not a Parameter"),
    "infinite": (lambda o, p: o.clip_grad_norm_(p, 1.0, error_if_nonfinite=True), RuntimeError, "is non-finite (inf)"),
}


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize(("call", "error", "words"), WRONG.values(), ids=WRONG)
def test_refused(call, error, words, namespace):
    nn = import_module(namespace)
    parameters = [with_gradient(nn, 3.0, INF), with_gradient(nn, 2.0)]
    before = [to_host(parameter.grad) for parameter in parameters]
    with pytest.raises(error) as caught:
        call(nn.optim, parameters)
    assert words in str(caught.value)
    np.testing.assert_equal([to_host(parameter.grad) for parameter in parameters], before)
