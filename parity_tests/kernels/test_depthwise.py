"""Depthwise convolution: which layers it serves, and half precision."""

import numpy as np
import pytest
import torch

from gpu import emulated as nn
from gpu.kernels import conv_depthwise
from scratch.geometry import Window2d


@pytest.mark.parametrize(
    ("arguments", "served"),
    [
        ({"in_channels": 4, "out_channels": 4, "groups": 4}, True),
        ({"in_channels": 4, "out_channels": 8, "groups": 4}, True),
        ({"in_channels": 1, "out_channels": 3, "groups": 1}, True),
        ({"in_channels": 4, "out_channels": 8, "groups": 2}, False),
        ({"in_channels": 4, "out_channels": 4, "groups": 1}, False),
        ({"in_channels": 2, "out_channels": 4, "groups": 2, "kernel_size": (64, 48)}, True),  # 48 KiB of float64
        ({"in_channels": 2, "out_channels": 4, "groups": 2, "kernel_size": (64, 49)}, False),
    ],
)
def test_it_serves_layers_whose_outputs_see_one_channel(arguments, served):
    assert ("depthwise" in nn.Conv2d(**{"kernel_size": 3} | arguments).algorithms) is served


def test_asked_for_another_layer_it_says_what_serves():
    layer = nn.Conv2d(4, 8, 3, groups=2)
    layer.algorithm = "depthwise"
    serving = ", ".join(layer.algorithms)
    assert "direct" in serving
    with pytest.raises(ValueError, match=rf"algorithm='depthwise': gpu\.emulated has {serving} for Conv2d\(4, 8, "):
        layer(nn.asarray(np.zeros((1, 4, 5, 6), np.float32)))


def through_torch(x, weight, dy):
    """Compute y, dx and dweight in float64."""
    x, weight = (torch.tensor(each.astype(np.float64), requires_grad=True) for each in (x, weight))
    y = torch.conv2d(x, weight, groups=2)
    y.backward(torch.tensor(dy.astype(np.float64)))
    return [each.detach().numpy() for each in (y, x.grad, weight.grad)]


@pytest.mark.gxx
def test_half_precision_is_storage_with_sums_in_float():
    """Sums of about a thousand halves: in half arithmetic they would be off by tenths; only the result is rounded."""
    rng = np.random.default_rng(0)
    shapes = [(2, 2, 50, 60), (4, 1, 30, 41), (2, 4, 21, 20)]
    x, weight, dy = (rng.standard_normal(shape).astype(np.float16) for shape in shapes)
    y, saved = conv_depthwise.conv2d(nn.asarray(x), nn.asarray(weight), None, Window2d.of((30, 41)), 2)
    dx, dweight, dbias = conv_depthwise.conv2d_backward(nn.asarray(dy), saved)
    assert dbias is None

    sizes = through_torch(abs(x), abs(weight), abs(dy))
    for ours, right, size in zip((y, dx, dweight), through_torch(x, weight, dy), sizes, strict=True):
        assert ours.dtype == np.float16
        half_an_ulp = np.spacing(np.abs(right).astype(np.float16)).astype(np.float64) / 2
        in_float = 2 * 30 * 41 * 2.0**-24 * size  # the bound of a sum of that many products, the most of the three
        assert (np.abs(ours.get() - right) <= half_an_ulp * 1.01 + in_float).all()
