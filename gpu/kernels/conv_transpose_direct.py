"""The transposed convolution by the kernels of the convolution, one thread for each number: conv_direct.cu.

The kernel that gathers dx makes y, and the one that makes y gathers dx.

The loops this replaces: scratch/naive/conv_transpose.py. On the GPU by matrix products: gpu/conv_transpose.py.
"""

from gpu.kernels.channel_sums import channel_sums
from gpu.kernels.conv_direct import DWEIGHT, DX, FORWARD
from gpu.kernels.convolution import geometry
from gpu.runtime import blocks_for, launch, threads_for
from scratch.array import Array, namespace_of
from scratch.contracts import Saved
from scratch.geometry import Window2d


def conv_transpose2d(
    x: Array, weight: Array, bias: Array | None, window: Window2d, groups: int = 1
) -> tuple[Array, Saved]:
    """Gather every number of y from the windows that meet it.

    Parameters, returns: as `scratch.naive.conv_transpose.conv_transpose2d`.
    """
    xp = namespace_of(x)
    x, weight = xp.ascontiguousarray(x), xp.ascontiguousarray(weight)
    y = xp.empty((len(x), weight.shape[1] * groups, *window.input_size(x.shape[2:])), x.dtype)
    g = geometry(y, weight, window, groups)
    if y.size:
        launch(DX, blocks_for(y.size), dy=x, weight=weight, dx=y, g=g)
    if bias is not None:
        y += bias[:, None, None]
    return y, (x, weight, bias, g)


def conv_transpose2d_backward(
    dy: Array, saved: Saved, needs_dx: bool = True
) -> tuple[Array | None, Array, Array | None]:
    """Slide every filter over dy, and multiply x with what it met.

    Parameters, returns: as `scratch.naive.conv_transpose.conv_transpose2d_backward`.
    """
    x, weight, bias, g = saved
    xp = namespace_of(dy)
    dy = xp.ascontiguousarray(dy)
    dx = xp.empty(x.shape, x.dtype) if needs_dx else None
    if dx is not None and dx.size:
        launch(FORWARD, blocks_for(dx.size), x=dy, weight=weight, bias=None, y=dx, g=g)
    dweight = xp.empty(weight.shape, x.dtype)
    launch(DWEIGHT, dweight.size, threads_for(x.size // g["O"]), x=dy, dy=x, dweight=dweight, g=g)
    return dx, dweight, None if bias is None else channel_sums(dy)
