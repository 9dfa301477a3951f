"""What each kernel does to the picture, computed in two ways: sums over pixels, and products of spectra."""

import math
from dataclasses import dataclass

import numpy as np

from scratch.array import Array
from scratch.images.filters import correlate2d
from scratch.images.fourier.convolution import convolve_fourier
from scratch.images.fourier.spectrum import centred_transform, spectrum
from scratch.images.gallery.picture import Shown
from scratch.images.kernels import RECORDS, Kernel
from scratch.images.pooling import average_pool


@dataclass(frozen=True)
class Compared:
    """The two ways on one picture.

    Attributes
    ----------
    difference : (H, W) or (H, W, C) array, through Fourier minus by sums, in grey levels
    largest : its largest absolute value
    allowed : what rounding explains, see `rounding`
    """

    difference: Array
    allowed: float

    @property
    def largest(self) -> float:
        """The largest difference, of either sign."""
        return float(np.abs(self.difference).max())

    @property
    def agrees(self) -> bool:
        """Whether rounding explains it."""
        return self.largest <= self.allowed


@dataclass(frozen=True)
class Filtered:
    """A kernel, and the picture after it.

    Attributes
    ----------
    kernel : with its name and what it is for
    clipped : the picture after the kernel, as the tutorials show it: limited to 0 ... 255
    beyond : how many of its numbers lay outside these limits, as a fraction
    by_sums, by_fourier : (H, W) float64 arrays, the grey picture after the kernel
    response : |K|, how much the kernel multiplies each wave, the zero frequency in the middle; at a quarter of the size
    before, after : (H, W) float64 arrays, the spectrum of the grey picture and that of by_sums
    grey, colour : by_sums against by_fourier; colour is None for a grey picture
    """

    kernel: Kernel
    clipped: Array
    beyond: float
    by_sums: Array
    by_fourier: Array
    response: Array
    before: Array
    after: Array
    grey: Compared
    colour: Compared | None

    @property
    def both(self) -> Array:
        """The left half computed by sums, the right half by Fourier."""
        return halves(self.by_sums, self.by_fourier)

    @property
    def spectra(self) -> Array:
        """The left half before the kernel, the right half after it."""
        return halves(self.before, self.after)

    @property
    def thumbnail(self) -> Array:
        """The result in about half the size: in colour, or with signs if the kernel adds up to 0."""
        H, W = self.by_sums.shape
        window = max(1, min(round(W / 150), H // 8))
        return average_pool(self.by_sums if self.signed else self.clipped, window)

    @property
    def signed(self) -> bool:
        """Whether flat areas become 0, so that negative numbers are as good as positive ones."""
        return sum(map(sum, self.kernel.rows)) == 0

    @property
    def compared(self) -> list[Compared]:
        """In grey, and in colour if there is any."""
        return [each for each in (self.grey, self.colour) if each]


@dataclass(frozen=True)
class ByHand:
    """One pixel of a result, step by step.

    Attributes
    ----------
    kernel : laid over the pixel in this row and column
    pixels, products : (3, 3) int arrays, what lies under it, and that times the kernel
    result : what `correlate2d` gives there
    """

    kernel: Kernel
    row: int
    column: int
    pixels: Array
    products: Array
    result: float


@dataclass(frozen=True)
class Gallery:
    """All kernels.

    Attributes
    ----------
    by_hand : an example
    each : by name
    lowest, highest : between which numbers the spectra are told apart
    """

    by_hand: ByHand
    each: dict[str, Filtered]
    lowest: float
    highest: float


def every_kernel(shown: Shown) -> Gallery:
    """Lay each kernel over the picture."""
    before = spectrum(shown.grey)
    each = {name: filtered(shown, kernel, before) for name, kernel in RECORDS.items()}
    lowest, highest = np.percentile(before, (2, 99.9))
    return Gallery(by_hand(shown, each["sobel y"]), each, max(0.0, float(lowest) - 1), float(highest) + 1)


def by_hand(shown: Shown, done: Filtered) -> ByHand:
    """Take one step of a filter, where the picture is busy."""
    rows, columns = shown.detail(3, 3)
    pixels = shown.grey[rows, columns].astype(int)
    row, column = rows.start + 1, columns.start + 1
    products = pixels * np.array(done.kernel.rows)
    return ByHand(done.kernel, row, column, pixels, products, float(done.by_sums[row, column]))


def filtered(shown: Shown, kernel: Kernel, before: Array) -> Filtered:
    """Lay one kernel over the picture, as it is written; `before` is the picture's spectrum.

    By sums that is correlation. The Fourier transform turns a *convolution* into a product, so there the kernel is
    turned by 180 degrees first.
    """
    turned = kernel.array[::-1, ::-1]
    coloured = correlate2d(shown.image, kernel.array, border="replicate")
    by_sums = correlate2d(shown.grey, kernel.array, border="replicate")
    by_fourier = convolve_fourier(shown.grey, turned, "replicate")
    colour = None
    if shown.colour:
        difference = convolve_fourier(shown.image, turned, "replicate") - coloured
        colour = Compared(difference, rounding(shown.image, kernel.array))
    H, W = shown.grey.shape
    placed = np.zeros((max(H // 4, 16), max(W // 4, 16)))
    placed[:3, :3] = kernel.array
    return Filtered(
        kernel,
        np.rint(np.clip(coloured, 0, 255)).astype(np.uint8),
        float(np.mean((coloured < 0) | (coloured > 255))),
        by_sums,
        by_fourier,
        np.abs(centred_transform(placed)),
        before,
        spectrum(by_sums),
        Compared(by_fourier - by_sums, rounding(shown.grey, kernel.array)),
        colour,
    )


def halves(left: Array, right: Array) -> Array:
    """The left half of one picture beside the right half of another of the same size.

    >>> halves(np.zeros((1, 5)), np.ones((1, 5)))
    array([[0., 0., 1., 1., 1.]])
    """
    middle = left.shape[1] // 2
    return np.concatenate([left[:, :middle], right[:, middle:]], axis=1)


def rounding(image: Array, kernel: Array) -> float:
    """How much of a difference rounding explains, in grey levels.

        (10.2 t + K + 6) eps * sum of |kernel| * largest |pixel|

    for sums of K = kH * kW products and a Fourier transform of 2**t pixels, the picture's and its border's.

    Sums of whole numbers are exact, others err by at most (K + 3) eps. One transform errs by at most 3.4 t eps of its
    result; there are three, of the picture, of the kernel and back, and a product of complex numbers, 3 eps. For the
    transforms that is proven for powers of two, and for all pixels together: it bounds the root of their mean square.
    But rounding errors are spread evenly over the pixels, and other lengths take other steps of similar errors: 1,500
    pictures of all sizes from 16 to 320, with all kernels, differed by at most 1.3 t in place of 10.2 t + K + 6.

    Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, theorem 24.2.

    Parameters
    ----------
    image : (H, W) or (H, W, C) array, each channel a picture by itself
    kernel : (kH, kW) array

    >>> f"{rounding(np.full((225, 300), 255), np.ones((3, 3)) / 9):.1e}"
    '1.0e-11'
    """
    (H, W), (kH, kW) = image.shape[:2], kernel.shape
    t = math.log2((H + kH - 1) * (W + kW - 1))
    eps = float(np.finfo(np.float64).eps)
    return (10.2 * t + kernel.size + 6) * eps * float(np.abs(kernel).sum()) * float(np.max(image))
