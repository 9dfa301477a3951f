"""Options that are NumPy's float64, from np.linspace perhaps, leave float32 as it is, as in torch."""

from collections import OrderedDict
from importlib import import_module

import numpy as np
import pytest

import scratch
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.module import Parameter

X = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
TENTH = np.float64(0.1)


@pytest.mark.parametrize("options", [{"momentum": TENTH}, {"eps": TENTH}], ids=str)
def test_batch_norm_stays_float32(options):
    layer = scratch.BatchNorm2d(3, **options)
    layer(X)
    assert layer.eval()(X).dtype == np.float32
    assert {value.dtype.name for value in layer.state_dict().values()} == {"float32", "int64"}


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", ["LeakyReLU", "ELU", "Softplus", "Dropout", "Dropout2d"])
def test_a_layer_of_one_option_keeps_the_dtype(name, dtype, namespace):
    nn = import_module(namespace)
    layer = getattr(nn, name)(TENTH)
    assert layer(nn.asarray(X.astype(dtype))).dtype == dtype


def test_all_is_dropped_whatever_number_one_is():
    assert not scratch.Dropout(np.float16(1))(X).any()


def test_cross_entropy_stays_float32():
    criterion = scratch.CrossEntropyLoss(label_smoothing=TENTH)
    assert criterion(X[:, :, 0, 0], np.array([0, 1])).dtype == np.float32
    assert criterion.backward().dtype == np.float32


@pytest.mark.parametrize(
    "build",
    [
        lambda p: scratch.optim.SGD(p, lr=TENTH, momentum=TENTH, dampening=TENTH, weight_decay=TENTH),
        lambda p: scratch.optim.Adam(p, lr=TENTH, betas=(TENTH, TENTH), eps=TENTH, weight_decay=TENTH),
    ],
    ids=["SGD", "Adam"],
)
def test_an_optimiser_stays_float32(build):
    theta = Parameter(np.ones(3, np.float32))
    optimiser = build([theta])
    for _ in range(2):
        theta.grad = np.ones(3, np.float32)
        optimiser.step()
    arrays = [theta.data, *(value for value in optimiser.state[0].values() if isinstance(value, np.ndarray))]
    assert {array.dtype.name for array in arrays} == {"float32"}


def test_one_cycle_leaves_the_state_float32():
    theta = Parameter(np.ones(3, np.float32))
    optimiser = scratch.optim.SGD([theta], lr=0.1, momentum=0.9)
    scratch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=TENTH, total_steps=5, base_momentum=TENTH, max_momentum=TENTH
    )
    for _ in range(2):
        theta.grad = np.ones(3, np.float32)
        optimiser.step()
    assert optimiser.state[0]["momentum_buffer"].dtype == np.float32


def test_a_module_behind_an_ordered_dict_is_not_dropped():
    with pytest.raises(TypeError, match="OrderedDict"):
        scratch.Sequential(OrderedDict(a=scratch.ReLU()), scratch.Flatten())


@pytest.mark.parametrize("build", [lambda: scratch.MSELoss("sum"), lambda: scratch.CrossEntropyLoss(None, 1)])
def test_what_stands_elsewhere_in_torch_goes_by_name(build):
    with pytest.raises(TypeError, match="positional"):
        build()


def test_a_subclass_of_ndarray_from_another_library_is_an_array():
    class Picture(np.ndarray):
        pass

    layer = scratch.Conv2d(3, 2, 2, padding=1)
    assert np.array_equal(layer(X.view(Picture)), layer(X))
