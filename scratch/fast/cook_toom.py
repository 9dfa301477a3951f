"""Convolution with few products: the transforms of Cook, Toom and Winograd, as exact fractions.

m neighbouring outputs of a kernel of r taps take m*r products if each is computed alone, but m + r - 1 are enough:

    y[i] = sum over j of  g[j] * d[i + j]                              a tile d of a = m + r - 1 cells gives m outputs

    y = A.T @ ((G @ g) * (B @ d))                                      A is (n, m), G is (n, r), B is (n, a)

    d   . . . . . .        B       G   g . . .
        |_________|  ---> [n]  *  [n] <---            n products
                               |
    y    . . . .  <--- A.T ----

In two dimensions the same is done along both axes: F(4x4, 3x3) makes 16 outputs of 36 cells.

Where it comes from. Take u, of m numbers, and g as the coefficients of polynomials. Their product s(x) = u(x) g(x), of
a coefficients, is known from its values at a points, and each value is one product u(p) g(p):

    evaluate    A @ u, G @ g            rows of powers 1, p, p**2, ...; at the point "infinity" the last coefficient
    multiply    (A @ u) * (G @ g)
    interpolate s = C @ that            C is the inverse of the matrix that evaluates s

A bilinear map transposed is the convolution above: y = A.T @ ((G @ g) * (C.T @ d)), so B is C.T. And since all three
roles may be exchanged, the same matrices give the gradient of the kernel: dg = G.T @ ((A @ dy) * (B @ d)).

Which points. Rounding errors grow with the entries of the matrices: the points 0, 1, -1 and infinity have entries 0, 1
and powers of 1/2 only; with 1/2, 2 or -2, which more products than four need, errors grow ten times. There is a better
fifth and sixth point: i and -i. s modulo x**2 + 1 has two coefficients, and to multiply two complex numbers takes
three products (Karatsuba), all entries being 0 and +-1 again. So F(4, 3) with 7 products in place of 6 is as accurate
as direct convolution, and integers stay exact. Measured, in both axes, relative to direct sums in float32 of 64
channels: see winograd.py.

Sources: Winograd, "Arithmetic complexity of computations", 1980; Lavin and Gray, "Fast algorithms for convolutional
neural networks", 2016; Barabasz and Gregg, "Winograd convolution for DNNs: beyond linear polynomials", 2019.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, Literal, TypeAlias

import numpy as np

from scratch.array import HostArray

Point: TypeAlias = Fraction | int | Literal["infinity", "i"]
"""A number; the highest coefficient; or i and -i together, which count for two and take three products."""

Row: TypeAlias = tuple[Fraction, ...]
Matrix: TypeAlias = tuple[Row, ...]


@dataclass(frozen=True, eq=False)  # the hash is then the object's: one of so many fractions takes a tenth of a ms
class Transforms:
    """F(m, r): m outputs of a kernel of r taps, from n products.

    Attributes
    ----------
    A, B, G : (n, m), (n, m + r - 1), (n, r)
    """

    A: Matrix
    B: Matrix
    G: Matrix

    @property
    def m(self) -> int:
        """Outputs of a tile."""
        return len(self.A[0])

    @property
    def r(self) -> int:
        """Taps of the kernel."""
        return len(self.G[0])

    @property
    def n(self) -> int:
        """Products."""
        return len(self.A)

    @property
    def one(self) -> int:
        """Which product adds to all outputs alike: that of the point 1."""
        return self.A.index((Fraction(1),) * self.m)

    @property
    def growth(self) -> Fraction:
        """How much larger than |g| * |d| the numbers in between may get, at most: the largest sums of |entries|.

        |B @ d| <= b max|d|,  |G @ g| <= g max|g|,  |A.T @ p| <= a max|p|:  a * b * g.
        """
        return largest_sum(zip(*self.A, strict=True)) * largest_sum(self.B) * largest_sum(self.G)

    @property
    def gradient_growth(self) -> Fraction:
        """The same for dg = G.T @ ((A @ dy) * (B @ d))."""
        return largest_sum(self.A) * largest_sum(self.B) * largest_sum(zip(*self.G, strict=True))


def largest_sum(rows: Iterable[Row]) -> Fraction:
    """The largest sum of absolute values of a row."""
    return max(sum((abs(value) for value in row), Fraction(0)) for row in rows)


@lru_cache
def cook_toom(m: int, r: int, points: tuple[Point, ...]) -> Transforms:
    """The transforms of F(m, r), checked exactly.

    Parameters
    ----------
    m : outputs of a tile
    r : taps of the kernel
    points : different ones, m + r - 1 in all, where "i" counts for two

    Returns
    -------
    Transforms, B in integers

    Raises
    ------
    ValueError
        if the points are too few, too many, or not different

    Examples
    --------
    >>> F = cook_toom(2, 3, (0, 1, -1, "infinity"))
    >>> for name, matrix in zip("ABG", arrays(F, np.float64), strict=True):
    ...     print(name, *matrix.tolist())
    A [1.0, 0.0] [1.0, 1.0] [1.0, -1.0] [0.0, 1.0]
    B [1.0, 0.0, -1.0, 0.0] [0.0, 1.0, 1.0, 0.0] [0.0, -1.0, 1.0, 0.0] [0.0, -1.0, 0.0, 1.0]
    G [1.0, 0.0, 0.0] [0.5, 0.5, 0.5] [0.5, -0.5, 0.5] [0.0, 0.0, 1.0]
    """
    a = m + r - 1
    remainders = [row for point in points for row in modulo(point, a)]
    if len(set(points)) != len(points) or len(remainders) != a:
        raise ValueError(f"points={points!r}: F({m}, {r}) needs {a} different ones, where 'i' counts for two")
    C = times(inverse(tuple(remainders)), from_products(points))
    A, B, G = evaluate(points, m), tuple(zip(*C, strict=True)), evaluate(points, r)
    scales = [lcm(*(value.denominator for value in row)) for row in B]  # moved to G: B @ d then rounds sums only
    B = tuple(tuple(value * scale for value in row) for row, scale in zip(B, scales, strict=True))
    G = tuple(tuple(value / scale for value in row) for row, scale in zip(G, scales, strict=True))
    found = Transforms(A, B, G)
    check(found)
    return found


def check(F: Transforms) -> None:
    """Multiply the three matrices out, and compare with the definition: exact, for they are fractions.

    Raises
    ------
    ArithmeticError
        if  sum over t of A[t, i] G[t, j] B[t, k]  is anything but 1 where k = i + j, and 0 elsewhere
    """
    for i in range(F.m):
        for j in range(F.r):
            for k in range(F.m + F.r - 1):
                total = sum(F.A[t][i] * F.G[t][j] * F.B[t][k] for t in range(F.n))
                if total != (k == i + j):
                    raise ArithmeticError(f"F({F.m}, {F.r}): g[{j}] * d[{k}] counts {total} times in y[{i}]")


def modulo(point: Point, length: int) -> list[Row]:
    """The rows that take a polynomial of so many coefficients to its remainder: its value; two numbers for "i"."""
    if point == "infinity":
        return [tuple(Fraction(int(k == length - 1)) for k in range(length))]
    if point == "i":
        powers = ((1, 0), (0, 1), (-1, 0), (0, -1))  # of i: real and imaginary part
        return [tuple(Fraction(powers[k % 4][part]) for k in range(length)) for part in (0, 1)]
    return [tuple(Fraction(point) ** k for k in range(length))]


def evaluate(points: tuple[Point, ...], length: int) -> Matrix:
    """The rows that give the factors of the products: for "i" the real part, the imaginary one, and their sum."""
    rows: list[Row] = []
    for point in points:
        found = modulo(point, length)
        if point == "i":
            found.append(tuple(x + y for x, y in zip(*found, strict=True)))
        rows += found
    return tuple(rows)


def from_products(points: tuple[Point, ...]) -> Matrix:
    """From the products to the remainders of s: the same, but for a complex product.

    (a + bi) (c + di) = (ac - bd) + ((a + b)(c + d) - ac - bd) i
    """
    blocks = [((1, -1, 0), (-1, -1, 1)) if point == "i" else ((1,),) for point in points]
    n = sum(len(block[0]) for block in blocks)
    rows: list[Row] = []
    column = 0
    for block in blocks:
        before, after = [0] * column, [0] * (n - column - len(block[0]))
        rows += [tuple(map(Fraction, (*before, *values, *after))) for values in block]
        column += len(block[0])
    return tuple(rows)


def times(left: Matrix, right: Matrix) -> Matrix:
    """The product of two matrices."""
    columns = list(zip(*right, strict=True))
    return tuple(tuple(sum(x * y for x, y in zip(row, column, strict=True)) for column in columns) for row in left)


def inverse(matrix: Matrix) -> Matrix:
    """The inverse, by elimination (Gauss and Jordan)."""
    size = len(matrix)
    rows = [[*row, *(Fraction(int(i == j)) for j in range(size))] for i, row in enumerate(matrix)]
    for c in range(size):
        pivot = next(i for i in range(c, size) if rows[i][c] != 0)
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [value / rows[c][c] for value in rows[c]]
        for i in range(size):
            if i != c:
                rows[i] = [x - rows[i][c] * y for x, y in zip(rows[i], rows[c], strict=True)]
    return tuple(tuple(row[size:]) for row in rows)


@lru_cache
def arrays(F: Transforms, dtype: Any) -> tuple[HostArray, HostArray, HostArray]:
    """A, B and G as arrays."""
    A, B, G = (np.array([[float(value) for value in row] for row in matrix], dtype) for matrix in (F.A, F.B, F.G))
    return A, B, G
