"""The sum of every channel by a kernel, one block for each: channel_sums.cu has the picture."""

from math import prod

from gpu.declaration import Source
from gpu.kernels.convolution import HALF_TO_DOUBLE
from gpu.runtime import launch, threads_for
from scratch.array import Array, namespace_of

SOURCE = Source("channel_sums.cu")
SUMS = SOURCE.kernel(
    "channel_sums",
    "const T* x, T* sums, int N, int O, long long plane",
    {"x": "N O plane", "sums": "O"},
    HALF_TO_DOUBLE,
)


def channel_sums(x: Array) -> Array:
    """Add up the numbers of each channel: of shape (O,) for x (N, O, H, W)."""
    xp, (N, O), plane = namespace_of(x), x.shape[:2], prod(x.shape[2:])
    sums: Array = xp.empty(O, x.dtype)
    launch(SUMS, O, threads_for(N * plane), x=xp.ascontiguousarray(x), sums=sums, N=N, O=O, plane=plane)
    return sums
