"""Layers give the same numbers whatever memory x and dy lie in, alike or not, cut or whole."""

from itertools import product

import numpy as np
import pytest

import scratch
from scratch.fast import blocks, max_pool_small, relu, smooth, softmax

SHAPE = (3, 5, 7, 6)
LAYERS = {
    "max pool": lambda: scratch.MaxPool2d(2),
    "max pool, padded": lambda: scratch.MaxPool2d((3, 2), (2, 1), 1),
    "average pool": lambda: scratch.AvgPool2d((2, 3), 2, (1, 0), count_include_pad=False),
    "adaptive max pool": lambda: scratch.AdaptiveMaxPool2d((3, 4)),
    "adaptive average pool": lambda: scratch.AdaptiveAvgPool2d((3, 4)),
    "upsample": lambda: scratch.Upsample((5, 13)),
    "upsample, bilinear": lambda: scratch.Upsample((10, 5), mode="bilinear"),
    "ReLU": scratch.ReLU,
    "leaky ReLU": scratch.LeakyReLU,
    "GELU": scratch.GELU,
    "GELU by tanh": lambda: scratch.GELU("tanh"),
    "SiLU": scratch.SiLU,
    "ELU": lambda: scratch.ELU(0.7),
    "softplus": scratch.Softplus,
    "softmax": lambda: scratch.Softmax(1),
    "softmax, last": lambda: scratch.Softmax(-1),
    "log softmax": lambda: scratch.LogSoftmax(-2),
    "batch norm": lambda: scratch.BatchNorm2d(5),
    "batch norm, evaluation": lambda: scratch.BatchNorm2d(5).eval(),
    "layer norm": lambda: scratch.LayerNorm((7, 6)),
    "layer norm, last": lambda: scratch.LayerNorm(6),
    "group norm": lambda: scratch.GroupNorm(5, 5),
}


def strided(x):
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 0] = x
    return wide[..., 0]


REORDERED = ("norm", "softmax", "bilinear")
"""Their sums run along planes or across them, or are matrix products of either: the same numbers in another order."""

LAYOUTS = {
    "NCHW": lambda x: x.copy(),
    "NHWC": lambda x: x.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2),
    "CHWN": lambda x: x.transpose(1, 2, 3, 0).copy().transpose(3, 0, 1, 2),
    "strided": strided,
    "backwards": lambda x: x[::-1, ::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1, ::-1],
}


def run(build, x, dy_layout):
    layer = build()
    y = layer(x)
    dy = np.random.default_rng(1).standard_normal(y.shape).astype(y.dtype)
    return [y, layer.backward(dy_layout(dy)), *(parameter.grad for parameter in layer.parameters())]


@pytest.mark.parametrize("block_bytes", [1, 300, blocks.CACHE_BYTES])
@pytest.mark.parametrize("name", LAYERS)
def test_the_memory_of_x_and_dy_does_not_matter(name, block_bytes, monkeypatch: pytest.MonkeyPatch):
    x = np.random.default_rng(0).standard_normal(SHAPE).astype(np.float32)
    monkeypatch.setattr(blocks, "CACHE_BYTES", block_bytes)
    for module in (relu, smooth, softmax, max_pool_small):
        monkeypatch.setattr(module, "SMALL", 1)
    expected = run(LAYERS[name], x, LAYOUTS["NCHW"])
    for lies, dy_lies in product(LAYOUTS.values(), LAYOUTS.values()):
        for got, want in zip(run(LAYERS[name], lies(x), dy_lies), expected, strict=True):
            if any(word in name for word in REORDERED):
                np.testing.assert_allclose(got, want, rtol=0, atol=1e-5)
            else:
                np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("name", LAYERS)
def test_nhwc_memory_stays_so(name):
    x = LAYOUTS["NHWC"](np.random.default_rng(0).standard_normal(SHAPE).astype(np.float32))
    y, dx, *_ = run(LAYERS[name], x, LAYOUTS["NHWC"])
    assert y.transpose(0, 2, 3, 1).flags.c_contiguous
    assert dx.transpose(0, 2, 3, 1).flags.c_contiguous


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Softplus", "Tanh"])
def test_an_array_of_no_axes_stays_an_array(name):
    """NumPy's own functions make a number of it, which the next layer would refuse."""
    layer = getattr(scratch, name)()
    y = layer(np.array(0.5, np.float32))
    dx = layer.backward(np.array(2, np.float32))
    assert (type(y), type(dx), y.shape, dx.shape) == (np.ndarray, np.ndarray, (), ())
