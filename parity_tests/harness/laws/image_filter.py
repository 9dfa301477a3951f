"""The laws of image filters, one for each kind of method: how far a result may be from the exact one, and why.

A is the same filter of the absolute values, computed by the referee, and eps the machine epsilon.

    loops, direct, torch, scipy    sums of products in some order       `direct_law`
    separable                      two passes of such sums              `separable_law`
    fft                            products of spectra                  `fft_law`
"""

import numpy as np

from parity_tests.harness.comparison import Law
from parity_tests.harness.laws.base import sum_of_products
from scratch.array import HostArray


def direct_law(A: HostArray, kernel_size: tuple[int, ...], eps: float, tiny: float) -> Law:
    """Sums of K = kH * kW products, in any order: (K + 3) eps A."""
    kH, kW = kernel_size
    return sum_of_products(A, kH * kW, eps, tiny)


def separable_law(A: HostArray, kernel_size: tuple[int, ...], eps: float, tiny: float) -> Law:
    """A kernel that is taken for a column times a row: (2 (kH + kW) + 6) eps A.

    The kernel itself may differ from column times row by (kH + kW) eps |kernel|, the quotient in the row by
    eps |kernel|; the two passes are sums of kH and of kW products.
    """
    return sum_of_products(A, 2 * sum(kernel_size) + 3, eps, tiny)


def fft_law(
    shape: tuple[int, ...], image: HostArray, kernel: HostArray, padded_cells: int, eps: float, tiny: float
) -> Law:
    """Products of spectra; the errors have the size of the brightest pixels, not of each sum.

    Higham, "Accuracy and Stability of Numerical Algorithms", 2002, theorem 24.2: a transform of N = 2**t numbers errs
    in the 2-norm by at most t eta / (1 - t eta) of its result's, where eta = mu + gamma_4 (sqrt 2 + mu), and
    mu <= eps / 2 the error of the tabled sines: eta < 3.4 eps. With x a tile and k the kernel, in units of eps, by
    Cauchy and Schwarz on the inverse's sum:

        error of the image's spectrum, times the kernel's      3.4 t |x| |k|
        error of the kernel's spectrum, times the image's      3.4 t |x| |k|
        products of complex numbers                            3 |x| |k|
        the inverse's own error, on |y| <= |x| |k|_1           3.4 t |x| |k|_1

    As |k| <= |k|_1, that is at most (10.2 t + 3) eps |x| |k|_1. A tile has at most twice the rows and columns of the
    padded image, so t <= log2(4 cells); |x| is at most that of the whole padded image, and this at most that of so
    many brightest pixels, since a border repeats pixels. The same holds for lengths that are products of 2 and 3: see
    gpu/filters/by_fft.py.

    The precision index compares root mean squares: roundings of either sign add up as sqrt(t), and are spread evenly
    over the tile: eps sqrt(t) |x| |k| / sqrt(cells).

    Parameters
    ----------
    shape : of the result
    image, kernel : what was filtered; all numbers finite
    padded_cells : of one padded image, one channel
    """
    t = np.log2(4 * padded_cells)
    brightest = float(np.max(np.abs(image.astype(np.float64)), initial=0))
    weights = np.abs(kernel.astype(np.float64))
    hard = (10.2 * t + 3) * eps * np.sqrt(padded_cells) * brightest * weights.sum() + tiny
    scale = np.sqrt(t) * eps * brightest * np.linalg.norm(weights) + tiny
    return Law(np.full(shape, hard), np.full(shape, scale))
