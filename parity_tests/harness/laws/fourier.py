"""How far a correct Fourier transform may be from the exact one.

Relative bounds are of first order in the unit roundoff u = eps / 2; b / (1 - b) in place of b pays for the rest.

One step of a fast transform of length n makes sums of p products, p a prime factor of n. A complex product errs by at
most 2 sqrt(2) u of its size, a sum by p - 1 roundings, a weight (cosine and sine) by mu. With a product by the twiddle
factor and one by the weight of the sum, a result errs, relative to the sum of absolute values, by at most

    step(p) = (p - 1 + 2 (2 sqrt(2) + mu)) u

    in each element     |error| <= (sum over factors p of step(p)) * ||x||_1
    in the 2-norm       ||error|| <= (sum over factors p of sqrt(p) step(p)) * ||X||

The sqrt(p): sums of p absolute values have norm up to p ||x||, where the step itself, a unitary map times sqrt(p),
gives sqrt(p) ||x||. For p = 2 Higham is sharper, with one product less: a step gives mu + 4 sqrt(2) u.

A transform of two axes does the steps of both. Its inverse errs as much, and by two roundings for 1 / (H W).

Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, lemma 3.5 and theorem 24.2 (radix 2); the other
radices in the same way.
"""

import math
from typing import Any

import numpy as np

from scratch.array import HostArray

PRODUCT = 2 * math.sqrt(2)
"""The error of a complex product, in u."""

MU_NUMPY = 2.0
"""numpy.fft's weights, in u: computed with more digits and rounded."""

MU_RADIX_2 = 2 * math.pi + 2
"""Ours: an angle of at most pi with two roundings, and the rounding of cosine and sine."""

MU_WAVE = 16 * math.pi + 4
"""dft.wave: an angle of at most 4 pi; each summand is rounded once, then their sum, 2 pi, and the product with it."""


def unit_roundoff(array: HostArray) -> float:
    """Half the distance from 1 to the next number."""
    return float(np.finfo(array.dtype).eps) / 2


def norm(array: Any) -> float:
    """The 2-norm, computed in double precision."""
    return float(np.linalg.norm(np.asarray(array).astype(np.complex128).ravel()))


def factors(n: int) -> list[int]:
    """The prime factors of n, the smallest first.

    >>> factors(90)
    [2, 3, 3, 5]
    """
    for p in range(2, math.isqrt(n) + 1):
        if n % p == 0:
            return [p, *factors(n // p)]
    return [n] if n > 1 else []


def step(p: int, mu: float) -> float:
    """One step of radix p, in u."""
    return p - 1 + 2 * (PRODUCT + mu)


def by_numpy(size: tuple[int, ...]) -> float:
    """numpy.fft over axes of these lengths: the error relative to the norm of the result, in u.

    From length 50 on, numpy.fft goes another way (Bluestein's) for large prime factors, to which this does not apply.
    """
    for n in size:
        if n >= 50 and max(factors(n)) ** 2 > n:
            raise ValueError(f"a length of {n} has too large a prime factor for this bound")
    return sum(math.sqrt(p) * step(p, MU_NUMPY) for n in size for p in factors(n))


def in_each_element(size: tuple[int, ...]) -> float:
    """numpy.fft over axes of these lengths: the error of an element relative to ||x||_1, in u."""
    return sum(step(p, MU_NUMPY) for n in size for p in factors(n))


def by_radix_2(size: tuple[int, ...]) -> float:
    """Our radix-2 transform: the error relative to the norm of the result, in u."""
    return sum(len(factors(n)) for n in size) * (MU_RADIX_2 + 4 * math.sqrt(2))


def bound(in_u: float, array: HostArray, size: float) -> float:
    """So many u of the array's precision, relative to a size."""
    relative = in_u * unit_roundoff(array)
    return relative / (1 - relative) * size


def by_definition(x: HostArray) -> float:
    """The double sum in float64, every element of it a sum of H W products: the norm of its error."""
    double = x.astype(np.complex128)
    in_u = x.size - 1 + PRODUCT + MU_WAVE
    return bound(in_u, double, float(np.abs(double).sum()) * math.sqrt(x.size))


def convolution(image: HostArray, kernel: HostArray) -> float:
    """Circular convolution by numpy.fft: the norm of its error, of one (H, W) image.

    y = inverse of (K X). No |K| is above ||kernel||_1, so an error of X, and that of the inverse, counts at most that
    often; an error of K, in each element at most in_each_element * ||kernel||_1, is multiplied by X.
    """
    in_u = 2 * by_numpy(image.shape) + in_each_element(image.shape) + PRODUCT + 2
    return bound(in_u, image, float(np.abs(kernel).sum()) * norm(image))


def convolution_by_sums(image: HostArray, kernel: HostArray) -> float:
    """The sum of products in any order: the norm of its error. || |kernel| * |image| || <= ||kernel||_1 ||image||."""
    return bound(kernel.size + 1, image, float(np.abs(kernel).sum()) * norm(image))
