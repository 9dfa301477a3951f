"""Layer and group normalisation beyond the suite's cases."""

from importlib import import_module

import numpy as np
import pytest

import scratch
from parity_tests.modules.models import HOST_NAMESPACES
from scratch.array import to_host
from scratch.fast import group_norm, layer_norm, row_norm
from scratch.fast.layout import nchw_view, nhwc

LAYERS = {
    "LayerNorm": (lambda nn: nn.LayerNorm(5), (4, 5), (1,)),
    "GroupNorm": (lambda nn: nn.GroupNorm(2, 4), (3, 4, 3), (1, slice(2, 4))),
}
"""A layer, a shape of x, and one of the rows that are normalised together."""


@pytest.mark.parametrize("namespace", HOST_NAMESPACES)
@pytest.mark.parametrize("name", LAYERS)
def test_an_infinite_gradient_spoils_its_own_row_only(name, namespace):
    nn = import_module(namespace)
    build, shape, row = LAYERS[name]
    generator = np.random.default_rng(0)
    x, dy = (generator.standard_normal(shape) for _ in range(2))
    infinite = dy.copy()
    infinite[row][..., 1] = np.inf
    gradients = []
    for upstream in (dy, infinite):
        layer = build(nn).to(np.float64)
        layer(nn.asarray(x))
        with np.errstate(invalid="ignore"):
            gradients.append(to_host(layer.backward(nn.asarray(upstream))))
    expected, got = gradients
    assert not np.isfinite(got[row]).any()
    expected[row] = got[row] = 0
    np.testing.assert_array_equal(got, expected)


def test_sizes_may_be_a_list():
    assert scratch.LayerNorm([3, 5]).normalized_shape == (3, 5)


def agree(readable, fast, x, dy):
    """Compare two forms, forward and backward, where x and dy lie in a row and where they do not."""
    (forward, backward), (its_forward, its_backward) = readable, fast
    expected, saved = forward(x)
    gradients = backward(dy, saved)
    for its_x in (x, np.asfortranarray(x)):
        y, saved = its_forward(its_x)
        np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)
        for its_dy in (dy, np.asfortranarray(dy)):
            for got, want in zip(its_backward(its_dy, saved), gradients, strict=True):
                np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-10)


def test_blocks_and_threads_meet():
    """As many rows as several blocks and threads take, beside the readable form."""
    generator = np.random.default_rng(0)
    x, dy = (generator.standard_normal((5, 501, 900)) for _ in range(2))
    arguments = (1, *(generator.standard_normal(900) for _ in range(2)), 1e-5)
    agree(
        (lambda x: layer_norm.layer_norm(x, *arguments), layer_norm.layer_norm_backward),
        (lambda x: row_norm.layer_norm(x, *arguments), row_norm.layer_norm_backward),
        x,
        dy,
    )


@pytest.mark.parametrize("shape", [(2, 6, 513, 31), (13, 150, 11, 101), (3, 6, 5, 3), (2, 6, 200, 100)])
def test_planes_as_groups(shape):
    """Few large planes, several blocks of images in two threads, planes that are too small and too large."""
    generator = np.random.default_rng(0)
    x, dy = (generator.standard_normal(shape) for _ in range(2))
    arguments = (3, *(generator.standard_normal(shape[1]) for _ in range(2)), 1e-5)
    agree(
        (lambda x: layer_norm.group_norm(x, *arguments), layer_norm.group_norm_backward),
        (lambda x: group_norm.group_norm(x, *arguments), group_norm.group_norm_backward),
        x,
        dy,
    )


@pytest.mark.parametrize("shape", [(2, 6, 53, 31), (13, 12, 110, 101), (3, 6, 5, 3), (1, 3, 1, 1), (2, 6, 600, 200)])
def test_columns_as_groups(shape):
    """Several blocks of images in two threads, sums with a rest, images that are too large; dy in both memories."""
    generator = np.random.default_rng(0)
    x, dy = (generator.standard_normal(shape) for _ in range(2))
    arguments = (3, *(generator.standard_normal(shape[1]) for _ in range(2)), 1e-5)
    y, saved = layer_norm.group_norm(x, *arguments)
    gradients = layer_norm.group_norm_backward(dy, saved)
    its_y, saved = group_norm.group_norm(nchw_view(nhwc(x)), *arguments)
    np.testing.assert_allclose(its_y, y, rtol=1e-10, atol=1e-12)
    for its_dy in (dy, nchw_view(nhwc(dy))):
        for got, want in zip(group_norm.group_norm_backward(its_dy, saved), gradients, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-10)
