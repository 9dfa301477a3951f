"""Cases of the Fourier transform and of convolution by it, for the namespaces that have `images.fourier`."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
import torch

from parity_tests.harness.case import DTYPES, Case, Inputs, Laws, Spec, Tensors, generator_for
from parity_tests.harness.comparison import Law
from parity_tests.harness.filter_referees import Call, by_ndimage
from parity_tests.harness.implementations import Implementation
from parity_tests.harness.inputs import draw
from parity_tests.harness.laws.fourier import bound, by_definition, by_numpy, by_radix_2, convolution, norm
from parity_tests.harness.torch_side import host, tensor
from scratch.array import HostArray, to_host

METHODS = {
    "fft2": {"definition": "dft.dft2d", "radix 2": "fft.fft2d"},
    "ifft2": {"definition": "dft.inverse_dft2d", "radix 2": "fft.inverse_fft2d"},
    "convolve": {"circular": "convolution.circular_convolve", "padded": "convolution.convolve_fourier"},
}
"""What can be done in several ways, and the function of `images.fourier` for each of them."""


@dataclass(frozen=True)
class FourierCase(Case):
    """One transform, its inverse, or one convolution in Fourier space.

    Attributes
    ----------
    spec : "fft2" and "ifft2", named as in torch.fft; or "convolve" with a border
    shape : (H, W) of the image
    data : how the image is drawn; a spectrum is drawn likewise, real and imaginary part
    kernel : (kH, kW), of a convolution
    """

    spec: Spec
    shape: tuple[int, int]
    data: str = "normal"
    kernel: tuple[int, int] | None = None

    @property
    def op(self) -> str:  # type: ignore[override]
        """fft2, ifft2 or convolve."""
        return self.spec.op

    @property
    def referee(self) -> str:  # type: ignore[override]
        """torch.fft for the transforms; for a convolution one that knows nothing of them."""
        return "scipy.ndimage" if self.kernel else "torch.fft"

    @property
    def border(self) -> str:
        """What continues the image, of a convolution."""
        return str(dict(self.spec.settings)["border"])

    def __str__(self) -> str:
        kernel = f" by {'x'.join(map(str, self.kernel))}" if self.kernel else ""
        data = "" if self.data == "normal" else f" {self.data}"
        return f"{self.spec}{kernel} on {'x'.join(map(str, self.shape))}{data}"

    def algorithms(self, implementation: Implementation, dtype: str = DTYPES[0]) -> list[str | None]:
        """The ways that can serve the case; none where the namespace has no Fourier transform."""
        if not hasattr(implementation.nn.images, "fourier"):
            return []
        cannot = set()
        if any(n & (n - 1) for n in self.shape):
            cannot.add("radix 2")
        if self.kernel and (self.border != "circular" or any(np.greater(self.kernel, self.shape))):
            cannot.add("circular")
        return [name for name in METHODS[self.op] if name not in cannot]

    def draw(self, dtype: Any, seed: int) -> Inputs:
        """Make the image and a kernel, or both parts of a spectrum."""
        generator = generator_for(self, seed)
        names = {"fft2": ("x",), "ifft2": ("real", "imag"), "convolve": ("x", "kernel")}[self.op]
        shapes = {"kernel": self.kernel or ()}
        return {name: draw(self.data, shapes.get(name, self.shape), generator).astype(dtype) for name in names}

    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Run it in one of the ways, by name."""
        if algorithm is None:
            raise ValueError(f"{self}: which way?")
        function = attrgetter(METHODS[self.op][algorithm])(nn.images.fourier)
        place = nn.asarray if place is None else place
        if self.kernel:
            border = () if algorithm == "circular" else (self.border,)
            return {"y": to_host(function(place(inputs["x"]), inputs["kernel"], *border))}
        return parts(to_host(function(place(given(inputs)))))

    def run_torch(self, inputs: Inputs, dtype: Any) -> Tensors:
        """Run torch.fft or scipy.ndimage."""
        inputs = {name: value.astype(dtype) for name, value in inputs.items()}
        if self.kernel:
            call = Call(flip=True, stride=(1, 1), padding="same", border=self.border)
            return {"y": by_ndimage(inputs["x"][None], inputs["kernel"], call)[0]}
        transform = torch.fft.fft2 if self.op == "fft2" else torch.fft.ifft2
        return parts(host(transform(tensor(given(inputs)))))

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """Fast transforms with the prime factors of the lengths, of a convolution those of the padded image."""
        if self.kernel:
            return self.of_convolution([n + k - 1 for n, k in zip(self.shape, self.kernel, strict=True)], inputs, eps)
        return self.of_transform(by_numpy(self.shape), inputs, eps)

    def other_laws(self, inputs: Inputs, eps: float, tiny: float) -> dict[str, Laws]:
        """Without padding; our radix 2; and the double sum, which is made in float64 and then rounded."""
        if self.kernel:
            return {"circular": self.of_convolution(self.shape, inputs, eps)}
        x = given(inputs)
        return {
            "radix 2": self.of_transform(by_radix_2(self.shape), inputs, eps),
            "definition": self.of_transform(0, inputs, eps, by_definition(x) / (1 if self.op == "fft2" else x.size)),
        }

    def of_convolution(self, size: Sequence[int], inputs: Inputs, eps: float) -> Laws:
        """The law of a convolution by transforms of that size; a border repeats pixels, the brightest at worst."""
        brightest = np.full(size, np.abs(inputs["x"]).max())
        result = float(np.abs(inputs["kernel"]).sum()) * norm(brightest)
        return {"y": self.law(convolution(brightest, inputs["kernel"]), result, eps)}

    def of_transform(self, in_u: float, inputs: Inputs, eps: float, more: float = 0.0) -> Laws:
        """The laws of both parts: so many u of the result's norm (Parseval), 2 for rounding it or for 1 / (H W).

        `more` is added, and the oracle's own error.
        """
        x = given(inputs)
        result = norm(x) * float(np.sqrt(x.size)) / (1 if self.op == "fft2" else x.size)
        oracle = bound(by_numpy(self.shape) + 2, x.astype(np.complex128), result)
        law = self.law(bound(in_u + 2, x, result) + more + oracle, result, eps)
        return {"real": law, "imag": law}

    def law(self, error: float, result: float, eps: float) -> Law:
        """No element errs by more than the norm of the error.

        In practice roundings of either sign add up as the root of the number of steps, and are spread evenly.
        """
        cells = self.shape[0] * self.shape[1]
        scale = eps * np.sqrt(max(1.0, np.log2(cells)) / cells) * result
        return Law(np.full(self.shape, error), np.full(self.shape, scale))


def given(inputs: Inputs) -> HostArray:
    """What is transformed: an image, or a spectrum of two parts."""
    if "x" in inputs:
        return inputs["x"]
    real, imag = inputs["real"], inputs["imag"]
    spectrum = np.empty(real.shape, np.result_type(real, np.complex64))
    spectrum.real, spectrum.imag = real, imag
    return spectrum


def parts(result: HostArray) -> Tensors:
    """A complex result as two real tensors."""
    return {"real": result.real.copy(), "imag": result.imag.copy()}
