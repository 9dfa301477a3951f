"""Wrong Fourier transforms are caught, and the tutorial's middle of the kernel; right ones have laws that fit."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from parity_tests.fourier.tutorial import tutorial_convolve
from parity_tests.harness.case import Case
from parity_tests.harness.cases.fourier import CASES
from parity_tests.harness.implementations import IMPLEMENTATIONS
from parity_tests.harness.referee import judge, reference
from parity_tests.harness_tests.planted import Planted, accusations, altered, planted
from scratch import images
from scratch.images import fourier
from scratch.images.fourier import convolution, dft, fft


def with_fourier(module: ModuleType, **functions: Any) -> Planted:
    """A namespace with some functions of a module of `images.fourier` replaced."""
    name = module.__name__.rpartition(".")[2]
    return planted(name, images=altered(images, fourier=altered(fourier, **{name: altered(module, **functions)})))


def few_digits(function: Any, dtype: Any) -> Any:
    """The same function of rounded numbers."""

    def of_rounded(x: Any, *rest: Any) -> Any:
        parts = [part.astype(dtype).astype(part.dtype) for part in (x.real, x.imag)]
        return function(parts[0] + 1j * parts[1] if x.dtype.kind == "c" else parts[0], *rest)

    return of_rounded


WRONG = {
    "exponent's sign": with_fourier(fft, fft2d=lambda x: np.conj(fft.fft2d(x))),
    "rows only": with_fourier(fft, fft2d=fft.fft),
    "frequency 0 in the middle": with_fourier(fft, fft2d=lambda x: np.fft.fftshift(fft.fft2d(x))),
    "not divided by H W": with_fourier(dft, inverse_dft2d=lambda X: dft.inverse_dft2d(X) * X.size),
    "forward for backward": with_fourier(dft, inverse_dft2d=lambda X: dft.dft2d(X) / X.size),
    "real part only": with_fourier(fft, inverse_fft2d=lambda X: fft.inverse_fft2d(X.real)),
    "the tutorial's middle": with_fourier(convolution, circular_convolve=tutorial_convolve),
    "not flipped": with_fourier(
        convolution, circular_convolve=lambda x, kernel: convolution.circular_convolve(x, kernel[::-1, ::-1])
    ),
    "border ignored": with_fourier(
        convolution, convolve_fourier=lambda x, kernel, border: convolution.convolve_fourier(x, kernel, "circular")
    ),
    "float64 from float32": with_fourier(fft, fft2d=lambda x: fft.fft2d(x.astype(np.float64))),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_caught(name: str):
    """By a verdict; whatever is wrong runs."""
    told = [line for case in CASES for dtype in case.dtypes for line in accusations(case, WRONG[name], dtype)]
    assert told
    assert not any("raised" in line for line in told)


def all_with_few_digits(module: ModuleType, names: tuple[str, ...], dtype: Any) -> Planted:
    """A namespace with functions of rounded numbers."""
    return with_fourier(module, **{name: few_digits(getattr(module, name), dtype) for name in names})


OF_ALGORITHM = {
    "radix 2": (fft, ("fft2d", "inverse_fft2d")),
    "definition": (dft, ("dft2d", "inverse_dft2d")),
    "padded": (convolution, ("convolve_fourier",)),
    "circular": (convolution, ("circular_convolve",)),
}


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize(("run", "has"), [("float32", "float16"), ("float64", "float32")])
def test_fewer_digits_are_never_accurate(case: Case, run: str, has: str):
    for algorithm in case.algorithms(IMPLEMENTATIONS["scratch"]):
        rounded = all_with_few_digits(*OF_ALGORITHM[str(algorithm)], has)
        found = judge(case, rounded, run, algorithm=algorithm)
        assert not all(finding.ours.verdict.agrees for finding in found), algorithm


def test_a_law_is_not_a_thousand_times_wider_than_torch_errs():
    transforms = [case for case in CASES if case.op != "convolve"]
    found = [each for case in transforms for each in reference(case, "float32", seed=0).torch.values()]
    assert max(each.worst for each in found) > 1e-3
    assert max(each.index for each in found) > 1e-2


def test_a_namespace_without_transforms_is_not_asked():
    assert all(case.algorithms(IMPLEMENTATIONS["scratch.naive"]) == [] for case in CASES)
    assert {name for case in CASES for name in case.algorithms(IMPLEMENTATIONS["scratch"])} == {*OF_ALGORITHM}
