"""What filtered images are compared with: the sum over pixels in plain Python, and the laws of the methods' errors."""

from typing import Any

import numpy as np

from parity_tests.harness.comparison import Law, compare
from parity_tests.harness.laws import sum_of_products
from scratch.array import HostArray

NUMPY_MODE = {
    "zero": "constant",
    "replicate": "edge",
    "reflect": "reflect",
    "symmetric": "symmetric",
    "circular": "wrap",
}


def brute_force(
    image: HostArray, kernel: HostArray, stride: tuple[int, int], sides: Any, border: str, flip: bool
) -> HostArray:
    """Loop over pixels and kernel cells, in float64, one (H, W) plane; numpy.pad makes the border."""
    padded = np.pad(image.astype(np.float64), sides, mode=NUMPY_MODE[border])  # type: ignore[call-overload]
    kH, kW = kernel.shape
    rows = range(0, padded.shape[0] - kH + 1, stride[0])
    columns = range(0, padded.shape[1] - kW + 1, stride[1])
    y = np.zeros((len(rows), len(columns)))
    for a, top in enumerate(rows):
        for b, left in enumerate(columns):
            for u in range(kH):
                for v in range(kW):
                    weight = kernel[kH - 1 - u, kW - 1 - v] if flip else kernel[u, v]
                    y[a, b] += float(padded[top + u, left + v]) * float(weight)
    return y


def law(method: str, A: HostArray, image: HostArray, kernel: HostArray, dtype: Any, padded_cells: int = 0) -> Law:
    """How far a method's result may be from the exact one; A is the same filter on absolute values.

    loops, direct   sums of K = kH * kW products:  (K + 3) eps A

    separable       the kernel itself may differ from column times row by (kH + kW) eps |kernel|, the quotient in the
                    row by eps |kernel|; the two passes are sums of kH and kW products. In all
                    (2 (kH + kW) + 6) eps A.

    fft             Higham, "Accuracy and Stability of Numerical Algorithms", 2002, theorem 24.2: a transform of
                    N = 2**t numbers errs in the 2-norm by at most t eta / (1 - t eta) of its result's, where eta =
                    mu + gamma_4 (sqrt 2 + mu), and mu <= eps / 2 the error of the tabled sines: eta < 3.4 eps. With
                    x a tile and k the kernel, in units of eps, by Cauchy and Schwarz on the inverse's sum:

                        error of the image's spectrum, times the kernel's      3.4 t |x| |k|
                        error of the kernel's spectrum, times the image's      3.4 t |x| |k|
                        products of complex numbers                            3 |x| |k|
                        the inverse's own error, on |y| <= |x| |k|_1           3.4 t |x| |k|_1

                    As |k| <= |k|_1, that is at most (10.2 t + 3) eps |x| |k|_1. A tile has at most twice the rows and
                    columns of the padded image, so t <= log2(4 cells); |x| is at most that of the whole padded
                    image. The precision index compares root mean squares: roundings of either sign add up as
                    sqrt(t), and are spread evenly over the tile: eps sqrt(t) |x| |k| / sqrt(cells).
    """
    info = np.finfo(dtype)
    eps, tiny = float(info.eps), float(info.tiny)
    kH, kW = kernel.shape
    if method == "fft":
        t = np.log2(4 * padded_cells)
        # A border repeats pixels: the padded image's norm is at most that of so many brightest pixels.
        norm = np.sqrt(padded_cells) * np.max(np.abs(image.astype(np.float64)), initial=0)
        weight = np.abs(kernel.astype(np.float64)).sum()
        hard = (10.2 * t + 3) * eps * norm * weight + tiny
        spread = np.linalg.norm(kernel.astype(np.float64))
        scale = np.sqrt(t) * eps * norm / np.sqrt(padded_cells) * spread + tiny
        return Law(np.full(A.shape, hard), np.full(A.shape, scale))
    if method == "separable":
        one = sum_of_products(A, 2 * (kH + kW) + 3, eps, tiny)
        return Law(one.hard, one.scale)
    return sum_of_products(A, kH * kW, eps, tiny)


def agrees(got: HostArray, want: HostArray, its_law: Law | None, dtype: Any) -> None:
    """Fail unless `got` agrees with `want` under the law."""
    found = compare(got, want, its_law, dtype)
    assert found.verdict.agrees, f"{found}"
