"""The error function on whole arrays of any namespace: NumPy has none.

    erf(x) = 2 / sqrt(pi) * integral of exp(-t**2) from 0 to x

                  0 <= |x| <= 0.46875        |x| * A(x**2) / B(x**2)
                  beyond                     1 - exp(-x**2) * C(|x|) / D(|x|)

and the sign of x. A, B, C and D are polynomials whose quotients W. J. Cody fitted: within 6e-19 (relative) of the first
form, and of the second one up to |x| = 4. Beyond 4, where Cody has a third form, erf differs from 1 by less than 2e-8,
of which the second form still has eight digits; beyond 6 it differs by less than 1e-16, and |x| counts as 6.

Measured against math.erf, relative to it: at most 3.4 eps in float32 and 3.0 eps in float64, both just above 0.46875,
and 2.4 elsewhere (parity_tests/fast/test_erf.py).

GELU in float32 takes normal.py instead, which is faster.

Source: Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23, 1969; the coefficients are
those of his CALERF in the library SPECFUN.
"""

from scratch.array import Array, namespace_of

NEAR = 0.46875
LARGEST = 6

A = (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3)  # fmt: skip
B = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
C = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3)  # fmt: skip
D = (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)  # fmt: skip
"""Coefficients, that of the highest power first."""


def erf(x: Array) -> Array:
    """The error function of each number; NaN stays NaN.

    Parameters
    ----------
    x : floating array of any shape, not modified

    Examples
    --------
    >>> import numpy as np
    >>> erf(np.array([-np.inf, 0.0, 0.5])).round(4)
    array([-1.    ,  0.    ,  0.5205])
    """
    xp = namespace_of(x)
    size = xp.minimum(abs(x), LARGEST)
    square = size * size
    near = polynomial(A, square)
    near /= polynomial(B, square)
    near *= size
    far = polynomial(C, size)
    far /= polynomial(D, size)
    far *= xp.exp(-square)
    return xp.copysign(xp.where(size <= NEAR, near, 1 - far), x)  # type: ignore[no-any-return]


def polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Horner's scheme: ((c0 * x + c1) * x + c2) ..."""
    first, *others, last = coefficients
    total = x * first
    for coefficient in others:
        total += coefficient
        total *= x
    total += last
    return total
