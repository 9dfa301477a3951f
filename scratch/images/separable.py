"""Kernels that are a column times a row: two short passes instead of one long one.

    1 2 1       1                          a kH x kW kernel costs kH * kW products for each pixel,
    2 4 2   =   2   times   1 2 1          its column and its row together kH + kW
    1 2 1       1

Box, Gaussian and Sobel kernels are of this kind, the Laplacian and the sharpening kernel are not.
"""

import numpy as np

from scratch.array import Array
from scratch.geometry import Pair
from scratch.images import direct


def factors(kernel: Array) -> tuple[Array, Array] | None:
    """Find the column and the row whose product the kernel is, or None.

    Of such a kernel every row is a multiple of every other. So the column and the row through its largest number,
    the row divided by that number, must give all the others:

        |kernel[u, v] - column[u] * row[v]|  <=  (kH + kW) eps |kernel[u, v]|        for every u and v

    where eps is the machine epsilon of the kernel's dtype. That is as much as the roundings of the two passes amount
    to in any case, and more than the at most 5 eps of a product that was rounded and then divided by a sum, for all
    kernels that are worth it.

    Parameters
    ----------
    kernel : (kH, kW) floating array

    Returns
    -------
    (kH,) and (kW,) arrays, or None

    Examples
    --------
    >>> factors(np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0]]))
    (array([1., 2.]), array([ 1.,  0., -1.]))
    >>> factors(np.eye(2)) is None
    True
    """
    at = np.unravel_index(np.argmax(np.abs(kernel)), kernel.shape)
    if kernel[at] == 0:
        return np.zeros_like(kernel[:, 0]), np.zeros_like(kernel[0])
    column, row = kernel[:, at[1]].copy(), kernel[at[0]] / kernel[at]
    allowed = sum(kernel.shape) * np.finfo(kernel.dtype).eps * np.abs(kernel)
    if np.any(np.abs(kernel - np.outer(column, row)) > allowed):
        return None
    return column, row


def correlate(padded: Array, kernel: Array, stride: Pair) -> Array:
    """Correlate with the column, then with the row.

    Parameters, returns: as `scratch.images.loops.correlate`.

    Raises
    ------
    ValueError
        if the kernel is not a column times a row
    """
    found = factors(kernel)
    if found is None:
        raise ValueError(
            f"method='separable' needs a kernel that is a column times a row, and this one of shape {kernel.shape} "
            "is not"
        )
    column, row = found[0][:, None], found[1][None]
    planes = [
        direct.correlate(direct.correlate(plane[None], column, (stride[0], 1)), row, (1, stride[1])) for plane in padded
    ]
    return np.concatenate(planes) if planes else direct.correlate(padded, kernel, stride)
