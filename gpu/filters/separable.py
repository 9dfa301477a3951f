"""Cross-correlation on the GPU with a kernel that is a column times a row: two short passes instead of one long one.

The same in NumPy: scratch/images/separable.py, which also says which kernels these are.
"""

from gpu.filters import direct
from scratch.array import Array, HostArray, namespace_of
from scratch.geometry import Pair, Window2d
from scratch.images.separable import factors


def correlate(padded: Array, kernel: HostArray, stride: Pair) -> Array:
    """Correlate with the column, then with the row.

    Parameters, returns, raises: as `scratch.images.separable.correlate`; the kernel is an array of the host.
    """
    found = factors(kernel)
    if found is None:
        raise ValueError(
            f"method='separable' needs a kernel that is a column times a row, and this one of shape {kernel.shape} "
            "is not"
        )
    column, row = found[0][:, None], found[1][None]
    (N, H, W), (kH, kW), (sH, sW) = padded.shape, kernel.shape, stride
    outH, outW = Window2d.of((kH, kW), stride).output_size((H, W))
    y: Array = namespace_of(padded).empty((N, outH, outW), padded.dtype)
    row_bytes = 3 * W * padded.itemsize  # at once: the column's result, the row's, and the product of one tap
    for images, rows in direct.pieces(N, outH, row_bytes):
        part = padded[images, rows.start * sH : (rows.stop - 1) * sH + kH]
        y[images, rows] = direct.correlate(direct.correlate(part, column, (sH, 1)), row, (1, sW))
    return y
