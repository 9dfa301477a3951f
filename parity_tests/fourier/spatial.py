"""Convolution of an image by its definition, with every border, without any transform and without np.pad."""

import numpy as np

from scratch.array import HostArray

BORDERS = ("zero", "replicate", "reflect", "symmetric", "circular")


def cell(i: int, n: int, border: str) -> int:
    """The cell of a row of n that continues it at position i; n itself stands for a zero.

    >>> [[cell(i, 4, border) for i in range(-2, 6)] for border in ("reflect", "symmetric")]
    [[2, 1, 0, 1, 2, 3, 2, 1], [1, 0, 0, 1, 2, 3, 3, 2]]
    """
    if border == "zero":
        return i if 0 <= i < n else n
    if border == "replicate":
        return min(max(i, 0), n - 1)
    if border == "circular":
        return i % n
    if border == "symmetric":
        return min(i % (2 * n), 2 * n - 1 - i % (2 * n))
    period = max(2 * n - 2, 1)
    return min(i % period, period - i % period) if n > 1 else 0


def convolve(image: HostArray, kernel: HostArray, border: str) -> HostArray:
    """y[i, j] = sum over u, v of kernel[u, v] * image[i + kH // 2 - u, j + kW // 2 - v], of (H, W), in float64."""
    (H, W), (kH, kW) = image.shape, kernel.shape
    cells = surrounded(image, kernel.shape, border).astype(np.float64)
    y = np.zeros((H, W))
    for u, v in np.ndindex(kH, kW):
        y += kernel[u, v] * cells[kH - 1 - u :, kW - 1 - v :][:H, :W]
    return y


def surrounded(image: HostArray, kernel_size: tuple[int, ...], border: str) -> HostArray:
    """An (H, W) image with all cells around it that a kernel of this size can reach."""
    (H, W), (kH, kW) = image.shape, kernel_size
    with_zero = np.zeros((H + 1, W + 1), image.dtype)
    with_zero[:H, :W] = image
    rows = [cell(i, H, border) for i in range(kH // 2 - (kH - 1), H + kH // 2)]
    columns = [cell(j, W, border) for j in range(kW // 2 - (kW - 1), W + kW // 2)]
    return with_zero[np.ix_(rows, columns)]
