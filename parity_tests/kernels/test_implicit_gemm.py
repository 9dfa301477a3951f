"""What the cases of the kernels do not reach in implicit GEMM: weights that are not finite, and the memory it takes."""

import numpy as np
import pytest

from gpu import emulated as nn
from gpu.blocks import BLOCK_BYTES
from gpu.kernels import conv_implicit_gemm
from gpu.runtime import checked_launches
from scratch.geometry import Window2d
from scratch.naive import conv

WINDOWS = [
    Window2d.of((3, 2), padding=(1, 2)),
    Window2d.of((3, 2), stride=(2, 3), padding=(1, 2), dilation=(1, 2)),
    Window2d.of(1, stride=(1, 2)),
    Window2d.of(1),
]


def gradients(window, value):
    """Of a convolution with one such weight and one such dy, by the kernels and by the specification."""
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((2, 4, 7, 8)), rng.standard_normal((6, 2, *window.kernel_size))
    weight[1, 1, 0, -1] = value
    with np.errstate(invalid="ignore"):
        y, saved = conv.conv2d(x, weight, None, window, 2)
        dy = rng.standard_normal(y.shape)
        dy[1, 2, 0, 1] = value
        want = [y, *conv.conv2d_backward(dy, saved)[:2]]
    with checked_launches():
        y, saved = conv_implicit_gemm.conv2d(nn.asarray(x), nn.asarray(weight), None, window, 2)
        got = [y, *conv_implicit_gemm.conv2d_backward(nn.asarray(dy), saved)[:2]]
    return [each.get() for each in got], want


@pytest.mark.gxx
@pytest.mark.parametrize("value", [np.inf, np.nan])
@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: f"{window.kernel_size} stride {window.stride}")
def test_what_is_not_finite_reaches_what_it_meets_and_nothing_else(window, value):
    """Zeros of the padding are met, in y and dweight; in dx there are no outputs beyond the last to be met."""
    for got, want in zip(*gradients(window, value), strict=True):
        assert not np.isfinite(want).all()
        assert np.isfinite(want).any()
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


@pytest.mark.gxx
@pytest.mark.parametrize("kernel_size", [1, (2, 4)])
@pytest.mark.parametrize("which", range(3))
def test_arrays_that_begin_at_no_multiple_of_16_bytes(which, kernel_size):
    """As the parameters do that an optimiser holds side by side: they must not be loaded 16 bytes at once."""
    rng, window = np.random.default_rng(0), Window2d.of(kernel_size)
    shapes = [(2, 4, 4, 8), (8, 4, *window.kernel_size), (2, 8, *window.output_size((4, 8)))]
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]

    def gradients(place):
        x, weight, dy = (place(number, array) for number, array in enumerate(arrays))
        y, saved = conv_implicit_gemm.conv2d(x, weight, None, window)
        return [each.get() for each in (y, *conv_implicit_gemm.conv2d_backward(dy, saved)[:2])]

    def one_number_on(number, array):
        flat = np.append(np.zeros(int(number == which), np.float32), array.ravel())
        return nn.asarray(flat)[flat.size - array.size :].reshape(array.shape)

    want = gradients(lambda _, array: nn.asarray(array))
    for got, right in zip(gradients(one_number_on), want, strict=True):
        np.testing.assert_array_equal(got, right)


@pytest.mark.parametrize("itemsize", [2, 4, 8])
@pytest.mark.parametrize("weights", [1, 30_000, 10**7, 10**9])
@pytest.mark.parametrize("positions", [0, 1, 255, 512, 10**5 + 1, 10**10])
def test_slices_cover_all_positions_in_bounded_memory(positions, weights, itemsize):
    split = conv_implicit_gemm.split_for(3, positions, weights, itemsize)
    slices, length = split["slices"], split["positions"]
    assert (slices - 1) * length <= max(positions - 1, 0) < slices * length
    assert slices == 1 or slices * weights * split["parts"] * itemsize <= BLOCK_BYTES
    assert 3 * slices < conv_implicit_gemm.BLOCKS + 3
