"""What filtered images are compared with: the sum over pixels in plain Python; the methods' laws by name."""

from typing import Any

import numpy as np

from parity_tests.harness.comparison import Law, compare
from parity_tests.harness.laws.image_filter import direct_law, fft_law, separable_law
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
    """The law of a method; A is the same filter on absolute values."""
    info = np.finfo(dtype)
    eps, tiny = float(info.eps), float(info.tiny)
    if method == "fft":
        return fft_law(A.shape, image, kernel, padded_cells, eps, tiny)
    its_law = separable_law if method == "separable" else direct_law
    return its_law(A, kernel.shape, eps, tiny)


def agrees(got: HostArray, want: HostArray, its_law: Law | None, dtype: Any) -> None:
    """Fail unless `got` agrees with `want` under the law."""
    found = compare(got, want, its_law, dtype)
    assert found.verdict.agrees, f"{found}"
