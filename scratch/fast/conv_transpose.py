"""The transposed convolution by the products of a convolution, which change their places.

    convolution          y = slide(x, weight)          dx = gradient_of_x(dy, weight)        dweight from x and dy
    transposed           y = gradient_of_x(x, weight)  dx = slide(dy, weight)                dweight from dy and x

Its y is what a convolution that makes x out of y would send back: columns x @ weight, added where windows overlap, or
for stride 1 a convolution with the turned filters. So here is nothing of its own but the bias; blocks, threads and
memory are those of scratch/fast/conv_im2col.py.

The loops this replaces: scratch/naive/conv_transpose.py. On the GPU: gpu/conv_transpose.py.
"""

from scratch.array import Array
from scratch.contracts import Saved
from scratch.fast.conv_im2col import gradient_of_x, gradients_of_parameters, slide
from scratch.geometry import Window2d


def conv_transpose2d(
    x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
) -> tuple[Array, Saved]:
    """Send x back through a convolution.

    Parameters, returns: as `scratch.naive.conv_transpose.conv_transpose2d`; y lies in NHWC memory, mostly.
    """
    y = gradient_of_x(x, weight, window, window.input_size(x.shape[2:]), groups)
    if bias is not None:
        y += bias[:, None, None]
    return y, (x, weight, bias, window, groups)


def conv_transpose2d_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array, Array | None]:
    """Convolve dy; in the gradient of the weight dy takes the place of the image.

    Parameters, returns: as `scratch.naive.conv_transpose.conv_transpose2d_backward`; dx lies in NHWC memory.
    """
    x, weight, bias, window, groups = saved
    dweight, _ = gradients_of_parameters(dy, x, weight, window, groups)
    dx = slide(dy, weight, None, window, x.shape[2:], groups) if needs_dx else None
    return dx, dweight, None if bias is None else dy.sum(axis=(0, 2, 3))
