"""Which convolution runs, and when that is worked out anew."""

import numpy as np
import pytest

import scratch


@pytest.mark.parametrize(
    ("arguments", "shape", "strict", "fast"),
    [
        ((1, 4, 3), (1, 1, 8, 8), "one_product", "one_product"),
        ((4, 3650, 3), (32, 4, 4, 4), "im2col", "im2col"),  # one dweight for each image would take too much
        ((680, 700, 3), (1, 680, 3, 3), "im2col", "im2col"),
        ((1, 16, 3), (64, 1, 28, 28), "rows", "rows"),
        ((1, 6, 5, 1, 2), (64, 1, 28, 28), "banded", "banded"),
        ((6, 16, 5), (64, 6, 14, 14), "banded", "banded"),
        ((6, 16, 5), (8, 6, 140, 140), "rows", "rows"),
        ((3, 64, 7, 2, 3), (8, 3, 112, 128), "rows", "rows"),
        ((64, 64, 3), (16, 64, 56, 56), "winograd", "winograd_fast"),
        ((64, 64, 3, 2), (4, 64, 56, 56), "im2col", "im2col"),
        ((64, 256, 1), (2, 64, 28, 28), "1x1", "1x1"),
        ((32, 32, 3, 1, 1, 1, 32), (2, 32, 28, 28), "depthwise", "depthwise"),
        ((32, 32, 3, 1, 1, 1, 4), (2, 32, 28, 28), "im2col", "im2col"),
        ((1, 1, 25), (1, 1, 200, 100), "rows", "fft"),
        ((8, 8, 21, 1, 1, 1, 8), (1, 8, 40, 50), "depthwise", "fft"),
    ],
)
def test_the_table(arguments, shape, strict, fast):
    layer = scratch.Conv2d(*arguments)
    x = np.ones(shape, np.float32)
    layer(x)
    assert layer.ran == strict
    with scratch.precision("fast"):
        layer(x)
    assert layer.ran == fast
    layer(x)
    assert layer.ran == strict


def test_another_shape_another_choice():
    layer = scratch.Conv2d(1, 16, 3)
    for shape, name in (((1, 1, 8, 8), "one_product"), ((64, 1, 28, 28), "rows"), ((1, 8, 8), "one_product")):
        layer(np.ones(shape, np.float32))
        assert layer.ran == name


def test_what_is_asked_for_runs_and_nothing_else():
    layer = scratch.Conv2d(2, 4, 3)
    x = np.ones((1, 2, 8, 8), np.float32)
    layer(x)
    for layer.algorithm in ("textbook", "im2col", "winograd"):
        layer(x)
        assert layer.ran == layer.algorithm
    for layer.algorithm in ("depthwise", "fft", "winograd_fast", "no such"):
        with pytest.raises(ValueError, match=f"algorithm='{layer.algorithm}'"):
            layer(x)
    layer.algorithm = None
    layer(x)
    assert layer.ran == "one_product"


def test_one_product_refuses_what_would_take_much_memory():
    layer = scratch.Conv2d(16, 4, 3)
    layer.algorithm = "one_product"
    with pytest.raises(ValueError, match="'one_product' is for small images"):
        layer(np.ones((4, 16, 128, 128), np.float32))


def test_shapes_are_checked_in_every_call():
    layer = scratch.Conv2d(2, 4, 3)
    layer(np.ones((1, 2, 8, 8), np.float32))
    with pytest.raises(ValueError, match="to have 2 channels, but got 3 channels instead"):
        layer(np.ones((1, 3, 8, 8), np.float32))
    with pytest.raises(TypeError, match="x has dtype float64"):
        layer(np.ones((1, 2, 8, 8)))
