"""The fast Fourier transform, radix 2, from scratch.

A transform of length n is made of two of length n/2, of the elements with even and with odd index:

    X[k]       = E[k] + exp(-2 pi i k / n) * O[k]
    X[k + n/2] = E[k] - exp(-2 pi i k / n) * O[k]          k = 0 ... n/2 - 1

since the odd elements come one step later, and half a turn only changes the sign. After log2(n) halvings the
transforms have length 1, and are the elements themselves: n log2(n) steps in place of n^2.

From the bottom up, all transforms of one length are the columns of one table; column j belongs to the elements j,
j + m, j + 2m, ..., where m is the number of columns. So the left half of the columns are the E, and the right the O:

    x                       0 1 2 3 4 5 6 7       m = 8, length 1
    its E and O             0 1 2 3 | 4 5 6 7
    of 0 4, 1 5, 2 6, 3 7   . . | . .             m = 4, length 2: column 0 is of elements 0 and 4
                            . . | . .
    of 0 2 4 6, 1 3 5 7     . | .                 m = 2, length 4
                            . | .
                            . | .
                            . | .
    X                       8 rows                m = 1, length 8

No step needs a bit-reversed order: it is Stockham's form.

Source: Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965; Van Loan,
"Computational Frameworks for the Fast Fourier Transform", 1992, section 1.7.

The double sum: scratch/images/fourier/dft.py.
"""

from typing import cast

import numpy as np
import numpy.typing as npt

from scratch.array import HostArray
from scratch.images.fourier.checks import check_shape, complex_dtype, numbers


def fft(x: npt.ArrayLike) -> HostArray:
    """Transform along the last axis.

        X[..., k] = sum over w of  x[..., w] * exp(-2 pi i k w / n)

    Parameters
    ----------
    x : (..., n) array, real or complex; n is a power of two

    Returns
    -------
    X : (..., n) array, complex64 for float16, float32 and complex64, else complex128

    Raises
    ------
    TypeError
        if x does not hold numbers
    ValueError
        if n is not a power of two (the message says the next one), or x is empty or a scalar

    >>> fft([1.0, 2.0, 3.0, 5.0])
    array([11.+0.j, -2.+3.j, -3.+0.j, -2.-3.j])
    """
    x = numbers(x, "x")
    check_shape(x, "x", "(..., n)")
    check_power_of_two(x, "x", -1)
    n = x.shape[-1]
    table = x.astype(complex_dtype(x))[..., None, :]  # (..., length of the transforms, number of them)
    while table.shape[-2] < n:
        length, m = table.shape[-2:]
        even, odd = table[..., : m // 2], table[..., m // 2 :]
        turn = np.exp(-1j * np.pi * np.arange(length) / length).astype(table.dtype)[:, None]
        table = np.concatenate([even + turn * odd, even - turn * odd], axis=-2)
    return table[..., 0]


def inverse_fft(X: npt.ArrayLike) -> HostArray:
    """Transform back, along the last axis: the same sum with turns the other way, over n.

        x = conj(fft(conj(X))) / n

    Parameters, returns, raises: as `fft`.

    >>> inverse_fft(fft([1.0, 2.0, 3.0, 5.0])).real
    array([1., 2., 3., 5.])
    """
    X = numbers(X, "X")
    check_shape(X, "X", "(..., n)")
    check_power_of_two(X, "X", -1)
    return cast("HostArray", np.conj(fft(np.conj(X))) / X.shape[-1])


def fft2d(x: npt.ArrayLike) -> HostArray:
    """Transform an image: first every row, then every column of that.

    The wave exp(-2 pi i (k h / H + l w / W)) is a product of one along h and one along w, so the double sum of
    `scratch.images.fourier.dft.dft2d` can be made one axis at a time.

    Parameters
    ----------
    x : (H, W) array, real or complex; H and W are powers of two

    Returns
    -------
    X : (H, W) array, complex64 for float16, float32 and complex64, else complex128

    Raises
    ------
    TypeError
        if x does not hold numbers
    ValueError
        if x is not (H, W), or empty, or H or W is not a power of two (the message says the next one)

    >>> fft2d([[1.0, 2.0], [3.0, 5.0]]).real
    array([[11., -3.],
           [-5.,  1.]])
    """
    x = numbers(x, "x")
    check_shape(x, "x", "(H, W)")
    check_power_of_two(x, "x", 0, 1)
    return fft(fft(x).T).T


def inverse_fft2d(X: npt.ArrayLike) -> HostArray:
    """Transform back, rows and columns.

    Parameters, returns, raises: as `fft2d`.

    >>> inverse_fft2d(fft2d([[1.0, 2.0], [3.0, 5.0]])).real
    array([[1., 2.],
           [3., 5.]])
    """
    X = numbers(X, "X")
    check_shape(X, "X", "(H, W)")
    check_power_of_two(X, "X", 0, 1)
    return inverse_fft(inverse_fft(X).T).T


def check_power_of_two(x: HostArray, name: str, *axes: int) -> None:
    """Check the lengths along some axes.

    Raises
    ------
    ValueError
        for the first that is not a power of two, with the next power of two
    """
    for axis in axes:
        n = x.shape[axis]
        enough = 1 << (n - 1).bit_length()
        if n != enough:
            raise ValueError(
                f"{name} has shape {x.shape}: a length of {n} is not a power of two, which radix 2 needs; "
                f"pad it with zeros to {enough}, or use numpy.fft, which takes any length"
            )
