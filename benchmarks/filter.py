"""Image filters: the same cross-correlation by everybody, with zeros beyond the edge, of the size of the image.

The kernel's sizes are odd: everybody has the same idea of its middle then. Who convolves gets it turned by 180 degrees.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import torch

from benchmarks.contenders import Contender, Ours, Scipy, Torch
from benchmarks.problem import SEED, Judged, Trial
from benchmarks.timing import Arm
from parity_tests.harness.case import Spec, Tensors
from parity_tests.harness.filter_case import FilterCase
from parity_tests.harness.referee import Reference, judge_tensor, refer
from parity_tests.harness.torch_side import tensor
from scratch.array import HostArray, to_host
from scratch.images import separable


@dataclass(frozen=True)
class Filter:
    """One filter, on one image."""

    case: FilterCase
    dtype: str = "float32"

    directions = ("forward",)
    bytes_to_judge = 0

    @classmethod
    def of(cls, shape: tuple[int, int], k: int, weights: str, dtype: str) -> "Filter":
        """Filter an image of that shape with a k x k kernel; `weights` says how that is drawn, see `FilterCase`.

        The referee is scipy.ndimage: in float64, torch first copies each pixel's neighbourhood, 20 GB for the largest.
        """
        return cls(FilterCase(Spec.of("correlate2d"), "scipy.ndimage", shape, (k, k), weights), dtype)

    def __str__(self) -> str:
        kernel, image = ("x".join(map(str, size)) for size in (self.case.kernel, self.case.shape))
        return f"{'separable ' * self.case.separable}{kernel} kernel on {image} pixels, {self.dtype}"

    def draw(self) -> Trial:
        """Draw image and kernel, and let the oracle answer."""
        return FilterTrial(self, refer(self.case, self.case.draw(np.dtype(self.dtype), SEED), self.dtype))


@dataclass(frozen=True)
class FilterTrial:
    """A filter with image and kernel, and what it should give."""

    problem: Filter
    should: Reference

    def arm(self, contender: Contender) -> Arm | None:
        """Lay image and kernel in place, and name the function."""
        image, kernel = self.should.inputs["image"], self.should.inputs["kernel"]
        call: Callable[[], Any] | None
        match contender:
            case Ours(precision="strict"):
                call = ours(contender, image, kernel)
            case Torch(channels_last=False):
                call = torchs(contender, image, kernel)
            case Scipy():
                call = scipys(contender, image, kernel)
            case _:  # filters know no precision, and an image of one channel no memory format
                call = None
        if call is None:
            return None

        def results() -> Tensors:
            return {"y": to_host(call()).reshape(image.shape)}

        def ran() -> str:
            return self.method(contender) if isinstance(contender, Ours) else ""

        return Arm({"forward": call}, image.size, results, contender.finish(), ran=ran)

    def judge(self, contender: Contender, arm: Arm) -> list[Judged]:
        """Judge what is timed afterwards, by the law of the method that runs."""
        got, want, laws = arm.results()["y"], self.should.oracle["y"], self.should.laws_of(self.method(contender))
        return [Judged(str(self.problem), "y", judge_tensor(got, want, laws, "y", self.problem.dtype))]

    def method(self, contender: Contender) -> str:
        """Tell by which method a contender filters."""
        match contender:
            case Ours(method="auto"):
                nn = contender.nn
                method: str = nn.images.choose_method(
                    nn.asarray(self.should.inputs["image"]), self.should.inputs["kernel"]
                )
                return method
            case Torch():
                return "separable" if contender.two_passes else "direct"
        return contender.method


def ours(contender: Ours, image: HostArray, kernel: HostArray) -> Callable[[], Any] | None:
    """Call correlate2d of one of our namespaces; None if it has no such method for this kernel."""
    nn = contender.nn
    if contender.method not in ("auto", *nn.backend.correlate2d):
        return None
    if contender.method == "separable" and separable.factors(kernel) is None:
        return None
    x = nn.asarray(image)
    return lambda: nn.images.correlate2d(x, kernel, method=contender.method)


def torchs(contender: Torch, image: HostArray, kernel: HostArray) -> Callable[[], Any] | None:
    """Call conv2d, with the kernel or with its column and its row."""
    if not contender.two_passes:
        parts = [kernel]
    elif (found := separable.factors(kernel)) is not None:
        parts = [found[0][:, None], found[1][None]]
    else:
        return None
    x = tensor(image)[None, None].to(contender.device)
    passes = [(tensor(part)[None, None].to(contender.device), [n // 2 for n in part.shape]) for part in parts]

    def call() -> torch.Tensor:
        y = x
        for weight, padding in passes:
            y = torch.nn.functional.conv2d(y, weight, padding=padding)
        return y

    return call


def scipys(contender: Scipy, image: HostArray, kernel: HostArray) -> Callable[[], Any] | None:
    """Call a function of scipy, with the kernel, turned if the function turns it, or with its column and its row."""
    module, _, name = contender.name.partition("+")[0].rpartition(".")
    function, options = getattr(import_module(module), name), dict(contender.options)
    if contender.method == "separable":
        found = separable.factors(kernel)
        if found is None:
            return None
        column, row = found
        return lambda: function(function(image, column, 0, **options), row, 1, **options)
    set_workers = import_module("scipy.fft").set_workers if contender.workers else nullcontext
    weight = np.ascontiguousarray(kernel[::-1, ::-1]) if contender.flips else kernel

    def call() -> Any:
        with set_workers(torch.get_num_threads()):
            return function(image, weight, **options)

    return call
