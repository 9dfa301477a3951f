"""Half precision beside what the parity suite compares: who has which dtype, and what a mixture is told."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import numpy as np
import pytest

from parity_tests.bad_input.arrays import numbers
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host

HALF = np.float16
each_namespace = pytest.mark.parametrize("namespace", HOST_NAMESPACES)


@each_namespace
def test_what_a_layer_holds_stays_half(namespace):
    nn = import_module(namespace)
    layer = nn.BatchNorm2d(3).to(HALF)
    x = nn.asarray(numbers(4, 3, 5, 2).astype(HALF))
    dx = layer.backward(layer(x))
    assert {held.dtype for held in (layer.weight, layer.bias, layer.running_mean, layer.running_var)} == {
        np.dtype(HALF)
    }
    assert [layer.weight.grad.dtype, layer.bias.grad.dtype, dx.dtype] == [HALF] * 3
    assert layer.num_batches_tracked.dtype == np.int64
    assert float(abs(layer.running_mean.data).max()) > 0


@each_namespace
def test_gradients_of_two_backwards_add_up_in_half(namespace):
    nn = import_module(namespace)
    layer = nn.Linear(4, 3, dtype=HALF)
    x, dy = nn.asarray(numbers(5, 4).astype(HALF)), nn.asarray(numbers(5, 3).astype(HALF))
    layer(x)
    layer.backward(dy)
    once = to_host(layer.weight.grad)
    layer(x)
    layer.backward(dy)
    assert layer.weight.grad.dtype == HALF
    np.testing.assert_array_equal(to_host(layer.weight.grad), 2 * once)


@each_namespace
@pytest.mark.parametrize("weights", ["float32", "float64"])
def test_half_of_a_mixture_is_refused(namespace, weights):
    nn = import_module(namespace)
    layer = nn.Conv2d(3, 4, 3, dtype=weights)
    before = layer.weight.data
    with pytest.raises(TypeError, match=f"x has dtype float16 and the weight {weights}; they should be the same"):
        layer(nn.asarray(numbers(2, 3, 5, 6).astype(HALF)))
    assert layer.weight.data is before
    wide = nn.Conv2d(3, 4, 3, dtype=HALF)
    with pytest.raises(TypeError, match=f"x has dtype {weights} and the weight float16; they should be the same"):
        wide(nn.asarray(numbers(2, 3, 5, 6).astype(weights)))


@each_namespace
def test_losses_refuse_targets_of_another_format(namespace):
    nn = import_module(namespace)
    x = nn.asarray(numbers(5, 3).astype(HALF))
    with pytest.raises(TypeError, match="target has dtype float32 and x float16; they should be the same"):
        nn.MSELoss()(x, nn.asarray(numbers(5, 3).astype(np.float32)))
    with pytest.raises(TypeError, match="x has dtype float16 and the weight float32"):
        nn.CrossEntropyLoss(nn.asarray(np.ones(3, np.float32)))(x, nn.asarray(np.array([0, 1, 2, 0, 1])))


@each_namespace
def test_after_an_error_the_weights_are_half_as_before(namespace):
    nn = import_module(namespace)
    layer = nn.Conv2d(3, 4, 3, dtype=HALF)
    held = layer.weight.data
    with pytest.raises(ValueError, match="to have 3 channels"):
        layer(nn.asarray(numbers(2, 5, 6, 7).astype(HALF)))
    assert layer.weight.data is held


@each_namespace
def test_sums_are_not_rounded_on_their_way(namespace):
    """4,096 ones add up to 4,096; rounded to float16 after each addition they stop at 2,048."""
    nn = import_module(namespace)
    layer = nn.Linear(4096, 1, bias=False, dtype=HALF)
    layer.load_state_dict({"weight": np.ones((1, 4096))})
    y = layer(nn.asarray(np.ones((1, 4096), HALF)))
    assert float(y[0, 0]) == 4096
    loss = nn.MSELoss(reduction="sum")
    assert float(loss(nn.asarray(np.ones(4096, HALF)), nn.asarray(np.zeros(4096, HALF)))) == 4096


@each_namespace
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_a_step_is_in_place_and_keeps_half(namespace, name):
    nn = import_module(namespace)
    layer = nn.Linear(4, 3, dtype=HALF)
    optimiser = getattr(nn.optim, name)(layer.parameters(), lr=0.1)
    layer.backward(layer(nn.asarray(np.ones((2, 4), HALF))))
    held, before = layer.weight.data, to_host(layer.weight.data)
    for _ in range(2):
        optimiser.step()
    assert layer.weight.data is held
    assert held.dtype == HALF
    assert not np.array_equal(to_host(held), before)
    assert all(v.dtype == HALF for state in optimiser.state for v in state.values() if hasattr(v, "dtype"))


@each_namespace
def test_threads_share_a_layer(namespace):
    """None of them finds the weights as another has them to compute with, in float32."""
    nn = import_module(namespace)
    layer = nn.Linear(300, 200, dtype=HALF)
    batches = [nn.asarray(numbers(40 + i, 300).astype(HALF)) for i in range(2)]
    alone = [to_host(layer(x)) for x in batches]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda x: to_host(layer(x)), batches * 20))
    for i, y in enumerate(together):
        np.testing.assert_array_equal(y, alone[i % 2])
    assert layer.weight.data.dtype == HALF
