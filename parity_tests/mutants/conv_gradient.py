# ruff: noqa: D102  (the base says what a method is for, a mutant's docstring says what is wrong with it)
"""Convolution: what goes wrong in its gradients, in its arithmetic, and with memory."""

from collections.abc import Iterator

import numpy as np

from parity_tests.mutants.base import Array
from parity_tests.mutants.conv import Conv2d
from parity_tests.mutants.table import Mutant
from parity_tests.mutants.window import Overwriting, Tap


class DweightFlipped(Conv2d):
    """Turns the gradient of the weight by 180 degrees."""

    def kernel_gradient(self, dy: Array) -> Array:
        return super().kernel_gradient(dy)[..., ::-1, ::-1]


class KernelNotRotated(Conv2d):
    """Makes dx by a 'full' correlation with the kernel as it is, which should be turned by 180 degrees."""

    def kernel_of_dx(self) -> Array:
        return self.kernel()[..., ::-1, ::-1]


class DbiasNotSummed(Conv2d):
    """Sums dbias over the pixels of the first sample only."""

    def bias_gradient(self, dy: Array) -> Array:
        return super().bias_gradient(dy[:1])


class DbiasAveraged(Conv2d):
    """Averages dbias over samples and pixels."""

    def bias_gradient(self, dy: Array) -> Array:
        return super().bias_gradient(dy) / max(1, dy[:, 0].size)


class DweightAveraged(Conv2d):
    """Averages dweight over the samples."""

    def kernel_gradient(self, dy: Array) -> Array:
        return super().kernel_gradient(dy) / max(1, len(dy))


class StrideIgnoredInBackward(Conv2d):
    """Carries dy back as if the stride had been 1."""

    def taps_back(self, out: tuple[int, ...]) -> Iterator[Tap]:
        strided, self.stride = self.stride, (1, 1)
        yield from self.taps(out)
        self.stride = strided


class PaddingNotCropped(Conv2d):
    """Returns dx with the padding around it."""

    def cropped(self, dpadded: Array) -> Array:
        return dpadded


class DxOverwritten(Overwriting, Conv2d):
    """Goes through the windows and writes into dx, where it should add: of windows that overlap the last one wins."""


class DxTransposed(Conv2d):
    """Returns dx with rows and columns exchanged."""

    def backward(self, dy: Array) -> Array:
        return super().backward(dy).swapaxes(-1, -2)


class UpstreamIgnored(Conv2d):
    """Computes the gradients of y.sum(): dy is not looked at."""

    def backward(self, dy: Array) -> Array:
        return super().backward(np.ones_like(dy))


class InFloat16(Conv2d):
    """Computes in half precision."""

    def product(self, indices: str, a: Array, b: Array) -> Array:
        return super().product(indices, a.astype(np.float16), b.astype(np.float16)).astype(a.dtype)


class InTf32(Conv2d):
    """Rounds the operands to 11 digits, as a GPU does that nobody told otherwise."""

    def product(self, indices: str, a: Array, b: Array) -> Array:
        return super().product(indices, in_digits(a, 11), in_digits(b, 11))


class InBfloat16(Conv2d):
    """Rounds the operands to 8 digits."""

    def product(self, indices: str, a: Array, b: Array) -> Array:
        return super().product(indices, in_digits(a, 8), in_digits(b, 8))


def in_digits(a: Array, digits: int) -> Array:
    """Round to so many binary digits, to the nearest."""
    mantissa, exponent = np.frexp(a)
    rounded: Array = np.ldexp(np.rint(mantissa * 2**digits), exponent - digits).astype(a.dtype)
    return rounded


class DyReshaped(Conv2d):
    """Reads the memory of dy as (O, N, H, W), where the axes should be exchanged: a reshape for a transpose."""

    def backward(self, dy: Array) -> Array:
        if dy.ndim == 4:
            N, O, H, W = dy.shape
            dy = dy.reshape(O, N, H, W).swapaxes(0, 1)
        return super().backward(dy)


class StaleColumns(Conv2d):
    """Keeps the padded image of its first call, and uses it in every later one of the same shape."""

    kept: dict[tuple[int, ...], Array] | None = None

    def padded(self, x: Array) -> Array:
        if self.kept is None or x.shape not in self.kept:
            self.kept = {x.shape: super().padded(x)}
        return self.kept[x.shape]


class BufferNotCleared(Conv2d):
    """Pads in a buffer that is kept from call to call, and does not clear what a wider image has left there."""

    buffer: Array | None = None

    def padded(self, x: Array) -> Array:
        image = super().padded(x)
        if self.padding_mode != "zeros":
            return image
        if self.buffer is None or np.greater(image.shape, self.buffer.shape).any():
            self.buffer = np.zeros(image.shape, x.dtype)
        kept = self.buffer[tuple(map(slice, image.shape))]
        self.cropped(kept)[:] = x
        return kept.copy()


class Float64Leaks(Conv2d):
    """Makes float64 of everything."""

    def padded(self, x: Array) -> Array:
        return super().padded(x).astype(np.float64)


class PaddingInPlace(Conv2d):
    """Sets the outermost pixels of the caller's image to 0 where there is padding."""

    def padded(self, x: Array) -> Array:
        if all(before for before, _ in self.borders):
            x[..., :1, :] = x[..., :1] = 0
        return super().padded(x)


def row(layer: type, *suspects: str) -> Mutant:
    """A row of the table."""
    return Mutant.of(layer, "Conv2d", *suspects)


MUTANTS = [
    row(DweightFlipped, "dweight-flipped"),
    row(KernelNotRotated, "kernel-not-rotated-in-dx"),
    row(DbiasNotSummed, "dbias-not-summed"),
    row(DbiasAveraged, "dbias-averaged"),
    row(DweightAveraged, "dweight-averaged"),
    row(StrideIgnoredInBackward, "stride-ignored-in-backward"),
    row(PaddingNotCropped, "padding-not-cropped"),
    row(DxOverwritten, "dx-overwritten-where-windows-overlap"),
    row(DxTransposed, "spatially-transposed"),
    row(UpstreamIgnored, "upstream-ignored"),
    row(InFloat16, "arithmetic-in-float16"),
    row(InTf32, "arithmetic-in-tf32"),
    row(InBfloat16, "arithmetic-in-bfloat16"),
    row(DyReshaped),
    row(StaleColumns, "depends-on-earlier-call"),
    row(BufferNotCleared, "depends-on-earlier-call"),
    row(Float64Leaks, "float64-leaks"),
    row(PaddingInPlace, "inputs-modified"),
]
