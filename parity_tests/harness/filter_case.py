"""Cases of one image filter: the methods of an implementation, against scipy or torch."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parity_tests.harness.case import DTYPES, Case, Inputs, Laws, Spec, Tensors, generator_for
from parity_tests.harness.comparison import EXACT
from parity_tests.harness.filter_referees import REFEREES, Call, pair
from parity_tests.harness.implementations import Implementation
from parity_tests.harness.inputs import draw
from parity_tests.harness.laws.image_filter import direct_law, fft_law, separable_law
from scratch.array import HostArray, to_host
from scratch.images.kernels import KERNELS

OPTIONS = {"stride": 1, "padding": "same", "border": "zero", "clip": None, "dtype": None}
"""The defaults of `correlate2d` and `convolve2d`."""


@dataclass(frozen=True)
class FilterCase(Case):
    """One call of `correlate2d` or `convolve2d`.

    Attributes
    ----------
    spec : which of both, and its options; a dtype is one of integers, to which results are rounded
    referee : "scipy.ndimage", "scipy.signal" or "torch"
    shape : of the image: (H, W), (H, W, C) or (N, H, W, C)
    kernel : (kH, kW), or a name of `scratch.images.kernels.KERNELS`
    weights : how the kernel is drawn: "normal", "integers", or "product", a column times a row
    data : how the image is drawn (see `inputs.draw`)
    integer : an integer dtype for the image, or "bool"; it is then computed in float64, and runs in that alone
    """

    spec: Spec
    referee: str = field()  # without this, the default is Case's
    shape: tuple[int, ...]
    kernel: tuple[int, int] | str
    weights: str = "normal"
    data: str = "normal"
    integer: str | None = None

    @property
    def dtypes(self) -> tuple[str, ...]:  # type: ignore[override]
        """Both, but of integers the one that they are computed in."""
        return DTYPES[1:] if self.integer else DTYPES

    @property
    def op(self) -> str:  # type: ignore[override]
        """correlate2d or convolve2d."""
        return self.spec.op

    @property
    def options(self) -> dict[str, Any]:
        """The options by name, those that are left at their defaults included."""
        return OPTIONS | dict(self.spec.settings)

    def __str__(self) -> str:
        kernel = self.kernel if isinstance(self.kernel, str) else "x".join(map(str, self.kernel))
        image = "x".join(map(str, self.shape))
        words = [str(self.spec), "by", kernel, self.weights, "on", image, self.integer or "", self.data]
        return " ".join(word for word in words if word not in ("", "normal")) + f", {self.referee}"

    @property
    def separable(self) -> bool:
        """Whether the kernel is a column times a row."""
        if isinstance(self.kernel, str):
            return bool(np.linalg.matrix_rank(KERNELS[self.kernel]) == 1)
        return self.weights == "product" or 1 in self.kernel

    @property
    def even(self) -> bool:
        """Whether the kernel has an even number of rows or columns; none of those with a name has."""
        return not isinstance(self.kernel, str) and any(k % 2 == 0 for k in self.kernel)

    def algorithms(self, implementation: Implementation, dtype: str = DTYPES[0]) -> list[str | None]:
        """The methods of an implementation that can serve the case."""
        cannot = set() if self.separable else {"separable"}
        if self.data in ("nan", "inf"):
            cannot.add("fft")
        return [name for name in implementation.algorithms(self.op) if name not in cannot]

    def draw(self, dtype: Any, seed: int) -> Inputs:
        """Make image and kernel."""
        generator = generator_for(self, seed)
        *batch, H, W, C = self.shape if len(self.shape) > 2 else (*self.shape, 1)
        image = np.moveaxis(draw(self.data, (*batch, C, H, W), generator), -3, -1).reshape(self.shape)
        kernel = self._draw_kernel(np.dtype(dtype), generator)
        return {"image": as_integers(image, self.integer) if self.integer else image.astype(dtype), "kernel": kernel}

    def _draw_kernel(self, dtype: Any, generator: np.random.Generator) -> HostArray:
        """Make the kernel; a product is rounded once, in the dtype of the run."""
        if isinstance(self.kernel, str):
            return KERNELS[self.kernel].astype(dtype)
        kH, kW = self.kernel
        if self.weights == "product":
            column, row = (draw("normal", size, generator).astype(dtype) for size in ((kH, 1), (1, kW)))
            product: HostArray = column * row
            return product
        return draw(self.weights, self.kernel, generator).astype(np.int64 if self.weights == "integers" else dtype)

    def run(self, nn: Any, inputs: Inputs, algorithm: str | None = None, place: Any = None) -> Tensors:
        """Run the filter of one of our namespaces.

        Raises
        ------
        ValueError
            if no method is named: the law depends on it
        """
        if algorithm is None:
            raise ValueError(f"{self}: which method?")
        place = nn.asarray if place is None else place
        image, kernel = place(inputs["image"]), inputs["kernel"]
        return {"y": to_host(getattr(nn.images, self.op)(image, kernel, method=algorithm, **dict(self.spec.settings)))}

    def run_torch(self, inputs: Inputs, dtype: Any) -> Tensors:
        """Run scipy or torch, then clip and round."""
        y = self._refereed(*(inputs[name].astype(dtype) for name in ("image", "kernel")))
        if self.options["clip"] is not None:
            y = np.clip(y, *self.options["clip"])
        return {"y": y if self.options["dtype"] is None else np.rint(y).astype(self.options["dtype"])}

    def _refereed(self, image: HostArray, kernel: HostArray) -> HostArray:
        """The referee's result for the bare filter, in the dtype of image and kernel, the axes as they are in image."""
        options = self.options
        call = Call(self.op == "convolve2d", pair(options["stride"]), options["padding"], options["border"])
        *batch, H, W, C = image.shape if image.ndim > 2 else (*image.shape, 1)
        channels_first = np.moveaxis(image.reshape(*batch, H, W, C), -1, -3)
        y = REFEREES[self.referee](channels_first.reshape(int(np.prod(batch)) * C, H, W), kernel, call)
        channels_last: HostArray = np.moveaxis(y.reshape(*batch, C, *y.shape[1:]), -3, -1)
        return channels_last[..., 0] if image.ndim == 2 else channels_last

    def laws(self, inputs: Inputs, eps: float, tiny: float) -> Laws:
        """Sums of products; exact, if all numbers are whole and no sum is too large for the format.

        Clipping makes no error larger. A result that is rounded to integers is exact by any method, as long as nothing
        is close to a half: a test sees to that.
        """
        if self.options["dtype"] is not None:
            return {"y": EXACT}
        A = self._sizes(inputs)
        whole = all(bool(np.all(value == np.rint(value))) for value in inputs.values())
        if whole and A.max(initial=0) < 1 / eps:
            return {"y": EXACT}
        return {"y": direct_law(A, inputs["kernel"].shape, eps, tiny)}

    def other_laws(self, inputs: Inputs, eps: float, tiny: float) -> dict[str, Laws]:
        """Two passes, and products of spectra."""
        if self.options["dtype"] is not None:
            return {}
        A, image, kernel = self._sizes(inputs), inputs["image"], inputs["kernel"]
        return {
            "separable": {"y": separable_law(A, kernel.shape, eps, tiny)},
            "fft": {"y": fft_law(A.shape, image, kernel, self.padded_cells(kernel.shape), eps, tiny)},
        }

    def _sizes(self, inputs: Inputs) -> HostArray:
        """The filter of the absolute values."""
        return self._refereed(*(np.abs(inputs[name].astype(np.float64)) for name in ("image", "kernel")))

    def padded_cells(self, kernel_size: tuple[int, ...]) -> int:
        """The number of cells of one channel with its border."""
        H, W = self.shape[:2] if len(self.shape) < 4 else self.shape[1:3]
        padding, (kH, kW) = self.options["padding"], kernel_size
        more = {"valid": (0, 0), "same": (kH - 1, kW - 1), "full": (2 * kH - 2, 2 * kW - 2)}
        dH, dW = more[padding] if isinstance(padding, str) else (2 * p for p in pair(padding))
        return (H + dH) * (W + dW)


def as_integers(image: HostArray, dtype: str) -> HostArray:
    """Photographs in 0 ... 1 as 0 ... 255, and other numbers alike, cut off where the dtype ends; bool is above 0.5."""
    if dtype == "bool":
        return np.greater(image, 0.5)
    limits = np.iinfo(dtype)
    integers: HostArray = np.clip(np.rint(image * 255), limits.min, limits.max).astype(dtype)
    return integers
