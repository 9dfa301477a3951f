"""Sizes beyond 32 bits: offsets are counted in 64, and what cannot be counted is refused.

The arrays have more than 2**31 numbers, of which a few are touched: the machine gives memory to those pages only.
"""

import numpy as np
import pytest

from gpu import emulated as nn
from gpu.kernels import conv_depthwise, conv_direct, conv_im2col, conv_implicit_gemm, pool
from gpu.on_numpy.stand_in import ndarray
from scratch.geometry import Window2d

pytestmark = pytest.mark.gxx

W = 2**29
FAR = Window2d.of((1, 2), stride=(1, W // 2))  # two windows in each row


def rows(shape, dtype):
    """Zeros that no page belongs to yet, with the number of each row where its windows begin."""
    x = np.zeros(shape, dtype)
    for number, row in enumerate(x.reshape(-1, W), 1):
        row[[0, 1, W // 2]] = number, 1, 2 * number
    return ndarray(x)  # as it is: asarray would copy it


@pytest.mark.parametrize("algorithm", [conv_direct, conv_im2col, conv_implicit_gemm])
def test_offsets_of_convolutions(algorithm):
    x = rows((3, 2, 1, W), np.float16)  # 3 * 2**30 numbers
    weight = np.array([[[[1, 2]], [[4, 8]]]], np.float16)
    y, saved = algorithm.conv2d(x, nn.asarray(weight), None, FAR)
    want = np.array([[[[n + 2 + 4 * (n + 1) + 8, 2 * n + 4 * 2 * (n + 1)]]] for n in (1, 3, 5)], np.float16)
    np.testing.assert_array_equal(y.get(), want)
    _, dweight, _ = algorithm.conv2d_backward(nn.asarray(np.ones_like(want)), saved, needs_dx=False)
    first, second = (sum(3 * n for n in numbers) for numbers in ((1, 3, 5), (2, 4, 6)))
    np.testing.assert_array_equal(dweight.get(), np.array([[[[first, 3]], [[second, 3]]]], np.float16))


def test_offsets_of_depthwise_convolutions():
    x = rows((3, 2, 1, W), np.float16)
    weight = np.array([[[[1, 2]]], [[[4, 8]]]], np.float16)
    y, saved = conv_depthwise.conv2d(x, nn.asarray(weight), None, FAR, 2)
    want = np.array([[[[n + 2, 2 * n]], [[4 * (n + 1) + 8, 8 * (n + 1)]]] for n in (1, 3, 5)], np.float16)
    np.testing.assert_array_equal(y.get(), want)
    _, dweight, _ = conv_depthwise.conv2d_backward(nn.asarray(np.ones_like(want)), saved, needs_dx=False)
    np.testing.assert_array_equal(dweight.get(), np.array([[[[27, 3]]], [[[36, 3]]]], np.float16))


def test_offsets_of_pools():
    x = rows((5, 1, 1, W), np.uint8)  # 2.5 * 2**30 numbers
    y, saved = pool.max_pool2d(x, FAR)
    np.testing.assert_array_equal(y.get(), [[[[n, 2 * n]]] for n in range(1, 6)])
    np.testing.assert_array_equal(pool.max_pool2d_indices(saved).get(), [[[[0, W // 2]]]] * 5)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(1, 1, 2, padding=2**30, stride=2**30),
        nn.Conv2d(1, 1, (2, 1), padding=(2**30, 0), dilation=(2**31, 1)),
        nn.MaxPool2d(1, 2**31 - 1),
        nn.AvgPool2d(2, 2**31 - 1),
    ],
    ids=str,
)
def test_a_geometry_that_kernels_cannot_count_is_refused(layer):
    for algorithm in getattr(layer, "algorithms", ["kernel"]):
        layer.algorithm = algorithm
        with pytest.raises(ValueError, match=r"reaches over \[\d+, \d+\]: kernels count up to 1073741824"):
            layer(nn.asarray(np.ones((1, 1, 3, 4), np.float32)))
