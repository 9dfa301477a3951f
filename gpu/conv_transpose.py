"""The transposed convolution on the GPU, by the products of the convolution: what goes there, comes back here.

    y = what the convolution sends back for x      dx = the convolution of dy      dweight: dy is the image

The loops this replaces: scratch/naive/conv_transpose.py. The same in NumPy: scratch/fast/conv_transpose.py; the
products: gpu/conv.py.
"""

from gpu.conv import conv2d, send_back
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.geometry import Window2d, pad2d, unpad2d


def conv_transpose2d(
    x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
) -> tuple[Array, Saved]:
    """Add columns weight.T @ x where windows overlap, and cut the padding off.

    Parameters, returns: as `scratch.naive.conv_transpose.conv_transpose2d`.
    """
    shape = (len(x), weight.shape[1] * groups, *window.input_size(x.shape[2:]))
    padded = pad2d(namespace_of(x).zeros(shape, x.dtype), window.padding)
    send_back(x, weight, window, groups, None, None, padded)
    y = unpad2d(padded, window.padding)
    if bias is not None:
        y += bias[:, None, None]
    return y, (x, weight, bias, window, groups)


def conv_transpose2d_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array, Array | None]:
    """Convolve dy; multiply x with its columns.

    Parameters, returns: as `scratch.naive.conv_transpose.conv_transpose2d_backward`.
    """
    x, weight, bias, window, groups = saved
    dx = conv2d(dy, weight, None, window, groups)[0] if needs_dx else None
    dweight = namespace_of(dy).zeros(weight.shape, weight.dtype)
    send_back(x, weight, window, groups, pad2d(dy, window.padding), dweight, None)
    return dx, dweight, None if bias is None else dy.sum(axis=(0, 2, 3))
